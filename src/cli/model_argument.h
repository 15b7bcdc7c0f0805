#ifndef TARE_CLI_MODEL_ARGUMENT_H_
#define TARE_CLI_MODEL_ARGUMENT_H_

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "base/error.h"

namespace tare {

inline constexpr char kModelHelp[] =
    "Model: a GGUF file, or the folder of a KerasHub preset or of a\n"
    "Hugging Face model";

// The model of a command and its other positional argument: `-m MODEL [OTHER]` or
// `MODEL [OTHER]`.
class ModelArgument {
 public:
  // What the other positional argument is.
  enum class Other { kText, kFile };

  // Adds -m and both positional arguments. This object must outlive the parse.
  void AddTo(CLI::App& command, const std::string& other_name, const std::string& other_help,
             Other other = Other::kText);

  // Decides which argument is the model. Call it first in the command's callback.
  //   Errors  InvalidInput if there is no model, or one argument too many, or CheckModelName
  //           refuses the model.
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

// Checks that `model` can be a file or folder here.
//   Errors  InvalidInput for a web address, or for the name of a model on Hugging Face that is not
//           a path here. Tare does not download models; the message says how to get the file.
Status CheckModelName(const std::string& model);

}  // namespace tare

#endif  // TARE_CLI_MODEL_ARGUMENT_H_
