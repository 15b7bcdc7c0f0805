#include "native_worker/llama_cpp_library.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "bench/rows/backends.h"

namespace tare {
namespace {

constexpr int kAbi = 2;
constexpr int32_t kNoTokenizer = std::numeric_limits<int32_t>::min();

std::string OneLine(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.empty() ? "no reason given" : text;
}

}  // namespace

Result<LlamaCppLibrary> LlamaCppLibrary::Open() {
  TARE_ASSIGN_OR_RETURN(const Backend* backend, FindBackend(kLlamaCppRow));
  TARE_RETURN_IF_ERROR(CheckCanRun(*backend));
  const std::string path = ShimPath(*backend);
  Result<SharedLibrary> opened = SharedLibrary::Open(path);
  if (!opened.ok()) return opened.error().In("cannot load llama.cpp");
  LlamaCppLibrary library(std::move(opened).value());
  if (const Status found = library.Find(); !found.ok()) {
    return found.error().In(
        "llama.cpp was installed by another version of Tare; try: tare backends install llama.cpp");
  }
  if (library.abi_() != kAbi) {
    return Unsupported("{} has interface version {}, expected {}; is TARE_WORKERS_DIR right?", path,
                       library.abi_(), kAbi);
  }
  return library;
}

Status LlamaCppLibrary::Find() {
  TARE_RETURN_IF_ERROR(library_.Find("tare_llama_abi", abi_));
  TARE_RETURN_IF_ERROR(library_.Find("tare_llama_version", version_));
  TARE_RETURN_IF_ERROR(library_.Find("tare_llama_error", error_));
  TARE_RETURN_IF_ERROR(library_.Find("tare_llama_load", load_));
  TARE_RETURN_IF_ERROR(library_.Find("tare_llama_load_vocabulary", load_vocabulary_));
  TARE_RETURN_IF_ERROR(library_.Find("tare_llama_free", free_));
  TARE_RETURN_IF_ERROR(library_.Find("tare_llama_vocabulary", vocabulary_));
  TARE_RETURN_IF_ERROR(library_.Find("tare_llama_clear", clear_));
  TARE_RETURN_IF_ERROR(library_.Find("tare_llama_eval", eval_));
  TARE_RETURN_IF_ERROR(library_.Find("tare_llama_eval_all", eval_all_));
  TARE_RETURN_IF_ERROR(library_.Find("tare_llama_tokenize", tokenize_));
  return library_.Find("tare_llama_text", text_);
}

Result<LlamaCppModel> LlamaCppLibrary::Load(const std::string& path, size_t threads,
                                            size_t context_tokens) const {
  LlamaCppModel model(
      load_(path.c_str(), static_cast<int32_t>(threads), static_cast<uint32_t>(context_tokens)),
      free_);
  if (model != nullptr) return model;
  return CannotLoad(path);
}

Result<LlamaCppModel> LlamaCppLibrary::LoadVocabulary(const std::string& path) const {
  LlamaCppModel model(load_vocabulary_(path.c_str()), free_);
  if (model != nullptr) return model;
  return CannotLoad(path);
}

Error LlamaCppLibrary::CannotLoad(const std::string& path) const {
  const std::string why = OneLine(error_());
  if (why.find("unknown model architecture") != std::string::npos) {
    return Unsupported("llama.cpp cannot load {}: {}", path, why);
  }
  return InvalidInput("llama.cpp cannot load {}: {}", path, why);
}

Result<std::vector<int32_t>> LlamaCppLibrary::Tokenize(void* model, const std::string& text) const {
  const auto bytes = static_cast<int32_t>(text.size());
  std::vector<int32_t> ids(text.size() + 1);  // a token is at least a byte, but for the first
  int32_t count =
      tokenize_(model, text.data(), bytes, ids.data(), static_cast<int32_t>(ids.size()));
  if (count < 0 && count != kNoTokenizer) {
    ids.resize(static_cast<size_t>(-int64_t{count}));
    count = tokenize_(model, text.data(), bytes, ids.data(), -count);
  }
  if (count == kNoTokenizer) return Unsupported("the file has no tokenizer for llama.cpp");
  if (count < 0) return InternalError("llama.cpp gave {} for the number of tokens", count);
  ids.resize(static_cast<size_t>(count));
  return ids;
}

Result<std::span<const float>> LlamaCppLibrary::Eval(void* model,
                                                     std::span<const int32_t> ids) const {
  const float* const logits = eval_(model, ids.data(), static_cast<int32_t>(ids.size()));
  if (logits == nullptr) return InternalError("llama.cpp failed: {}", OneLine(error_()));
  return std::span<const float>(logits, static_cast<size_t>(vocabulary_(model)));
}

Result<std::span<const float>> LlamaCppLibrary::EvalAll(void* model,
                                                        std::span<const int32_t> ids) const {
  const float* const logits = eval_all_(model, ids.data(), static_cast<int32_t>(ids.size()));
  if (logits == nullptr) return InternalError("llama.cpp failed: {}", OneLine(error_()));
  return std::span<const float>(logits, ids.size() * Vocabulary(model));
}

std::string LlamaCppLibrary::TextOf(void* model, std::span<const int32_t> ids) const {
  const auto count = static_cast<int32_t>(ids.size());
  std::string text(16 * ids.size() + 16, '\0');
  int32_t bytes = text_(model, ids.data(), count, text.data(), static_cast<int32_t>(text.size()));
  if (bytes == std::numeric_limits<int32_t>::min()) return "";
  if (bytes < 0) {
    text.resize(static_cast<size_t>(-bytes));
    bytes = text_(model, ids.data(), count, text.data(), -bytes);
  }
  text.resize(static_cast<size_t>(std::max(bytes, 0)));
  return text;
}

}  // namespace tare
