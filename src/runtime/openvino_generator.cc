#include "runtime/openvino_generator.h"

#include <utility>

#include "base/cpu_isa.h"
#include "kernels/kernel_table.h"
#include "passes/pass_manager.h"
#include "runtime/evaluator.h"

namespace tare {
namespace {

// The passes that prepare a graph for GraphToIr. The plugin fuses tails itself.
constexpr std::string_view kPasses = "fold_constants,fuse_attention,lower_einsum,eliminate_dead";

}  // namespace

Result<OpenVinoGenerator> OpenVinoGenerator::Create(const Model& model,
                                                    const EngineOptions& options) {
  TARE_ASSIGN_OR_RETURN(const CpuIsa isa, ChooseCpuIsa());
  OpenVinoOptions openvino;
  openvino.library = options.openvino_library;
  TARE_ASSIGN_OR_RETURN(openvino.measures, OpenVinoMeasures::Parse(options.openvino_measures));
  TARE_ASSIGN_OR_RETURN(openvino.threads, ThreadsOf(options));
  TARE_ASSIGN_OR_RETURN(const size_t context, ContextOf(options, model.info()));
  TARE_ASSIGN_OR_RETURN(const PassSelection passes, PassSelection::Parse(kPasses));
  TARE_ASSIGN_OR_RETURN(Graph graph, model.BuildGraph(LogitsFor::kLastToken));
  KernelEvaluator evaluator(KernelsFor(isa));
  TARE_RETURN_IF_ERROR(RunPasses(passes, &evaluator, &graph));
  TARE_ASSIGN_OR_RETURN(OpenVinoModel compiled,
                        OpenVinoModel::Compile(model, std::move(graph), openvino));
  return OpenVinoGenerator(std::move(compiled), model.info(), context, openvino.threads);
}

// Keeps only the number of cache bytes of a call.
class OpenVinoGenerator::StatelessSequence : public TokenSequence {
 public:
  void Clear() override { cache_bytes_ = 0; }
  std::span<const int32_t> ids() const override { return {}; }
  uint64_t cache_bytes() const override { return cache_bytes_; }

  void set_cache_bytes(uint64_t bytes) { cache_bytes_ = bytes; }

 private:
  uint64_t cache_bytes_ = 0;
};

Result<std::unique_ptr<TokenSequence>> OpenVinoGenerator::NewSequence() {
  return std::unique_ptr<TokenSequence>(std::make_unique<StatelessSequence>());
}

size_t OpenVinoGenerator::RoomAfter(size_t prompt_tokens, SamplerKind /*kind*/) const {
  return context_ - prompt_tokens + 1;
}

Status OpenVinoGenerator::Generate(TokenSequence& sequence, std::span<const int32_t> prompt,
                                   const GenerateOptions& options, ResultWriter& writer) {
  const SamplerKind kind = options.sampling.kind;
  if (kind == SamplerKind::kBeam || kind == SamplerKind::kContrastive) {
    return Unsupported(
        "OpenVINO does not support beam and contrastive search; use the backend native");
  }
  TARE_RETURN_IF_ERROR(compiled_.Restart());
  const RunTokens run = [this](std::span<const int32_t> ids) { return compiled_.Run(ids); };
  TARE_ASSIGN_OR_RETURN(const std::span<const float> logits, RunPrompt(prompt, run));
  Status sampled = SampleTokens(logits, options, run, writer);
  static_cast<StatelessSequence&>(sequence).set_cache_bytes(token_bytes_ * compiled_.length());
  return sampled;
}

Status OpenVinoGenerator::RunAll(TokenSequence& sequence, std::span<const int32_t> ids,
                                 const LogitsCallback& on_logits) {
  sequence.Clear();
  TARE_RETURN_IF_ERROR(compiled_.Restart());
  for (size_t i = 0; i + 1 < ids.size(); ++i) {
    TARE_ASSIGN_OR_RETURN(const std::span<const float> logits, compiled_.Run(ids.subspan(i, 1)));
    TARE_RETURN_IF_ERROR(on_logits(logits));
  }
  return {};
}

}  // namespace tare
