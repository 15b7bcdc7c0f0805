// The types that a mix gives the tensors of a model, for an oracle:
//   tare_type_mixes < REQUEST
// The request's first line is MIX LAYERS HEADS KV_HEADS; then a tensor a line, NAME DIMS,
// row-major. Prints NAME TYPE for each; f32 for those that keep their type.
#include <fmt/format.h>

#include <iostream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "tools/convert/type_mix.h"

namespace tare {
namespace {

Status Run(std::istream& in) {
  std::string name, line;
  size_t layers = 0, heads = 0, kv_heads = 0;
  if (!(in >> name >> layers >> heads >> kv_heads)) return InvalidInput("no model");
  TARE_ASSIGN_OR_RETURN(const TypeMix* const mix, TypeMixFromName(name));
  MixFacts facts(layers, heads, kv_heads);
  std::vector<std::pair<std::string, Shape>> tensors;
  while (std::getline(in, line)) {
    std::istringstream words(line);
    std::vector<size_t> dims;
    if (!(words >> name)) continue;
    for (size_t dim = 0; words >> dim;) dims.push_back(dim);
    tensors.emplace_back(name, Shape(std::span<const size_t>(dims)));
    facts.Add(name, tensors.back().second);
  }
  for (const auto& [tensor, shape] : tensors) {
    fmt::print("{} {}\n", tensor,
               DTypeName(MixedType(*mix, facts, tensor, shape).value_or(DType::kF32)));
  }
  return {};
}

}  // namespace
}  // namespace tare

int main() {
  const tare::Status status = tare::Run(std::cin);
  if (status.ok()) return 0;
  fmt::print(stderr, "tare_type_mixes: {}\n", status.error().message());
  return 1;
}
