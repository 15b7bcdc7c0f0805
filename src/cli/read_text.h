#ifndef TARE_CLI_READ_TEXT_H_
#define TARE_CLI_READ_TEXT_H_

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace tare {

// Where a command's text comes from. In this order: the argument; the file ("-" means standard
// input); standard input.
struct TextSource {
  const std::optional<std::string>& argument;
  const std::string& file;
  std::string_view what;  // in messages: "prompt"
};

// Errors: Io; InvalidInput if nothing is given and standard input is a terminal.
Result<std::string> ReadText(const TextSource& source);

}  // namespace tare

#endif  // TARE_CLI_READ_TEXT_H_
