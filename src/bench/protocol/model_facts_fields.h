#ifndef TARE_BENCH_PROTOCOL_MODEL_FACTS_FIELDS_H_
#define TARE_BENCH_PROTOCOL_MODEL_FACTS_FIELDS_H_

#include "bench/protocol/json_records.h"
#include "bench/protocol/protocol.h"

namespace tare {

// The fields of what is known of a model, see json_records.h.

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

// The einsums of a model alone. Errors: InvalidInput.
inline Status ReadEinsums(const JsonFields& fields, std::vector<EinsumKind>& einsums) {
  RecordReader reader(fields);
  reader.Field("einsums", einsums, kMaxEinsumKinds);
  return reader.status();
}

// What results keep: all but the ranges and the prompts, which only a measurement needs.
template <typename V>
void VisitFields(V& v, RecordOf<V, ModelFacts>& model) {
  v.Field("path", model.path);
  v.Field("form", model.form);
  v.Field("family", model.family);
  v.Field("precision", model.precision);
  v.Field("parameters", model.parameters);
  v.Field("file_bytes", model.file_bytes);
  v.Field("weights_bytes", model.weights_bytes);
  v.Field("bytes_read_per_token", model.bytes_read_per_token);
  v.Field("cache_bytes_per_token", model.cache_bytes_per_token);
  v.Field("content_id", model.content_id);
  v.Field("einsums", model.einsums, kMaxEinsumKinds);
}

}  // namespace tare

#endif  // TARE_BENCH_PROTOCOL_MODEL_FACTS_FIELDS_H_
