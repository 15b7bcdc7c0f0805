#ifndef TARE_GRAPH_OP_H_
#define TARE_GRAPH_OP_H_

#include <cstdint>
#include <string_view>

namespace tare {

// What a node computes. Letters: B batch (1), T tokens of this step, S tokens in the cache after
// this step, C width, H heads, K key/value heads, D head size, V vocabulary, E experts, U experts
// that a token uses.
enum class Op : uint8_t {
  kInput,     // token ids, i32 [B, T]
  kConstant,  // a tensor known when the graph was built
  // Tensor plumbing
  kReshape,    // (x) to the node's own type
  kRepeat,     // (x [.., K, D]) -> [.., K * repeats, D]: each head `repeats` times in a row
  kSlice,      // (x [.., N]) -> [.., n]: elements begin .. begin + n - 1 of the last axis
  kLastToken,  // (x [B, T, C]) -> [B, 1, C]: the last position only
  kGather,     // (table [V, C], ids [B, T]) -> [B, T, C]
  kPositions,  // (table [P, C], like [B, T, C]) -> [T, C]: rows past .. past + T - 1
  // Products
  kEinsum,  // (a, b) by the node's equation
  kMatMul,  // (x [.., K], weight, tail operands…) -> [.., N], then the node's tails. A weight of
            // rank 3 is a matrix [K, D] of each head after another, N = H * D.
  kBatchedMatMul,  // (a, b) by the node's BatchedMatMulSpec
  kAttention,      // (q [B, T, H, D], k [B, S, K, D], v [B, S, K, D]) -> [B, T, H, D], causal;
                   // scale, soft_cap, window
  // Mixtures of experts
  kTopExperts,     // (probabilities [B, T, E]) -> i32 [B, T, U]: the U most likely, falling
  kExpertWeights,  // (probabilities [B, T, E], experts i32 [B, T, U]) -> [B, T, U]: theirs; with
                   // normalise they sum to 1
  kExpertMatMul,   // (x [B, T, K] or [B, T, U, K], experts i32 [B, T, U], weights…) ->
                   // [B, T, U, N]: by each token's own experts. The weights are one tensor
                   // [E, N, K], or a matrix [N, K] of each expert.
  // Row-wise
  kRmsNorm,        // (x [.., C], gamma [C]); epsilon, gamma_offset
  kLayerNorm,      // (x [.., C], gamma [C], beta [C]); epsilon
  kSoftmax,        // (x) over the last axis
  kCausalSoftmax,  // (scores [B, H, T, S]) over the last axis, keys after the query's position
                   // masked, and those before its window
  kRope,           // (x [B, T, H, D], inverse frequencies [R / 2]) rotates R elements of each head;
                   // pairing, scale. A third input replaces the second in sequences of more than
                   // long_after tokens.
  // Pointwise
  kAdd,       // (a, b): same type, or b a vector along a's last axis
  kMul,       // the same
  kDiv,       // the same
  kScale,     // (x) * scale
  kSilu,      // x * sigmoid(x)
  kGeluTanh,  // the tanh form of GELU
  kGeluErf,   // the exact form
  kSoftCap,   // soft_cap * tanh(x / soft_cap)
  // State
  kCacheAppend,  // (x [B, T, K, D]) -> [B, S, K, D]: stores x in the cache slot, returns all of it
};

inline constexpr int kOpCount = static_cast<int>(Op::kCacheAppend) + 1;

// The facts about an op that passes, shape rules, Verify and the executor share.
struct OpInfo {
  std::string_view name;
  int min_inputs = 0;
  int max_inputs = 0;     // kUnlimited if tails or weights may follow
  bool foldable = false;  // with constant inputs it may be evaluated in advance
  bool in_place = false;  // the output may take the memory of input 0 if that is its last use
  bool is_view = false;   // the output uses input 0's memory or the cache's
  bool is_tail = false;   // kernels can run it on a product's result (Tail)
};

inline constexpr int kUnlimited = 1 << 20;

const OpInfo& InfoOf(Op op);

}  // namespace tare

#endif  // TARE_GRAPH_OP_H_
