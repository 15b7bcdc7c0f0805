#include "format/gguf/gguf_parts.h"

#include <algorithm>

#include "base/count_text.h"

namespace tare {
namespace {

constexpr std::string_view kPlaceKey = "split.no";
constexpr std::string_view kCountKey = "split.count";
constexpr std::string_view kTensorsKey = "split.tensors.count";
constexpr std::string_view kOf = "-of-";
constexpr std::string_view kSuffix = ".gguf";
constexpr size_t kDigits = 5;

Result<uint64_t> KeyOr(const GgufIndex& index, std::string_view key, uint64_t fallback) {
  const auto value = std::ranges::find(index.values, key, &GgufValue::key);
  return value == index.values.end() ? Result<uint64_t>(fallback) : value->AsU64();
}

// 0 if they are no five digits.
size_t ReadNumber(std::string_view digits) {
  size_t number = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return 0;
    number = number * 10 + static_cast<size_t>(c - '0');
  }
  return number;
}

}  // namespace

std::optional<GgufPartName> ReadGgufPartName(std::string_view path) {
  // "-00001-of-00003.gguf"
  constexpr size_t kTail = 1 + kDigits + kOf.size() + kDigits + kSuffix.size();
  if (path.size() < kTail) return std::nullopt;
  const std::string_view tail = path.substr(path.size() - kTail);
  if (tail[0] != '-' || tail.substr(1 + kDigits, kOf.size()) != kOf || !tail.ends_with(kSuffix)) {
    return std::nullopt;
  }
  const GgufPartName name = {path.substr(0, path.size() - kTail),
                             ReadNumber(tail.substr(1, kDigits)),
                             ReadNumber(tail.substr(1 + kDigits + kOf.size(), kDigits))};
  if (name.number == 0 || name.number > name.count) return std::nullopt;
  return name;
}

Result<std::vector<std::string>> GgufPartPaths(std::span<const std::byte> bytes,
                                               const std::string& path) {
  TARE_ASSIGN_OR_RETURN(const GgufIndex index, ParseGguf(bytes, ForeignTypes::kList));
  TARE_ASSIGN_OR_RETURN(const uint64_t count, KeyOr(index, kCountKey, 1));
  if (count <= 1) return std::vector<std::string>{path};
  if (count > kMaxGgufParts) {
    return Unsupported("is split into {} parts, expected at most {}", count, kMaxGgufParts);
  }
  const std::optional<GgufPartName> name = ReadGgufPartName(path);
  if (!name) {
    return InvalidInput(
        "is a part of a model split into {}, but its name does not tell the others'; give it back "
        "the name that ends in -00001-of-{:05}.gguf, or the number of this part",
        count, count);
  }
  if (name->count != count) {
    return CorruptFile("its name tells of {}, its key {} of {}", CountText(name->count, "part"),
                       kCountKey, count);
  }
  std::vector<std::string> paths;
  for (size_t number = 1; number <= name->count; ++number) {
    paths.push_back(fmt::format("{}-{:05}-of-{:05}{}", name->stem, number, count, kSuffix));
  }
  return paths;
}

Result<MappedFile> OpenGgufPart(const std::string& part, const std::string& given, size_t count) {
  Result<MappedFile> file = MappedFile::Open(part);
  if (file.ok()) return file;
  return file.error().In(
      fmt::format("{}: the model has {} parts, which must lie in one folder", given, count));
}

Status CheckGgufPart(const GgufIndex& part, size_t place, size_t count) {
  TARE_ASSIGN_OR_RETURN(const uint64_t own_count, KeyOr(part, kCountKey, 1));
  TARE_ASSIGN_OR_RETURN(const uint64_t own_place, KeyOr(part, kPlaceKey, 0));
  // Some writers say that a whole file has 0 parts.
  if (std::max<uint64_t>(own_count, 1) != count) {
    return CorruptFile("is one of {}, expected {}: its key {} differs from the first part's",
                       CountText(own_count, "part"), count, kCountKey);
  }
  if (own_place != place) {
    return CorruptFile("its key {} is {}, expected {}; was it renamed?", kPlaceKey, own_place,
                       place);
  }
  return {};
}

Status CheckGgufPartTensors(const GgufIndex& all) {
  const uint64_t found = all.tensors.size() + all.foreign.size();
  TARE_ASSIGN_OR_RETURN(const uint64_t expected, KeyOr(all, kTensorsKey, found));
  if (found == expected) return {};
  return CorruptFile("its parts hold {}, expected {} by its key {}", CountText(found, "tensor"),
                     expected, kTensorsKey);
}

}  // namespace tare
