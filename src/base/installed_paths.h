#ifndef TARE_BASE_INSTALLED_PATHS_H_
#define TARE_BASE_INSTALLED_PATHS_H_

#include <string>
#include <string_view>

namespace tare {

// A program finds its own files relative to its own path:
//   PREFIX/bin/             the program
//   PREFIX/libexec/tare/    programs that it starts
//   PREFIX/share/tare/      workers, suites, lean loading, sources of the hook
// A build folder has the same layout, so no path of a source or build tree is compiled in.

// InstalledPath("share/tare/workers") is PREFIX/share/tare/workers with this program's PREFIX,
// whether or not it exists. Empty if /proc/self/exe cannot be read.
std::string InstalledPath(std::string_view path);

// The same with the PREFIX of the `tare` in PATH, for programs that link the library. Empty if
// there is none in PATH.
std::string InstalledPathOfTare(std::string_view path);

}  // namespace tare

#endif  // TARE_BASE_INSTALLED_PATHS_H_
