#ifndef TARE_CLI_SESSION_SOURCE_H_
#define TARE_CLI_SESSION_SOURCE_H_

#include <string>

#include "bench/results/document.h"
#include "bench/results/store.h"

namespace tare {

// Opens the store that --store names, or the default one. Errors: InvalidInput if there is none.
Result<ResultStore> OpenStore(const std::string& path);

// Loads the session that a user names: "12", "last" or "last~1" in the store at `store` (empty: the
// default one), or a file that --export-json wrote. A name with a slash, or one that ends in
// ".json", is a file.
Result<Document> LoadSession(const std::string& name, const std::string& store);

}  // namespace tare

#endif  // TARE_CLI_SESSION_SOURCE_H_
