#ifndef TARE_BENCH_PROTOCOL_EINSUM_KIND_H_
#define TARE_BENCH_PROTOCOL_EINSUM_KIND_H_

#include <cstdint>
#include <string>

namespace tare {

// All einsums in a model's graph that share one equation, and what happens to them.
struct EinsumKind {
  std::string equation;  // "abc,cde->abde"
  std::string place;     // what they compute: "query, key, value"
  uint64_t count = 0;
  bool constant_operand = false;  // false: two variables
  bool rewritten = false;
  std::string outcome;  // what it became, or why it stayed
};

}  // namespace tare

#endif  // TARE_BENCH_PROTOCOL_EINSUM_KIND_H_
