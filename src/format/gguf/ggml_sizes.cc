#include "format/gguf/ggml_sizes.h"

#include <iterator>

namespace tare {
namespace {

// By code, as gguf_types.cc names them; 0 elements: none.
constexpr GgmlBlock kBlocks[] = {
    {1, 4},    {1, 2},    {32, 18},  {32, 20},   {},         {},         {32, 22},   {32, 24},
    {32, 34},  {32, 36},  {256, 84}, {256, 110}, {256, 144}, {256, 176}, {256, 210}, {256, 292},
    {256, 66}, {256, 74}, {256, 98}, {256, 50},  {32, 18},   {256, 110}, {256, 82},  {256, 136},
    {1, 1},    {1, 2},    {1, 4},    {1, 8},     {1, 8},     {256, 56},  {1, 2},     {},
    {},        {},        {256, 54}, {256, 66},  {},         {},         {},         {32, 17},
    {64, 36},  {128, 18}, {64, 18},
};

}  // namespace

std::optional<GgmlBlock> GgmlBlockOf(uint32_t code) {
  if (code >= std::size(kBlocks) || kBlocks[code].elements == 0) return std::nullopt;
  return kBlocks[code];
}

}  // namespace tare
