#include "runtime/executor.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "graph/verify.h"
#include "runtime/memory_plan.h"

namespace tare {
namespace {

// Plans whose sizes depend on S are made for the next multiple, so that not every token needs a new
// one.
constexpr size_t kContextStep = 256;

// Tokens of the cache that are run again at a time.
constexpr size_t kRerunTokens = 256;

std::vector<bool> NodesOutputNeeds(const Graph& graph) {
  std::vector<bool> needed(graph.size(), false);
  needed[graph.output()] = true;
  for (size_t i = graph.size(); i-- > 0;) {
    if (!needed[i]) continue;
    for (NodeId input : graph.node(static_cast<NodeId>(i)).inputs) needed[input] = true;
  }
  return needed;
}

bool RunsAsStep(const Node& node) {
  const bool aliases = InfoOf(node.op).is_view && node.op != Op::kCacheAppend;
  return node.op != Op::kInput && node.op != Op::kConstant && !aliases;
}

bool IsProduct(Op op) { return op == Op::kMatMul || op == Op::kEinsum || op == Op::kBatchedMatMul; }

bool IsContextSized(const ValueType& type) {
  return std::ranges::any_of(type.dims,
                             [](const Dim& dim) { return dim.kind() == Dim::Kind::kContext; });
}

}  // namespace

Executor::Executor(Graph graph, const KernelTable& kernels, ThreadPool& pool, bool reuse_memory)
    : graph_(std::make_unique<Graph>(std::move(graph))),
      kernels_(&kernels),
      pool_(&pool),
      reuse_memory_(reuse_memory) {}

Result<Executor> Executor::Create(Graph graph, const KernelTable& kernels, ThreadPool& pool,
                                  bool reuse_memory) {
  TARE_RETURN_IF_ERROR(Verify(graph));
  Executor executor(std::move(graph), kernels, pool, reuse_memory);
  TARE_RETURN_IF_ERROR(executor.MakeSteps());
  return executor;
}

Status Executor::MakeSteps() {
  const std::vector<bool> needed = NodesOutputNeeds(*graph_);
  for (NodeId id = 0; id < graph_->size(); ++id) {
    const Node& node = graph_->node(id);
    if (!needed[id]) continue;
    if (node.op == Op::kGather) vocabulary_ = graph_->node(node.inputs[0]).type.dims[0].value();
    if (node.op == Op::kRope) long_after_ = std::max(long_after_, node.attributes.long_after);
    if (!RunsAsStep(node)) continue;
    TARE_ASSIGN_OR_RETURN(Step step, MakeStep(*graph_, id));
    if (node.op != Op::kCacheAppend && IsContextSized(node.type)) context_sized_ = true;
    step_ids_.push_back(id);
    steps_.push_back(std::move(step));
  }
  return {};
}

std::vector<size_t> Executor::CacheSlotElements() const {
  std::vector<size_t> elements(graph_->cache_slots(), 0);
  for (const Step& step : steps_) {
    if (step.node->op != Op::kCacheAppend) continue;
    const ValueType& type = *step.input_types[0];  // [1, T, K, D]
    elements[step.node->attributes.cache_slot] = type.dims[2].value() * type.dims[3].value();
  }
  return elements;
}

Status Executor::CheckIds(std::span<const int32_t> ids) const {
  if (ids.empty()) return InvalidInput("no tokens to run");
  for (int32_t id : ids) {
    if (id < 0 || static_cast<size_t>(id) >= vocabulary_) {
      return InvalidInput("token id {} is outside [0, {})", id, vocabulary_);
    }
  }
  return {};
}

Status Executor::Prepare(const StepContext& context) {
  const bool context_fits = !context_sized_ || context.context <= planned_context_;
  if (context.tokens == planned_tokens_ && context_fits) return {};
  StepContext planned = context;
  if (context_sized_) {
    planned.context = (context.context + kContextStep - 1) / kContextStep * kContextStep;
  }
  planned_tokens_ = 0;  // Until this plan stands, there is none.
  const MemoryPlan plan = PlanMemory(*graph_, planned.tokens, planned.context, reuse_memory_);
  size_t scratch = 0;
  for (const Step& step : steps_) scratch = std::max(scratch, StepScratchBytes(planned, step));
  scratch_stride_ = (scratch + AlignedBuffer::kAlignment - 1) / AlignedBuffer::kAlignment *
                    AlignedBuffer::kAlignment;
  if (plan.arena_bytes > arena_.size()) {
    arena_ = {};  // Freed first: the two are never needed together.
    Result<AlignedBuffer> arena = AlignedBuffer::Allocate(plan.arena_bytes);
    if (!arena.ok()) {
      return arena.error().In(fmt::format("activations of {} tokens", planned.tokens));
    }
    arena_ = *std::move(arena);
  }
  const size_t scratch_total = scratch_stride_ * pool_->thread_count();
  if (scratch_total > scratch_.size()) {
    scratch_ = {};
    Result<AlignedBuffer> scratch_memory = AlignedBuffer::Allocate(scratch_total);
    if (!scratch_memory.ok()) {
      return scratch_memory.error().In(fmt::format("scratch of {} threads", pool_->thread_count()));
    }
    scratch_ = *std::move(scratch_memory);
  }
  offsets_ = plan.offsets;
  for (size_t i = 0; i < steps_.size(); ++i) {
    steps_[i].barrier_before = plan.needs_barrier_before[step_ids_[i]];
  }
  planned_tokens_ = planned.tokens;
  planned_context_ = planned.context;
  return {};
}

void Executor::Place(const StepContext& context, std::span<const int32_t> ids,
                     const KvCache& cache) {
  addresses_.assign(graph_->size(), nullptr);
  for (NodeId id = 0; id < graph_->size(); ++id) {
    const Node& node = graph_->node(id);
    std::byte*& address = addresses_[id];
    switch (node.op) {
      // Inputs and constants are only ever read: RunStep takes them as const.
      case Op::kInput:
        address = const_cast<std::byte*>(reinterpret_cast<const std::byte*>(ids.data()));
        break;
      case Op::kConstant:
        address = const_cast<std::byte*>(node.constant.data);
        break;
      case Op::kReshape:
        address = addresses_[node.inputs[0]];
        break;
      case Op::kLastToken:
        address = addresses_[node.inputs[0]] +
                  (context.tokens - 1) * ElementsOf(node.type, context) * sizeof(float);
        break;
      case Op::kCacheAppend:
        address = reinterpret_cast<std::byte*>(cache.slot(node.attributes.cache_slot));
        break;
      default:
        if (offsets_[id] != MemoryPlan::kNoOffset) address = arena_.data() + offsets_[id];
    }
  }
  for (size_t i = 0; i < steps_.size(); ++i) {
    Step& step = steps_[i];
    for (size_t j = 0; j < step.inputs.size(); ++j) {
      step.inputs[j] = addresses_[step.node->inputs[j]];
    }
    step.output = addresses_[step_ids_[i]];
  }
}

Result<std::span<const float>> Executor::RunSteps(const StepContext& context,
                                                  std::span<const int32_t> ids,
                                                  const KvCache& cache) {
  TARE_RETURN_IF_ERROR(Prepare(context));
  Place(context, ids, cache);
  pool_->Run([&](ThreadSlice slice) {
    std::byte* scratch = scratch_.data() + slice.index * scratch_stride_;
    for (const Step& step : steps_) {
      if (step.barrier_before) pool_->Barrier();
      RunStep(context, step, slice, scratch);
    }
  });
  const Node& output = graph_->node(graph_->output());
  return std::span<const float>(reinterpret_cast<const float*>(addresses_[graph_->output()]),
                                ElementsOf(output.type, context));
}

// The keys of earlier tokens must be rotated as those of this step.
Status Executor::ChooseRotation(size_t more_tokens, KvCache& cache) {
  const bool is_long = cache.length() + more_tokens > long_after_;
  if (is_long == cache.is_long()) return {};
  const std::vector<int32_t> ids = cache.ids();
  TARE_CHECK_EQ(ids.size(), cache.length());
  cache.set_is_long(is_long);
  for (size_t done = 0; done < ids.size();) {
    const size_t count = std::min(kRerunTokens, ids.size() - done);
    const StepContext context = {kernels_, count, done + count, {}, is_long};
    const auto logits = RunSteps(context, std::span(ids).subspan(done, count), cache);
    if (!logits.ok()) return logits.error();
    done += count;
  }
  return {};
}

Result<std::span<const float>> Executor::Run(std::span<const int32_t> ids, KvCache& cache) {
  TARE_RETURN_IF_ERROR(CheckIds(ids));
  TARE_RETURN_IF_ERROR(cache.Reserve(cache.length() + ids.size()));
  if (long_after_ > 0) TARE_RETURN_IF_ERROR(ChooseRotation(ids.size(), cache));
  const StepContext context = {
      kernels_, ids.size(), cache.length() + ids.size(), {}, cache.is_long()};
  TARE_ASSIGN_OR_RETURN(const std::span<const float> logits, RunSteps(context, ids, cache));
  cache.set_length(context.context);
  if (long_after_ > 0) cache.AddIds(ids);
  return logits;
}

Result<std::span<const float>> Executor::RunBranches(
    std::span<const int32_t> ids, std::span<const std::span<const uint32_t>> branches,
    KvCache& cache) {
  TARE_RETURN_IF_ERROR(CheckIds(ids));
  TARE_CHECK_EQ(ids.size(), branches.size());
  if (context_sized_) {
    return Unsupported(
        "several sequences at once need the pass fuse_attention; do not switch it off");
  }
  size_t rows = cache.length();
  for (const std::span<const uint32_t> branch : branches) {
    TARE_CHECK(!branch.empty());
    for (uint32_t row : branch) rows = std::max<size_t>(rows, row + size_t{1});
    if (long_after_ > 0 && (branch.size() > long_after_) != cache.is_long()) {
      return Unsupported(
          "several sequences at once that grow past {} tokens, where this model's rotation changes",
          long_after_);
    }
  }
  TARE_RETURN_IF_ERROR(cache.Reserve(rows));
  const StepContext context = {kernels_, ids.size(), ids.size(), branches, cache.is_long()};
  TARE_ASSIGN_OR_RETURN(const std::span<const float> logits, RunSteps(context, ids, cache));
  cache.set_length(rows);
  return logits;
}

std::span<const float> Executor::Hidden() const {
  // A family may have steps of its own after the product: a soft cap, a scale.
  NodeId id = graph_->output();
  while (!IsProduct(graph_->node(id).op)) id = graph_->node(id).inputs[0];
  do {
    id = graph_->node(id).inputs[0];
  } while (graph_->node(id).op == Op::kReshape || graph_->node(id).op == Op::kLastToken);
  const StepContext context = {kernels_, planned_tokens_, planned_tokens_};
  return {reinterpret_cast<const float*>(addresses_[id]),
          ElementsOf(graph_->node(id).type, context)};
}

}  // namespace tare
