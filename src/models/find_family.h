#ifndef TARE_MODELS_FIND_FAMILY_H_
#define TARE_MODELS_FIND_FAMILY_H_

#include <string>
#include <string_view>

#include "models/family.h"

namespace tare {

// The family that a format calls `name`: FindFamily(&Family::gguf_architecture, "…"). nullptr where
// there is none. A preset's classes end in what they are: "Backbone", "Tokenizer".
const Family* FindFamily(std::string_view Family::*field, std::string_view name,
                         std::string_view suffix = {});

// What each family is called there, for messages: `"a" or "b"`.
std::string FamilyNames(std::string_view Family::*field, std::string_view suffix = {});

}  // namespace tare

#endif  // TARE_MODELS_FIND_FAMILY_H_
