// Lays activations out in one arena and marks where threads must meet.
//
//   before: a value a node           after: offsets               barriers
//   %1 = rms_norm (%0)               %0 at 0                      -
//   %2 = matmul (%1, @q)             %1 at 4096                   before %2 (reads %1)
//   %3 = matmul (%1, @k)             %2 at 8192                   none before %3: nothing it
//                                                             touches was written since
//   %4 = rope (%2)                   %3 at 12288
//   %5 = rope (%3)                   %4 at 8192, in place     before %4 (reads %2)
//                                    of %2
//
// A block is a piece of arena that one value, or a chain of values each made in place of the one
// before, has from its first write to its last read. Blocks are placed from the largest down, each
// in the smallest gap that the blocks alive with it leave.
#include "runtime/memory_plan.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "base/check.h"
#include "base/checked_math.h"
#include "graph/reached_nodes.h"

namespace tare {
namespace {

constexpr size_t kNoBlock = std::numeric_limits<size_t>::max();

struct Block {
  size_t bytes = 0;
  NodeId first = 0;  // the node that writes it
  NodeId last = 0;   // the last node that writes or reads it
  size_t offset = 0;
};

// A value as a piece of a block or of a cache slot.
struct Place {
  size_t block = kNoBlock;
  size_t offset = 0;  // inside the block
  size_t bytes = 0;
  std::optional<uint32_t> cache_slot;
};

bool AliveTogether(const Block& a, const Block& b) {
  return a.first <= b.last && b.first <= a.last;
}

// Which block each value lies in.
class BlockMaker {
 public:
  BlockMaker(const Graph& graph, size_t tokens, size_t context, bool reuse)
      : graph_(graph), tokens_(tokens), context_(context), reuse_(reuse) {}

  void Run(const std::vector<bool>& reached) {
    places_.resize(graph_.size());
    FindLastReads(reached);
    for (NodeId id = 0; id < graph_.size(); ++id) {
      if (reached[id]) PlaceValue(id);
    }
  }

  std::vector<Place> places_;
  std::vector<Block> blocks_;

 private:
  size_t BytesOf(const ValueType& type) const {
    const auto bytes = ByteSize(type.dtype, type.Resolve(tokens_, context_));
    TARE_CHECK(bytes.has_value());
    return *bytes;
  }

  // The last node that reads a value, itself or through views of it.
  void FindLastReads(const std::vector<bool>& reached) {
    last_reads_.resize(graph_.size());
    std::iota(last_reads_.begin(), last_reads_.end(), NodeId{0});
    if (graph_.output() < graph_.size()) {
      last_reads_[graph_.output()] = static_cast<NodeId>(graph_.size());
    }
    for (NodeId id = static_cast<NodeId>(graph_.size()); id-- > 0;) {
      if (!reached[id]) continue;
      const Node& node = graph_.node(id);
      const bool view = InfoOf(node.op).is_view && node.op != Op::kCacheAppend;
      for (NodeId input : node.inputs) {
        last_reads_[input] = std::max(last_reads_[input], view ? last_reads_[id] : id);
      }
    }
  }

  void PlaceValue(NodeId id) {
    const Node& node = graph_.node(id);
    Place& place = places_[id];
    switch (node.op) {
      case Op::kInput:
      case Op::kConstant:
        return;
      case Op::kReshape:
        place = places_[node.inputs[0]];
        return;
      case Op::kLastToken:
        place = places_[node.inputs[0]];
        place.offset += place.bytes - BytesOf(node.type);
        place.bytes = BytesOf(node.type);
        return;
      case Op::kCacheAppend:
        place.cache_slot = node.attributes.cache_slot;
        return;
      default:
        break;
    }
    place.bytes = BytesOf(node.type);
    if (CanTakeInput(id)) {
      place = places_[node.inputs[0]];
      Block& block = blocks_[place.block];
      block.last = std::max(block.last, last_reads_[id]);
      return;
    }
    place.block = blocks_.size();
    blocks_.push_back({place.bytes, id, last_reads_[id]});
  }

  // The result may be written over input 0: the op allows it, it is the block's last reader, it
  // reads the block through no other input, and the sizes agree.
  bool CanTakeInput(NodeId id) const {
    const Node& node = graph_.node(id);
    if (!reuse_ || !InfoOf(node.op).in_place || node.inputs.empty()) return false;
    const Place& input = places_[node.inputs[0]];
    if (input.block == kNoBlock || input.bytes != BytesOf(node.type)) return false;
    if (blocks_[input.block].last != id) return false;
    for (size_t i = 1; i < node.inputs.size(); ++i) {
      if (places_[node.inputs[i]].block == input.block) return false;
    }
    return true;
  }

