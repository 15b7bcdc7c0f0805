// Encodes numbers as an element type's blocks, or decodes blocks to numbers, for an oracle:
//   tare_blocks --type q6_k --in FILE --out FILE [--decode]
// Numbers are f32 little-endian and fill whole blocks. Blocks are in GGUF's format.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "tensor/dequantize.h"
#include "tensor/quantize.h"

namespace tare {
namespace {

struct Flags {
  std::string type;
  std::string in;
  std::string out;
  bool decode = false;
};

Result<DType> TypeFrom(const std::string& name) {
  const auto* const row = std::ranges::find(kDTypeRows, name, &DTypeRow::name);
  if (row == std::end(kDTypeRows)) return InvalidInput("there is no type {}", name);
  return row->type;
}

Status Run(const Flags& flags) {
  TARE_ASSIGN_OR_RETURN(const DType type, TypeFrom(flags.type));
  std::ifstream in(flags.in, std::ios::binary);
  const std::vector<char> bytes((std::istreambuf_iterator<char>(in)), {});
  const size_t unit = flags.decode ? BlockBytes(type) : BlockElements(type) * sizeof(float);
  if (!in || bytes.empty() || bytes.size() % unit != 0) {
    return IoError("{}: {} bytes, expected a multiple of {}", flags.in, bytes.size(), unit);
  }
  const size_t elements = bytes.size() / unit * BlockElements(type);
  std::vector<float> numbers(elements);
  std::vector<std::byte> blocks(StoredBytes(type, elements));
  std::span<std::byte> result = blocks;
  if (flags.decode) {
    std::ranges::copy(std::as_bytes(std::span(bytes)), blocks.begin());
    DequantizeRow(type, blocks.data(), elements, numbers.data());
    result = std::as_writable_bytes(std::span(numbers));
  } else {
    std::ranges::copy(std::as_bytes(std::span(bytes)),
                      std::as_writable_bytes(std::span(numbers)).begin());
    QuantizeRow(type, numbers.data(), elements, blocks.data());
  }
  std::ofstream out(flags.out, std::ios::binary);
  out.write(reinterpret_cast<const char*>(result.data()),
            static_cast<std::streamsize>(result.size()));
  if (!out.flush()) return IoError("{}: cannot be written", flags.out);
  return {};
}

}  // namespace
}  // namespace tare

int main(int argc, char** argv) {
  tare::Flags flags;
  CLI::App app("Blocks of an element type", "tare_blocks");
  app.add_option("--type", flags.type)->required();
  app.add_option("--in", flags.in)->required();
  app.add_option("--out", flags.out)->required();
  app.add_flag("--decode", flags.decode);
  CLI11_PARSE(app, argc, argv);
  const tare::Status status = tare::Run(flags);
  if (status.ok()) return 0;
  fmt::print(stderr, "tare_blocks: {}\n", status.error().message());
  return 1;
}
