#ifndef TARE_CLI_MODEL_ARGUMENT_H_
#define TARE_CLI_MODEL_ARGUMENT_H_

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "base/error.h"

namespace tare {

inline constexpr char kModelHelp[] =
    "Model: a GGUF file, a KerasHub preset's folder or a Hugging Face model's";

// The model of a command, and its other positional argument: `-m MODEL [OTHER]` or
// `MODEL [OTHER]`.
class ModelArgument {
 public:
  // What the other positional argument is.
  enum class Other { kText, kFile };

  // Adds -m and both positional arguments. This object must outlive the parse.
  void AddTo(CLI::App& command, const std::string& other_name, const std::string& other_help,
             Other other = Other::kText);

  // For the command's callback, before anything else is asked: tells the arguments apart.
  //   Errors  InvalidInput where no model is given, or one argument too many, or the model is a
  //           name that CheckModelName refuses.
  Status Settle();

  const std::string& model() const { return model_; }
  const std::optional<std::string>& other() const { return other_; }

 private:
  std::optional<std::string> flag_;
  std::optional<std::string> first_;
  std::optional<std::string> second_;
  std::string command_;
  std::string other_name_;
  Other kind_ = Other::kText;

  std::string model_;
  std::optional<std::string> other_;
};

// Whether it can be a file or folder, so that opening it will say more.
//   Errors  InvalidInput for an address, or a model's name on Hugging Face that is no path here:
//           Tare does not download, and the message says how to get the file.
Status CheckModelName(const std::string& model);

}  // namespace tare

#endif  // TARE_CLI_MODEL_ARGUMENT_H_
