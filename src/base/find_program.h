#ifndef TARE_BASE_FIND_PROGRAM_H_
#define TARE_BASE_FIND_PROGRAM_H_

#include <string>
#include <string_view>

namespace tare {

// The path of a program found through PATH, or empty.
std::string FindProgram(std::string_view name);

}  // namespace tare

#endif  // TARE_BASE_FIND_PROGRAM_H_
