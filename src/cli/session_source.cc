#include "cli/session_source.h"

#include <fstream>
#include <sstream>

#include "base/error.h"
#include "bench/results/result_json.h"

namespace tare {
namespace {

Result<Document> LoadExport(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return IoError("cannot read {}; is it a file from --export-json?", path);
  Result<Document> document = DocumentFromJson(text.str());
  if (!document.ok()) return document.error().In(path);
  return document;
}

}  // namespace

Result<ResultStore> OpenStore(const std::string& path) {
  if (!path.empty()) return ResultStore::Open(path, ResultStore::Mode::kExisting);
  TARE_ASSIGN_OR_RETURN(const std::string standard, DefaultStorePath());
  return ResultStore::Open(standard, ResultStore::Mode::kExisting);
}

Result<Document> LoadSession(const std::string& name, const std::string& store) {
  if (name.ends_with(".json") || name.find('/') != std::string::npos) return LoadExport(name);
  TARE_ASSIGN_OR_RETURN(ResultStore open, OpenStore(store));
  TARE_ASSIGN_OR_RETURN(const uint64_t id, open.Find(name));
  return open.Load(id);
}

}  // namespace tare
