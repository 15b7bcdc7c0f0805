#ifndef TARE_MODELS_FIND_FAMILY_H_
#define TARE_MODELS_FIND_FAMILY_H_

#include <string>
#include <string_view>

#include "models/family.h"

namespace tare {

// The family that a format calls `name`: FindFamily(&Family::gguf_architecture, "…"). nullptr if
// there is none. `suffix` is the end of a preset's class name: "Backbone", "Tokenizer".
const Family* FindFamily(std::string_view Family::*field, std::string_view name,
                         std::string_view suffix = {});

// The families' names in that field, for messages: `"a" or "b"`.
std::string FamilyNames(std::string_view Family::*field, std::string_view suffix = {});

}  // namespace tare

#endif  // TARE_MODELS_FIND_FAMILY_H_
