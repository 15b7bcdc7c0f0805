#ifndef TARE_NATIVE_WORKER_ROW_ENGINE_H_
#define TARE_NATIVE_WORKER_ROW_ENGINE_H_

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "bench/protocol/protocol.h"
#include "native_worker/llama_cpp_library.h"
#include "tare/generate.h"

namespace tare {

// A loaded model, for a backend whose worker is this program.
class RowEngine {
 public:
  virtual ~RowEngine() = default;

  // Generates exactly the requested number of tokens, past end tokens; greedy unless the request's
  // sampler is "top_k".
  //   Errors  those of the engine; Unsupported for a sampler that it lacks.
  virtual Result<Generation> Generate(const GenerationRequest& request,
                                      const std::string& sampler) = 0;

  // The logits after each id but the last, from an empty context. Errors: those of the engine, and
  // of `on_logits`.
  virtual Status Score(const std::vector<int32_t>& ids, const LogitsCallback& on_logits) = 0;
};

// Tare's own engine; with `openvino_library`, Tare's graph on that OpenVINO.
//   Errors  those of Engine::Load.
Result<std::unique_ptr<RowEngine>> LoadTareRow(const RunMessage& run,
                                               const std::string& openvino_library);

// llama.cpp, which must outlive the engine. Errors: those of LlamaCppLibrary::Load.
Result<std::unique_ptr<RowEngine>> LoadLlamaCppRow(const RunMessage& run,
                                                   const LlamaCppLibrary& library);

// The ids that llama.cpp gives texts, begun as the model's prompts are. Errors: those of
// LlamaCppLibrary::LoadVocabulary and Tokenize.
Result<TokensMessage> TokenizeWithLlamaCpp(const TokenizeMessage& texts,
                                           const LlamaCppLibrary& library);

}  // namespace tare

#endif  // TARE_NATIVE_WORKER_ROW_ENGINE_H_
