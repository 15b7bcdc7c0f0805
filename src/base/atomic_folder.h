#ifndef TARE_BASE_ATOMIC_FOLDER_H_
#define TARE_BASE_ATOMIC_FOLDER_H_

#include <string>
#include <utility>

#include "base/error.h"

namespace tare {

// What AtomicFolder may do with a folder of its name that is there already and not empty.
enum class OldFolder { kKeep, kReplace };

// A folder that appears under its name with all its files or not at all: they are written into a
// temporary folder beside it, which Commit() renames. Until then whatever had that name stays as it
// was, and the destructor removes the temporary, and so does a signal that ends the process
// (base/temporaries.h). Move-only.
class AtomicFolder {
 public:
  // `mark` is a file by which a folder that may be replaced is known, such as "config.json", so
  // that no folder of anything else is ever removed.
  //   Errors  InvalidInput where `path` is there and is no folder, or one that must not be
  //           replaced; Io.
  static Result<AtomicFolder> Create(const std::string& path, OldFolder old,
                                     const std::string& mark);

  AtomicFolder(AtomicFolder&& other) noexcept
      : path_(std::move(other.path_)), temporary_(std::exchange(other.temporary_, {})) {}
  AtomicFolder& operator=(AtomicFolder&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(temporary_, other.temporary_);
    return *this;
  }
  AtomicFolder(const AtomicFolder&) = delete;
  AtomicFolder& operator=(const AtomicFolder&) = delete;
  ~AtomicFolder();

  // Where the files are to be written until Commit().
  const std::string& temporary() const { return temporary_; }
  const std::string& path() const { return path_; }

  // Makes a folder in it, "assets/tokenizer". Errors: Io.
  Status MakeFolder(const std::string& name) const;

  // Precondition: called once, with every file in it written and closed. An older folder of its
  // name is there until the new one takes its place, then removed.
  Status Commit();

 private:
  AtomicFolder(std::string path, std::string temporary)
      : path_(std::move(path)), temporary_(std::move(temporary)) {}

  void RemoveTemporary();

  std::string path_;
  std::string temporary_;  // empty once it is gone or renamed
};

}  // namespace tare

#endif  // TARE_BASE_ATOMIC_FOLDER_H_
