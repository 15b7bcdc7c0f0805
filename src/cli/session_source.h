#ifndef TARE_CLI_SESSION_SOURCE_H_
#define TARE_CLI_SESSION_SOURCE_H_

#include <string>

#include "bench/results/document.h"
#include "bench/results/store.h"

namespace tare {

// The store that --store names, or the default one. Errors: InvalidInput where there is none.
Result<ResultStore> OpenStore(const std::string& path);

// The session that a user names: "12", "last", "last~1" in the store at `store` (empty: the default
// one), or a file that --export-json wrote. A name that ends in ".json" or holds a slash is a file.
Result<Document> LoadSession(const std::string& name, const std::string& store);

}  // namespace tare

#endif  // TARE_CLI_SESSION_SOURCE_H_
