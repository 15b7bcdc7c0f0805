#include "openvino_engine/openvino_model.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "base/mapped_file.h"
#include "heap/heap_slack.h"
#include "openvino_engine/library_pages.h"
#include "tensor/dequantize.h"

namespace tare {
namespace {

using Kind = IrInput::Kind;

// In this time the plugin packs about 5 MiB if huge pages are available.
constexpr std::chrono::milliseconds kDropPeriod{2};
constexpr size_t kCallsPerCodeDrop = 20;
// Reading a row also loads its neighbours, 64 KiB in all.
constexpr size_t kRowsPerDrop = 16;

void AppendRow(const TensorView& table, size_t row, std::vector<float>& out) {
  const size_t width = table.shape[1];
  const size_t row_bytes = table.bytes() / table.shape[0];
  out.resize(out.size() + width);
  DequantizeRow(table.dtype, table.data + row * row_bytes, width, &*out.end() - width);
}

// One row per token, one column per key.
void FillMask(size_t tokens, size_t past, std::vector<float>& out) {
  const size_t context = past + tokens;
  out.assign(tokens * context, 0.0f);
  for (size_t t = 0; t < tokens; ++t) {
    float* const row = out.data() + t * context;
    std::fill(row + past + t + 1, row + context, -std::numeric_limits<float>::infinity());
  }
}

// Cosines or sines of each token's position times each frequency.
void FillTurns(const TensorView& frequencies, bool cosines, size_t tokens, size_t past,
               std::vector<float>& out) {
  out.clear();
  for (size_t t = 0; t < tokens; ++t) {
    for (size_t i = 0; i < frequencies.shape[0]; ++i) {
      const double angle =
          static_cast<double>(past + t) * static_cast<double>(frequencies.f32()[i]);
      out.push_back(static_cast<float>(cosines ? std::cos(angle) : std::sin(angle)));
    }
  }
}

void DropTensors(const Model& model) {
  for (const NamedTensor& tensor : model.tensors().tensors) {
    model.DropPages({tensor.view.data, tensor.view.bytes()});
  }
}

// The function for the dropper. Code pages come back one at a time and are soon used again, so they
// are dropped less often.
std::function<void()> DropWhilePacking(const Model& model, const OpenVinoMeasures& measures,
                                       const std::string& libraries) {
  return [&model, measures, libraries, calls = size_t{0}]() mutable {
    if (measures.drop) DropTensors(model);
    if (measures.code && calls++ % kCallsPerCodeDrop == 0) DropLibraryPages(libraries);
  };
}

}  // namespace

OpenVinoModel::OpenVinoModel(const Model& model, const OpenVinoOptions& options,
                             std::unique_ptr<OpenVinoLibrary> library, Graph graph, IrModel ir)
    : model_(&model),
      measures_(options.measures),
      libraries_(options.library.substr(0, options.library.rfind('/'))),
      library_(std::move(library)),
      graph_(std::make_unique<Graph>(std::move(graph))),
      ir_(std::move(ir)),
      core_(nullptr, nullptr),
      compiled_(nullptr, nullptr),
      request_(nullptr, nullptr),
      vocabulary_(model.info().vocabulary),
      floats_(ir_.inputs.size()),
      ints_(ir_.inputs.size()) {}

Result<OpenVinoModel> OpenVinoModel::Compile(const Model& model, Graph graph,
                                             const OpenVinoOptions& options) {
  TARE_ASSIGN_OR_RETURN(OpenVinoLibrary library, OpenVinoLibrary::Open(options.library));
  TARE_ASSIGN_OR_RETURN(IrModel ir, GraphToIr(graph, options.measures));
  OpenVinoModel made(model, options, std::make_unique<OpenVinoLibrary>(std::move(library)),
                     std::move(graph), std::move(ir));
  const OpenVinoLibrary& ov = *made.library_;
  TARE_ASSIGN_OR_RETURN(made.core_, ov.CreateCore());
  if (options.measures.slack) KeepNoHeapSlack();
  if (options.measures.huge) {
    made.huge_ = std::make_unique<HugeAllocations>(HugePace::kWhileQuick);
  }
  if (options.measures.drop || options.measures.code) {
    made.dropper_ = std::make_unique<PageDropper>(
        DropWhilePacking(model, options.measures, made.libraries_), kDropPeriod);
  }
  const IrWriter& writer = *made.ir_.writer;
  TARE_ASSIGN_OR_RETURN(OvHandle read, ov.ReadModel(made.core_.get(), made.ir_.xml,
                                                    writer.weights(), writer.weights_bytes()));
  made.ir_.xml = {};
  if (options.measures.slack) ReturnHeapSlack();
  OpenVinoLibrary::Properties properties = {{"INFERENCE_PRECISION_HINT", "f32"},
                                            {"KV_CACHE_PRECISION", "f32"},
                                            {"PERFORMANCE_HINT", "LATENCY"}};
  if (options.measures.flush) properties.emplace_back("CPU_DENORMALS_OPTIMIZATION", "YES");
  if (options.threads > 0) {
    properties.emplace_back("INFERENCE_NUM_THREADS", std::to_string(options.threads));
  }
  TARE_ASSIGN_OR_RETURN(made.compiled_, ov.Compile(made.core_.get(), read.get(), properties));
  read.reset();
  made.Settle();
  TARE_RETURN_IF_ERROR(made.Restart());
  return made;
}

void OpenVinoModel::Settle() const {
  if (measures_.slack) ReturnHeapSlack();
  if (measures_.code) DropLibraryPages(libraries_);
}

void OpenVinoModel::ExpectRowsAlone() const {
  for (const IrInput& input : ir_.inputs) {
    if (input.kind != Kind::kTokenRows && input.kind != Kind::kPositionRows) continue;
    ExpectScatteredReads({input.table.data, input.table.bytes()});
  }
}

void OpenVinoModel::ReadRows(const TensorView& table, std::span<const int32_t> ids,
                             std::vector<float>& out) const {
  while (!ids.empty()) {
    const size_t n = std::min(ids.size(), kRowsPerDrop);
    for (const int32_t id : ids.first(n)) AppendRow(table, static_cast<size_t>(id), out);
    if (measures_.drop) model_->DropPages({table.data, table.bytes()});
    ids = ids.subspan(n);
  }
}

Status OpenVinoModel::Restart() {
  length_ = 0;
  for (std::vector<float>& floats : floats_) floats.clear();
  // The C interface has no word for variables: a new request begins with empty ones.
  request_.reset();
  TARE_ASSIGN_OR_RETURN(request_, library_->CreateRequest(compiled_.get()));
  return {};
}

Status OpenVinoModel::Feed(size_t index, std::span<const int32_t> ids) {
  const IrInput& input = ir_.inputs[index];
  const auto tokens = static_cast<int64_t>(ids.size());
  const int64_t context = tokens + static_cast<int64_t>(length_);
  std::vector<float>& floats = floats_[index];
  std::vector<int32_t>& ints = ints_[index];
  std::vector<int64_t> shape;
  switch (input.kind) {
    case Kind::kTokenIds:
      ints.assign(ids.begin(), ids.end());
      shape = {1, tokens};
      break;
    case Kind::kPositions:
      ints.resize(ids.size());
      std::iota(ints.begin(), ints.end(), static_cast<int32_t>(length_));
      shape = {tokens};
      break;
    case Kind::kBeam:
      ints.assign(1, 0);
      shape = {1};
      break;
    case Kind::kTokenRows:
      floats.clear();
      ReadRows(input.table, ids, floats);
      shape = {1, tokens, static_cast<int64_t>(input.table.shape[1])};
      break;
    case Kind::kPositionRows:
      floats.clear();
      for (size_t i = 0; i < ids.size(); ++i) AppendRow(input.table, length_ + i, floats);
      shape = {tokens, static_cast<int64_t>(input.table.shape[1])};
      break;
    case Kind::kCosines:
    case Kind::kSines:
      FillTurns(input.table, input.kind == Kind::kCosines, ids.size(), length_, floats);
      shape = {1, tokens, 1, static_cast<int64_t>(input.table.shape[0])};
      break;
    case Kind::kMask:
      FillMask(ids.size(), length_, floats);
      shape = {1, 1, tokens, context};
      break;
    case Kind::kPast:
      floats.reserve(1);  // an address even of nothing
      shape = {1, input.heads, context - tokens, input.head_size};
      break;
  }
  if (!ints.empty()) {
    return library_->SetInput(request_.get(), index, OvType::kI32, shape, ints.data());
  }
  return library_->SetInput(request_.get(), index, OvType::kF32, shape, floats.data());
}

Status OpenVinoModel::KeepPast() {
  for (size_t i = 0; i < ir_.inputs.size(); ++i) {
    const IrInput& input = ir_.inputs[i];
    if (input.kind != Kind::kPast) continue;
    TARE_ASSIGN_OR_RETURN(const std::span<const float> all,
                          library_->OutputF32(request_.get(), input.output));
    floats_[i].assign(all.begin(), all.end());
  }
  return {};
}

Result<std::span<const float>> OpenVinoModel::Run(std::span<const int32_t> ids) {
  if (ids.empty()) return InvalidInput("no tokens to run");
  for (const int32_t id : ids) {
    if (id < 0 || static_cast<size_t>(id) >= vocabulary_) {
      return InvalidInput("token id {} is outside [0, {})", id, vocabulary_);
    }
  }
  for (size_t i = 0; i < ir_.inputs.size(); ++i) TARE_RETURN_IF_ERROR(Feed(i, ids));
  TARE_RETURN_IF_ERROR(library_->Infer(request_.get()));
  length_ += ids.size();
  TARE_RETURN_IF_ERROR(KeepPast());
  if (packing_) {
    packing_ = false;
    dropper_.reset();
    huge_.reset();
    Settle();
    if (measures_.drop) ExpectRowsAlone();
  }
  TARE_ASSIGN_OR_RETURN(const std::span<const float> logits,
                        library_->OutputF32(request_.get(), 0));
  if (logits.size() < vocabulary_) {
    return InternalError("OpenVINO returned {} logits, expected {}", logits.size(), vocabulary_);
  }
  return logits.last(vocabulary_);
}

}  // namespace tare
