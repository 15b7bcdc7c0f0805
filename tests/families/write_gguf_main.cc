// Writes each model of tests/golden/family_logits that GGUF can express into FOLDER, in f32,
// converted from a Hugging Face folder. Prints a line for each: its name in family_logits, its
// path.
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
Result<bool> WriteGguf(const std::string& name, const std::string& path) {
  const std::string source = path + ".source";
  TARE_RETURN_IF_ERROR(WriteGoldenModel(ReadGoldenModel(name), source));
  const auto summary =
      ConvertModel(source, path, {.to = ModelFormat::kGguf, .type = FindTypeMix("f32")});
  std::filesystem::remove_all(source);
  if (summary.ok()) return true;
  if (summary.error().code() == ErrorCode::kUnsupported) return false;
  return summary.error();
}

int WriteAll(const std::string& folder) {
  std::filesystem::create_directories(folder);
  size_t count = 0;
  for (const std::string& name : GoldenModelNames()) {
    // Numbers, because the file's name becomes the model's, from which llama.cpp may conclude which
    // tokens there are.
    const std::string path = fmt::format("{}/{}.gguf", folder, count);
    const Result<bool> written = WriteGguf(name, path);
    if (!written.ok()) {
      fmt::print(stderr, "{}: {}\n", name, written.error().message());
      return 1;
    }
    if (!*written) continue;
    fmt::print("{} {}\n", name, path);
    ++count;
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
