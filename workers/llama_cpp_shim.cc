// The C functions that the backend `llama.cpp` calls: thin wrappers of llama.cpp's own, so that no
// interpreter is measured with it. `tare backends install llama.cpp` compiles this file against the
// headers of the llama.cpp that it installs; src/native_worker/llama_cpp_library.h declares the
// same functions and opens the result. Settings are llama.cpp's defaults, except for threads, the
// context and batches of at most 512 tokens. Models are mapped, and nothing runs on a GPU.
#include <cstdint>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "llama.h"

namespace {

// llama.cpp gives reasons for failures only in its log; the first error is kept for `error`, since
// later ones only say that something failed.
std::string& LastError() {
  static std::string text;
  return text;
}

void KeepErrors(ggml_log_level level, const char* text, void*) {
  if (level == GGML_LOG_LEVEL_ERROR && text != nullptr && LastError().empty()) LastError() = text;
}

}  // namespace

struct TareLlama {
  struct FreeModel {
    void operator()(llama_model* model) const { llama_model_free(model); }
  };
  struct FreeContext {
    void operator()(llama_context* context) const { llama_free(context); }
  };
  std::unique_ptr<llama_model, FreeModel> model;
  std::unique_ptr<llama_context, FreeContext> context;  // must be freed before its model
};

extern "C" {

// Increase it when these signatures change.
int tare_llama_abi() { return 2; }

const char* tare_llama_version() { return llama_version(); }

// The reason for the last failure; never null.
const char* tare_llama_error() { return LastError().c_str(); }

// Null on failure.
TareLlama* tare_llama_load(const char* path, int32_t threads, uint32_t context_tokens) try {
  llama_log_set(KeepErrors, nullptr);
  LastError().clear();
  llama_backend_init();
  auto made = std::make_unique<TareLlama>();
  llama_model_params model = llama_model_default_params();
  model.load_mode = LLAMA_LOAD_MODE_MMAP;
  model.n_gpu_layers = 0;
  made->model.reset(llama_model_load_from_file(path, model));
  if (made->model == nullptr) return nullptr;
  llama_context_params context = llama_context_default_params();
  context.n_ctx = context_tokens;
  context.n_batch = context_tokens < 512 ? context_tokens : 512;
  context.n_ubatch = context.n_batch;
  context.n_threads = threads;
  context.n_threads_batch = threads;
  made->context.reset(llama_init_from_model(made->model.get(), context));
  return made->context == nullptr ? nullptr : made.release();
} catch (const std::exception& error) {
  LastError() = error.what();
  return nullptr;
}

// The tokenizer alone: only tare_llama_tokenize, tare_llama_text and tare_llama_free take what it
// returns. Null on failure.
TareLlama* tare_llama_load_vocabulary(const char* path) try {
  llama_log_set(KeepErrors, nullptr);
  LastError().clear();
  llama_backend_init();
  auto made = std::make_unique<TareLlama>();
  llama_model_params model = llama_model_default_params();
  model.vocab_only = true;
  made->model.reset(llama_model_load_from_file(path, model));
  return made->model == nullptr ? nullptr : made.release();
} catch (const std::exception& error) {
  LastError() = error.what();
  return nullptr;
}

void tare_llama_free(TareLlama* model) { delete model; }

int32_t tare_llama_vocabulary(const TareLlama* model) {
  return llama_vocab_n_tokens(llama_model_get_vocab(model->model.get()));
}

// Forgets all tokens.
void tare_llama_clear(TareLlama* model) {
  llama_memory_clear(llama_get_memory(model->context.get()), true);
}

// Runs `count` more tokens. Returns the logits after the last one, tare_llama_vocabulary() numbers,
// valid until the next call; null on failure.
const float* tare_llama_eval(TareLlama* model, const int32_t* ids, int32_t count) try {
  LastError().clear();
  llama_context* context = model->context.get();
  const int32_t most = static_cast<int32_t>(llama_n_batch(context));
  for (int32_t done = 0; done < count; done += most) {
    const int32_t part = count - done < most ? count - done : most;
    // llama.cpp's batches are not const, but it does not write to them.
    const int status =
        llama_decode(context, llama_batch_get_one(const_cast<int32_t*>(ids) + done, part));
    if (status != 0) {
      if (LastError().empty()) LastError() = "llama_decode gave " + std::to_string(status);
      return nullptr;
    }
  }
  return llama_get_logits_ith(context, -1);
} catch (const std::exception& error) {
  LastError() = error.what();
  return nullptr;
}

// Runs `count` more tokens, at most a batch. Returns the logits after each of them, in order, valid
// until the next call; null on failure.
const float* tare_llama_eval_all(TareLlama* model, const int32_t* ids, int32_t count) try {
  LastError().clear();
  llama_context* context = model->context.get();
  llama_batch batch = llama_batch_get_one(const_cast<int32_t*>(ids), count);
  std::vector<int8_t> all(static_cast<size_t>(count), 1);
  batch.logits = all.data();
  const int status = llama_decode(context, batch);
  if (status == 0) return llama_get_logits(context);
  if (LastError().empty()) LastError() = "llama_decode gave " + std::to_string(status);
  return nullptr;
} catch (const std::exception& error) {
  LastError() = error.what();
  return nullptr;
}

// Writes the ids of a text, begun with the start token if the model's prompts are. Returns their
// number, or minus that number if `room` is too small; INT32_MIN for a model without a tokenizer.
int32_t tare_llama_tokenize(const TareLlama* model, const char* text, int32_t bytes, int32_t* ids,
                            int32_t room) try {
  const llama_vocab* vocabulary = llama_model_get_vocab(model->model.get());
  if (llama_vocab_type(vocabulary) == LLAMA_VOCAB_TYPE_NONE) return INT32_MIN;
  const int32_t first = llama_vocab_get_add_bos(vocabulary) ? 1 : 0;
  const int32_t left = room > first ? room - first : 0;
  const int32_t count = llama_tokenize(vocabulary, text, bytes, ids + first, left, false, false);
  if (count < 0) return count - first;
  if (room < first + count) return -(first + count);
  if (first > 0) ids[0] = llama_vocab_bos(vocabulary);
  return first + count;
} catch (const std::exception& error) {
  LastError() = error.what();
  return INT32_MIN;
}

// Writes the tokens' text without a final zero. Returns its size in bytes, or minus that size if
// `room` is too small.
int32_t tare_llama_text(const TareLlama* model, const int32_t* ids, int32_t count, char* text,
                        int32_t room) {
  return llama_detokenize(llama_model_get_vocab(model->model.get()), ids, count, text, room, false,
                          false);
}

}  // extern "C"
