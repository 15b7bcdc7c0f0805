#ifndef TARE_BASE_ATOMIC_FOLDER_H_
#define TARE_BASE_ATOMIC_FOLDER_H_

#include <string>
#include <utility>

#include "base/error.h"

namespace tare {

// What AtomicFolder does with an existing folder of its name that is not empty.
enum class OldFolder { kKeep, kReplace };

// A folder that appears under its name with all its files or not at all. The files go to a
// temporary folder beside it, which Commit() renames. Until then an older folder of that name stays
// as it is. The destructor removes the temporary folder, and so does a signal that ends the process
// (base/temporaries.h). Move-only.
class AtomicFolder {
 public:
  // `mark` is a file that a folder must have to be replaced, such as "config.json", so that no
  // other folder is ever removed.
  //   Errors  InvalidInput if `path` exists and is not a folder, or must not be replaced; Io.
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

  // Write the files here until Commit().
  const std::string& temporary() const { return temporary_; }
  const std::string& path() const { return path_; }

  // Creates a folder in it, such as "assets/tokenizer". Errors: Io.
  Status MakeFolder(const std::string& name) const;

  // Precondition: called once, with all files written and closed. An older folder of the same name
  // is removed once the new one has taken its place.
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