  const Graph& graph_;
  const size_t tokens_;
  const size_t context_;
  const bool reuse_;
  std::vector<NodeId> last_reads_;
};

size_t Rounded(size_t bytes) {
  const auto rounded = CheckedRoundUp(bytes, MemoryPlan::kAlignment);
  TARE_CHECK(rounded.has_value());
  return *rounded;
}

// The smallest gap that fits between `placed`, in order of offset; past the last if there is none.
size_t BestGap(const std::vector<const Block*>& placed, size_t bytes) {
  size_t best = 0;
  size_t best_size = MemoryPlan::kNoOffset;
  size_t end = 0;
  for (const Block* block : placed) {
    if (block->offset > end && block->offset - end >= bytes && block->offset - end < best_size) {
      best = end;
      best_size = block->offset - end;
    }
    end = std::max(end, block->offset + Rounded(block->bytes));
  }
  return best_size == MemoryPlan::kNoOffset ? end : best;
}

// Sets every block's offset and returns the arena's size.
size_t PlaceBlocks(bool reuse, std::vector<Block>* blocks) {
  std::vector<Block*> by_size;
  for (Block& block : *blocks) by_size.push_back(&block);
  std::stable_sort(by_size.begin(), by_size.end(),
                   [](const Block* a, const Block* b) { return a->bytes > b->bytes; });
  std::vector<const Block*> placed;  // in order of offset
  size_t arena_bytes = 0;
  for (Block* block : by_size) {
    std::vector<const Block*> rivals;
    for (const Block* other : placed) {
      if (!reuse || AliveTogether(*block, *other)) rivals.push_back(other);
    }
    block->offset = BestGap(rivals, Rounded(block->bytes));
    arena_bytes = std::max(arena_bytes, block->offset + Rounded(block->bytes));
    const auto after =
        std::upper_bound(placed.begin(), placed.end(), block->offset,
                         [](size_t offset, const Block* other) { return offset < other->offset; });
    placed.insert(after, block);
  }
  return arena_bytes;
}

// A piece of memory that a node touches.
struct Range {
  std::optional<uint32_t> cache_slot;
  size_t begin = 0;
  size_t end = 0;

  bool Overlaps(const Range& other) const {
    if (cache_slot || other.cache_slot) return cache_slot == other.cache_slot;
    return begin < other.end && other.begin < end;
  }
};

// Remembers what was read and written since the last barrier. Every thread runs its share of each
// node, so a node conflicts with any earlier one that wrote what it touches, or read what it
// writes.
class BarrierFinder {
 public:
  bool NeedsBarrier(const std::vector<Range>& reads, const Range& write) {
    const bool conflict = Touches(written_, write) || Touches(read_, write) ||
                          std::any_of(reads.begin(), reads.end(),
                                      [&](const Range& range) { return Touches(written_, range); });
    if (conflict) {
      written_.clear();
      read_.clear();
    }
    written_.push_back(write);
    read_.insert(read_.end(), reads.begin(), reads.end());
    return conflict;
  }

 private:
  static bool Touches(const std::vector<Range>& ranges, const Range& range) {
    return std::any_of(ranges.begin(), ranges.end(),
                       [&](const Range& other) { return other.Overlaps(range); });
  }

  std::vector<Range> written_;
  std::vector<Range> read_;
};

std::optional<Range> RangeOf(const Place& place, const std::vector<Block>& blocks) {
  if (place.cache_slot) return Range{place.cache_slot, 0, 0};
  if (place.block == kNoBlock) return std::nullopt;
  const size_t begin = blocks[place.block].offset + place.offset;
  return Range{std::nullopt, begin, begin + place.bytes};
}

bool RunsNothing(Op op) {
  return op == Op::kInput || op == Op::kConstant || op == Op::kReshape || op == Op::kLastToken;
}

void MarkBarriers(const Graph& graph, const std::vector<bool>& reached, const BlockMaker& made,
                  MemoryPlan* plan) {
  BarrierFinder finder;
  for (NodeId id = 0; id < graph.size(); ++id) {
    if (!reached[id] || RunsNothing(graph.node(id).op)) continue;
    std::vector<Range> reads;
    for (NodeId input : graph.node(id).inputs) {
      if (const auto range = RangeOf(made.places_[input], made.blocks_)) reads.push_back(*range);
    }
    const auto write = RangeOf(made.places_[id], made.blocks_);
    TARE_CHECK(write.has_value());
    plan->needs_barrier_before[id] = finder.NeedsBarrier(reads, *write);
  }
}

}  // namespace

MemoryPlan PlanMemory(const Graph& graph, size_t tokens, size_t context, bool reuse) {
  const std::vector<bool> reached = ReachedNodes(graph);
  BlockMaker made(graph, tokens, context, reuse);
  made.Run(reached);

  MemoryPlan plan;
  plan.arena_bytes = PlaceBlocks(reuse, &made.blocks_);
  plan.offsets.assign(graph.size(), MemoryPlan::kNoOffset);
  plan.needs_barrier_before.assign(graph.size(), false);
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Place& place = made.places_[id];
    if (place.block == kNoBlock) continue;
    plan.offsets[id] = made.blocks_[place.block].offset + place.offset;
  }
  MarkBarriers(graph, reached, made, &plan);
  return plan;
}

}  // namespace tare
