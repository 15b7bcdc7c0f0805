#ifndef TARE_NATIVE_WORKER_LLAMA_CPP_LIBRARY_H_
#define TARE_NATIVE_WORKER_LLAMA_CPP_LIBRARY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/shared_library.h"

namespace tare {

// The backend of `tare bench` that runs models with llama.cpp from this program.
inline constexpr char kLlamaCppRow[] = "llama.cpp";

// A llama.cpp model with its context, freed by the library that created it.
using LlamaCppModel = std::unique_ptr<void, void (*)(void*)>;

// The functions of workers/llama_cpp_shim.cc, which call llama.cpp; that file describes them.
// Opened only on demand. Must outlive every model that it loads.
class LlamaCppLibrary {
 public:
  // Opens the llama.cpp that `tare backends install llama.cpp` has installed.
  //   Errors  Unsupported if it is missing or belongs to another version of Tare, with how to
  //   install it;
  //           Io if it cannot be loaded.
  static Result<LlamaCppLibrary> Open();

  std::string version() const { return version_(); }

  // The context holds `context_tokens` tokens.
  //   Errors  Unsupported for an architecture that it does not know; InvalidInput; both with
  //           llama.cpp's own message.
  Result<LlamaCppModel> Load(const std::string& path, size_t threads, size_t context_tokens) const;
  // Forgets all tokens of the model's context.
  void Clear(void* model) const { clear_(model); }
  // Runs more tokens; the logits after the last are valid until the next call.
  //   Errors  Internal, with llama.cpp's own message.
  Result<std::span<const float>> Eval(void* model, std::span<const int32_t> ids) const;
  // The same with the logits after each of the tokens, one after another; as many tokens as fit one
  // batch (512, or the context).
  Result<std::span<const float>> EvalAll(void* model, std::span<const int32_t> ids) const;
  size_t Vocabulary(void* model) const { return static_cast<size_t>(vocabulary_(model)); }
  // A model's tokenizer alone, for Tokenize and TextOf. Errors: those of Load.
  Result<LlamaCppModel> LoadVocabulary(const std::string& path) const;
  // Begins with the model's start token, if prompts do. Text that looks like a special token is
  // plain text. Errors: Unsupported for a model without a tokenizer; Internal.
  Result<std::vector<int32_t>> Tokenize(void* model, const std::string& text) const;
  // The tokens' text, which may be incomplete UTF-8.
  std::string TextOf(void* model, std::span<const int32_t> ids) const;

 private:
  explicit LlamaCppLibrary(SharedLibrary library) : library_(std::move(library)) {}
  Status Find();
  Error CannotLoad(const std::string& path) const;

  SharedLibrary library_;
  int (*abi_)() = nullptr;
  const char* (*version_)() = nullptr;
  const char* (*error_)() = nullptr;
  void* (*load_)(const char*, int32_t, uint32_t) = nullptr;
  void* (*load_vocabulary_)(const char*) = nullptr;
  void (*free_)(void*) = nullptr;
  int32_t (*vocabulary_)(const void*) = nullptr;
  void (*clear_)(void*) = nullptr;
  const float* (*eval_)(void*, const int32_t*, int32_t) = nullptr;
  const float* (*eval_all_)(void*, const int32_t*, int32_t) = nullptr;
  int32_t (*tokenize_)(const void*, const char*, int32_t, int32_t*, int32_t) = nullptr;
  int32_t (*text_)(const void*, const int32_t*, int32_t, char*, int32_t) = nullptr;
};

}  // namespace tare

#endif  // TARE_NATIVE_WORKER_LLAMA_CPP_LIBRARY_H_
