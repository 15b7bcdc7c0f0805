#ifndef TARE_BASE_INSTALLED_PATHS_H_
#define TARE_BASE_INSTALLED_PATHS_H_

#include <string>
#include <string_view>

namespace tare {

// What comes with a program is found from where the program itself lies:
//   PREFIX/bin/             the program
//   PREFIX/libexec/tare/    programs that it starts
//   PREFIX/share/tare/      workers, suites, lean loading, sources of the hook
// A build folder is laid out in the same way, so no path of a source or build tree is compiled in.

// InstalledPath("share/tare/workers") is PREFIX/share/tare/workers, whether or not it exists,
// PREFIX being this program's. Empty where /proc/self/exe cannot be read.
std::string InstalledPath(std::string_view path);

// The same with the PREFIX of the `tare` that PATH finds, for programs that link the library. Empty
// where PATH finds none.
std::string InstalledPathOfTare(std::string_view path);

}  // namespace tare

#endif  // TARE_BASE_INSTALLED_PATHS_H_
