#include "cli/model_argument.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <string_view>

namespace tare {
namespace {

bool Exists(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

// "user/repo" of "user/repo", "user/repo:Q4_K_M", "hf.co/user/repo" and the like; else empty.
std::string HubName(std::string_view text) {
  for (const std::string_view host :
       {"https://huggingface.co/", "https://hf.co/", "huggingface.co/", "hf.co/", "hf://"}) {
    if (!text.starts_with(host)) continue;
    text.remove_prefix(host.size());
    break;
  }
  text = text.substr(0, text.find(':'));
  const size_t slash = text.find('/');
  const bool two_parts = slash != text.npos && slash > 0 && slash + 1 < text.size() &&
                         text.find('/', slash + 1) == text.npos;
  const bool plain = std::ranges::all_of(text, [](unsigned char c) {
    return std::isalnum(c) || c == '-' || c == '_' || c == '.' || c == '/';
  });
  const bool is_relative = text.starts_with('.') || text.starts_with("~");
  return two_parts && plain && !is_relative ? std::string(text) : std::string();
}

Error NoDownload(const std::string& model, const std::string& hub_name) {
  if (hub_name.empty()) {
    return InvalidInput("{}: Tare does not download models; get the file first: curl -LO {}", model,
                        model);
  }
  return InvalidInput(
      "{}: there is no such file or folder, and Tare does not download models; get it from Hugging "
      "Face first: hf download {} --local-dir {}; then name that folder, or the GGUF file in it",
      model, hub_name, hub_name.substr(hub_name.find('/') + 1));
}

}  // namespace

Status CheckModelName(const std::string& model) {
  if (Exists(model)) return {};
  const std::string hub_name = HubName(model);
  const bool is_address = model.find("://") != std::string::npos;
  if (!is_address && hub_name.empty()) return {};
  // A mistyped file name, if its folder exists.
  const bool has_folder = !is_address && Exists(model.substr(0, model.find('/')));
  if (has_folder || (!is_address && model.ends_with(".gguf"))) return {};
  return NoDownload(model, hub_name);
}

void ModelArgument::AddTo(CLI::App& command, const std::string& other_name,
                          const std::string& other_help, Other other) {
  command_ = command.get_name();
  other_name_ = other_name;
  kind_ = other;
  // Newer versions of CLI11 let a positional argument and a flag share a name only if no
  // configuration file may set the flag.
  command.add_option("-m,--model", flag_, kModelHelp)->configurable(false);
  command.add_option("model", first_, "Model, if -m is not given");
  command.add_option(other_name, second_, other_help);
}

Status ModelArgument::Settle() {
  if (!flag_ && !first_) {
    return InvalidInput("{}: no model; try: tare {} -m FILE", command_, command_);
  }
  if (flag_ && second_) {
    return InvalidInput("{}: got \"{}\" and \"{}\", expected one {} after -m MODEL", command_,
                        *first_, *second_, other_name_);
  }
  model_ = flag_ ? *flag_ : *first_;
  other_ = flag_ ? first_ : second_;
  TARE_RETURN_IF_ERROR(CheckModelName(model_));
  // Most likely the text of a command whose model was forgotten.
  if (!flag_ && !other_ && kind_ == Other::kText && !Exists(model_)) {
    return InvalidInput(
        "\"{}\": there is no such file or folder; without -m the first argument is the model; "
        "try: tare {} -m FILE {}",
        model_, command_, other_name_);
  }
  return {};
}

}  // namespace tare
