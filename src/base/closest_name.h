#ifndef TARE_BASE_CLOSEST_NAME_H_
#define TARE_BASE_CLOSEST_NAME_H_

#include <span>
#include <string>
#include <string_view>

namespace tare {

// The name that was probably meant: the one that the fewest edits (a character added, dropped,
// replaced, or two neighbours swapped) lead to, of at most a third of its characters; else the
// shortest that begins with `name`. Case does not count. Empty where none is near.
std::string_view ClosestName(std::string_view name, std::span<const std::string_view> names);

// For errors: "did you mean greedy?" where a name is near, else "expected one of: greedy, top_k".
std::string NameAdvice(std::string_view name, std::span<const std::string_view> names);

}  // namespace tare

#endif  // TARE_BASE_CLOSEST_NAME_H_
