#ifndef TARE_BENCH_RESULTS_MODEL_HASH_H_
#define TARE_BENCH_RESULTS_MODEL_HASH_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/error.h"

namespace tare {

// If its stamp is unchanged, a file was not written to.
struct FileStamp {
  std::string path;  // absolute, links resolved
  uint64_t bytes = 0;
  int64_t modified_ns = 0;
  uint64_t device = 0;
  uint64_t inode = 0;

  bool operator==(const FileStamp&) const = default;
};

// Stores hashes, so that a file is not read again for every session.
struct HashCache {
  std::function<std::string(const FileStamp&)> find;  // returns an empty text if there is none
  std::function<void(const FileStamp&, const std::string& sha256)> keep;
};

// SHA-256 of a model's bytes, in hexadecimal: of the file; or, for a folder, of the lines
// "HASH NAME\n" of all regular files in it and below, in the order of their names; for a part of a
// split GGUF file, of such lines of all parts. Hidden files and
// folders are left out.
//   Errors  Io; InvalidInput for what is neither file nor folder.
Result<std::string> ModelHash(const std::string& model, const HashCache& cache);

}  // namespace tare

#endif  // TARE_BENCH_RESULTS_MODEL_HASH_H_
