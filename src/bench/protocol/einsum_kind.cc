#include "bench/protocol/einsum_kind.h"

#include <nlohmann/json.hpp>

namespace tare {
namespace {

constexpr size_t kMaxKinds = 1024;
constexpr size_t kMaxKindText = 1024;
constexpr uint64_t kMaxCount = uint64_t{1} << 32;

}  // namespace

nlohmann::json EinsumsToJson(const std::vector<EinsumKind>& einsums) {
  nlohmann::json out = nlohmann::json::array();
  for (const EinsumKind& kind : einsums) {
    out.push_back({{"equation", kind.equation},
                   {"place", kind.place},
                   {"count", kind.count},
                   {"constant_operand", kind.constant_operand},
                   {"rewritten", kind.rewritten},
                   {"outcome", kind.outcome}});
  }
  return out;
}

Result<std::vector<EinsumKind>> EinsumsFromJson(const JsonFields& fields) {
  std::vector<EinsumKind> einsums;
  TARE_ASSIGN_OR_RETURN(const auto kinds, fields.Objects("einsums", kMaxKinds));
  for (const JsonFields& each : kinds) {
    EinsumKind kind;
    TARE_ASSIGN_OR_RETURN(kind.equation, each.Text("equation", kMaxKindText));
    TARE_ASSIGN_OR_RETURN(kind.place, each.Text("place", kMaxKindText));
    TARE_ASSIGN_OR_RETURN(kind.count, each.Count("count", kMaxCount));
    TARE_ASSIGN_OR_RETURN(kind.constant_operand, each.Flag("constant_operand"));
    TARE_ASSIGN_OR_RETURN(kind.rewritten, each.Flag("rewritten"));
    TARE_ASSIGN_OR_RETURN(kind.outcome, each.Text("outcome", kMaxKindText));
    einsums.push_back(std::move(kind));
  }
  return einsums;
}

}  // namespace tare
