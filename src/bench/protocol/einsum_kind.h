#ifndef TARE_BENCH_PROTOCOL_EINSUM_KIND_H_
#define TARE_BENCH_PROTOCOL_EINSUM_KIND_H_

#include <cstdint>
#include <string>

namespace tare {

// The einsums of a model's graph that have one equation, and what becomes of them.
struct EinsumKind {
  std::string equation;  // "abc,cde->abde"
  std::string place;     // what they compute: "query, key, value"
  uint64_t count = 0;
  bool constant_operand = false;  // else two variables
  bool rewritten = false;
  std::string outcome;  // what it was rewritten to, or why it was not
};

}  // namespace tare

#endif  // TARE_BENCH_PROTOCOL_EINSUM_KIND_H_
