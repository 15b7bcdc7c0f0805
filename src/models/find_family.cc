#include "models/find_family.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "models/families/families.h"

namespace tare {

const Family* FindFamily(std::string_view Family::*field, std::string_view name,
                         std::string_view suffix) {
  if (!name.ends_with(suffix)) return nullptr;
  name.remove_suffix(suffix.size());
  if (name.empty()) return nullptr;
  for (const Family* family : Families()) {
    if (family->*field == name) return family;
    const KerasClasses* const other = family->other_keras;
    if (field == &Family::keras_classes && other != nullptr && other->classes == name) {
      return family;
    }
  }
  return nullptr;
}

std::string FamilyNames(std::string_view Family::*field, std::string_view suffix) {
  std::vector<std::string_view> known;
  for (const Family* family : Families()) {
    const std::string_view name = family->*field;
    if (!name.empty() && std::ranges::find(known, name) == known.end()) known.push_back(name);
  }
  std::string names;
  for (size_t i = 0; i < known.size(); ++i) {
    const std::string_view between = i == 0 ? "" : i + 1 == known.size() ? " or " : ", ";
    names += fmt::format("{}\"{}{}\"", between, known[i], suffix);
  }
  return names;
}

}  // namespace tare
