#ifndef TARE_BASE_CLOSEST_NAME_H_
#define TARE_BASE_CLOSEST_NAME_H_

#include <span>
#include <string>
#include <string_view>

namespace tare {

// The name that was probably meant: the one with the fewest edits (a character added, dropped or
// replaced, or two neighbours swapped), at most a third of its characters; else the shortest name
// that begins with `name`. Ignores case. Empty if no name is near.
std::string_view ClosestName(std::string_view name, std::span<const std::string_view> names);

// For errors: "did you mean greedy?" if a name is near, else "expected one of: greedy, top_k".
std::string NameAdvice(std::string_view name, std::span<const std::string_view> names);

}  // namespace tare

#endif  // TARE_BASE_CLOSEST_NAME_H_
