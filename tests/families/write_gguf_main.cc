// Writes each model of tests/golden/family_logits that GGUF can express as FOLDER/NAME.gguf, in
// f32, converted from a Hugging Face folder, and prints its name.
//
//   tare_family_gguf FOLDER

#include <fmt/format.h>

#include <filesystem>
#include <string>

#include "golden_model.h"
#include "tools/convert/convert.h"

namespace tare {
namespace {

// False if GGUF cannot express it.
Result<bool> WriteGguf(const std::string& name, const std::string& out) {
  const std::string source = fmt::format("{}/{}", out, name);
  TARE_RETURN_IF_ERROR(WriteGoldenModel(ReadGoldenModel(name), source));
  const auto summary = ConvertModel(source, source + ".gguf",
                                    {.to = ModelFormat::kGguf, .type = FindTypeMix("f32")});
  std::filesystem::remove_all(source);
  if (summary.ok()) return true;
  if (summary.error().code() == ErrorCode::kUnsupported) return false;
  return summary.error();
}

int WriteAll(const std::string& folder) {
  std::filesystem::create_directories(folder);
  for (const std::string& name : GoldenModelNames()) {
    const Result<bool> written = WriteGguf(name, folder);
    if (!written.ok()) {
      fmt::print(stderr, "{}: {}\n", name, written.error().message());
      return 1;
    }
    if (*written) fmt::print("{}\n", name);
  }
  return 0;
}

}  // namespace
}  // namespace tare

int main(int argc, char** argv) {
  if (argc == 2) return tare::WriteAll(argv[1]);
  fmt::print(stderr, "usage: tare_family_gguf FOLDER\n");
  return 2;
}
