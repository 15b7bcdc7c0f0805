#include "models/tokenizers/chat_templates.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/mapped_file.h"
#include "format/json/json_file.h"
#include "format/quote.h"
#include "models/keras_extras.h"

namespace tare {
namespace {

constexpr char kTemplateKey[] = "chat_template";
constexpr std::string_view kGgufKey = "tokenizer.chat_template";
// A folder of more templates than this is no model's.
constexpr size_t kMaxTemplates = 100;

bool IsThere(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

Status AddFile(const std::string& path, std::string name, ChatTemplates& templates) {
  TARE_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(path));
  const auto bytes = file.bytes();
  templates.all.push_back({std::move(name), path,
                           std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size())});
  return {};
}

// chat_template.jinja and additional_chat_templates/.
Status AddFiles(const std::string& folder, ChatTemplates& templates) {
  const std::string main = folder + "/chat_template.jinja";
  if (IsThere(main)) TARE_RETURN_IF_ERROR(AddFile(main, std::string(kDefaultTemplate), templates));
  std::error_code error;
  const std::string more = folder + "/additional_chat_templates";
  std::vector<std::filesystem::path> paths;
  for (std::filesystem::directory_iterator it(more, error), end; !error && it != end;
       it.increment(error)) {
    if (it->path().extension() == ".jinja") paths.push_back(it->path());
    if (paths.size() > kMaxTemplates) {
      return Unsupported("{}: has more than {} templates", more, kMaxTemplates);
    }
  }
  std::ranges::sort(paths);
  for (const std::filesystem::path& path : paths) {
    TARE_RETURN_IF_ERROR(AddFile(path.string(), path.stem().string(), templates));
  }
  return {};
}

// `chat_template` of a JSON file: one template, or several by name.
Status AddFromJson(const std::string& path, ChatTemplates& templates) {
  if (!IsThere(path)) return {};
  TARE_ASSIGN_OR_RETURN(const JsonObject config, JsonObject::Open(path));
  const nlohmann::json* const value = config.Find(kTemplateKey);
  if (value == nullptr) return {};
  const std::string place = path + ": " + kTemplateKey;
  if (!value->is_array()) {
    TARE_ASSIGN_OR_RETURN(std::string source, config.GetString(kTemplateKey));
    templates.all.push_back({std::string(kDefaultTemplate), place, std::move(source)});
    return {};
  }
  TARE_ASSIGN_OR_RETURN(const std::vector<JsonObject> several, config.GetObjects(kTemplateKey));
  for (const JsonObject& each : several) {
    TARE_ASSIGN_OR_RETURN(std::string name, each.GetString("name"));
    TARE_ASSIGN_OR_RETURN(std::string source, each.GetString("template"));
    templates.all.push_back({std::move(name), place, std::move(source)});
  }
  return {};
}

}  // namespace

const FoundTemplate* ChatTemplates::Find(std::string_view name) const {
  const auto found = std::ranges::find(all, name, &FoundTemplate::name);
  return found == all.end() ? nullptr : &*found;
}

Result<FoundTemplate> ChatTemplates::Choose(bool has_tools, const std::string& model) const {
  const FoundTemplate* const for_tools = has_tools ? Find(kToolTemplate) : nullptr;
  if (for_tools != nullptr) return *for_tools;
  if (const FoundTemplate* found = Find(kDefaultTemplate)) return *found;
  if (all.empty()) {
    return InvalidInput(
        "{}: the model has no chat template; give one with --chat-template FILE, or write the "
        "prompt's layout yourself",
        model);
  }
  return InvalidInput("{}: none of the model's {} chat templates is named \"default\"", model,
                      all.size());
}

Result<ChatTemplates> ReadChatTemplates(const GgufFile& file) {
  ChatTemplates templates;
  const std::string prefix = std::string(kGgufKey) + ".";
  for (const GgufValue& value : file.values()) {
    const std::string_view key = value.key();
    if (key != kGgufKey && !key.starts_with(prefix)) continue;
    TARE_ASSIGN_OR_RETURN(const std::string_view source, file.GetString(key));
    const std::string name(key == kGgufKey ? kDefaultTemplate : key.substr(prefix.size()));
    templates.all.push_back({name, file.path() + ": " + Printable(key), std::string(source)});
  }
  return templates;
}

Result<ChatTemplates> ReadChatTemplates(const std::string& folder) {
  ChatTemplates templates;
  TARE_RETURN_IF_ERROR(AddFiles(folder, templates));
  for (const char* const name : {"/tokenizer_config.json", "/chat_template.json"}) {
    if (templates.all.empty()) TARE_RETURN_IF_ERROR(AddFromJson(folder + name, templates));
  }
  if (!templates.all.empty()) return templates;
  TARE_ASSIGN_OR_RETURN(KerasExtras extras, ReadKerasExtras(folder));
  if (!extras.chat_template.empty()) {
    templates.all.push_back({std::string(kDefaultTemplate), folder + "/" + kKerasExtrasFile,
                             std::move(extras.chat_template)});
  }
  return templates;
}

}  // namespace tare
