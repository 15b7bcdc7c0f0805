#include "models/tokenizers/vocabulary_files.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/mapped_file.h"
#include "format/json/json_file.h"
#include "format/quote.h"

namespace tare {
namespace {

constexpr uint64_t kMaxVocabularyBytes = 256 << 20;

}  // namespace

Status ReadVocabularyFile(const std::string& path, VocabularyBuilder& builder) {
  const JsonReceiver receiver = {
      [](JsonPath at) { return at.empty(); },
      [&](JsonPath at, nlohmann::json& value) -> Status {
        if (at.empty()) return CorruptFile("is {}, expected an object", value.type_name());
        if (!value.is_number_unsigned()) {
          return CorruptFile("token {} is {}, expected an id", Quote(at[0]), value.type_name());
        }
        return builder.AddToken(at[0], value.get<uint64_t>());
      }};
  TARE_RETURN_IF_ERROR(ReadJsonFile(path, kMaxVocabularyBytes, receiver));
  const Status finished = builder.FinishTokens();
  if (!finished.ok()) return finished.error().In(path);
  return {};
}

Status ReadMergesFile(const std::string& path, VocabularyBuilder& builder) {
  TARE_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(path));
  std::string_view rest(reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size());
  while (!rest.empty()) {
    const size_t size = std::min(rest.find_first_of("\r\n"), rest.size());
    const size_t line_end = rest.substr(size, 2) == "\r\n" ? 2 : 1;
    std::string_view line = rest.substr(0, size);
    rest.remove_prefix(std::min(size + line_end, rest.size()));
    line = line.substr(0, line.find_last_not_of(" \t\v\f") + 1);
    if (line.find("#version:") != std::string_view::npos) continue;
    const Status added = builder.AddMerge(line);
    if (!added.ok()) return added.error().In(path);
  }
  return {};
}

}  // namespace tare
