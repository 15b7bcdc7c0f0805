#include "models/find_family.h"

#include <fmt/format.h>

#include "models/families/families.h"

namespace tare {

const Family* FindFamily(std::string_view Family::*field, std::string_view name,
                         std::string_view suffix) {
  if (!name.ends_with(suffix)) return nullptr;
  name.remove_suffix(suffix.size());
  for (const Family* family : Families()) {
    if (family->*field == name) return family;
  }
  return nullptr;
}

std::string FamilyNames(std::string_view Family::*field, std::string_view suffix) {
  const auto families = Families();
  std::string names;
  for (size_t i = 0; i < families.size(); ++i) {
    const std::string_view between = i == 0 ? "" : i + 1 == families.size() ? " or " : ", ";
    names += fmt::format("{}\"{}{}\"", between, families[i]->*field, suffix);
  }
  return names;
}

}  // namespace tare
