#ifndef TARE_BASE_TESTING_TEST_PATHS_H_
#define TARE_BASE_TESTING_TEST_PATHS_H_

#include <string>
#include <string_view>

namespace tare {

// Where tests find what lies outside their program. One object file holds the two folders, so that
// the compiler cache serves every test to every checkout.

// A file or folder of the source tree: SourceFile("tests/golden/einsum.json").
std::string SourceFile(std::string_view path);

// What the build made: BuiltFile("bin/tare_fake_worker").
std::string BuiltFile(std::string_view path);

}  // namespace tare

#endif  // TARE_BASE_TESTING_TEST_PATHS_H_
