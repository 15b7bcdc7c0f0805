#ifndef TARE_BENCH_PROTOCOL_MODEL_FACTS_FIELDS_H_
#define TARE_BENCH_PROTOCOL_MODEL_FACTS_FIELDS_H_

#include "bench/protocol/json_records.h"
#include "bench/protocol/protocol.h"

namespace tare {

// The fields of ModelFacts, see json_records.h.

inline constexpr size_t kMaxEinsumKinds = 1024;
inline constexpr size_t kMaxEinsumText = 1024;
inline constexpr uint64_t kMaxEinsumCount = uint64_t{1} << 32;

template <typename V>
void VisitFields(V& v, RecordOf<V, EinsumKind>& kind) {
  v.Required("equation", kind.equation, kMaxEinsumText);
  v.Required("place", kind.place, kMaxEinsumText);
  v.Required("count", kind.count, kMaxEinsumCount);
  v.Required("constant_operand", kind.constant_operand);
  v.Required("rewritten", kind.rewritten);
  v.Required("outcome", kind.outcome, kMaxEinsumText);
}

inline constexpr size_t kMaxModelPath = 4096;
inline constexpr size_t kMaxModelName = 256;
inline constexpr uint64_t kMaxModelBytes = uint64_t{1} << 50;

// The fields that results keep. Weight ranges and prompts are left out: only a measurement needs
// them.
template <typename V>
void VisitFields(V& v, RecordOf<V, ModelFacts>& model) {
  v.Expected("path", model.path, kMaxModelPath);
  v.Expected("form", model.form, kMaxModelName);
  v.Expected("family", model.family, kMaxModelName);
  v.Expected("precision", model.precision, kMaxModelName);
  v.Expected("parameters", model.parameters, kMaxModelBytes);
  v.Expected("file_bytes", model.file_bytes, kMaxModelBytes);
  v.Expected("weights_bytes", model.weights_bytes, kMaxModelBytes);
  v.Expected("bytes_read_per_token", model.bytes_read_per_token, kMaxModelBytes);
  v.Field("cache_bytes_per_token", model.cache_bytes_per_token, kMaxModelBytes);
  v.Expected("content_id", model.content_id, kMaxModelName);
  v.IfKnown("refused_by_native", model.refusal);
  v.Field("einsums", model.einsums, kMaxEinsumKinds);
}

}  // namespace tare

#endif  // TARE_BENCH_PROTOCOL_MODEL_FACTS_FIELDS_H_
