#ifndef TARE_CLI_NUMBER_RANGE_H_
#define TARE_CLI_NUMBER_RANGE_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <limits>
#include <string>

namespace tare {

// More tokens than any text or vocabulary has.
inline constexpr uint64_t kMaxTokenCount = std::numeric_limits<int32_t>::max();
inline constexpr uint64_t kMaxPromptTokens = 1 << 20;  // of a prompt that `bench` makes up

// Checks of numeric flags. A value that is not a number or is outside the range is a usage error,
// which says what was given and what is expected. The help shows the range too. Every numeric flag
// has a check.

// A whole decimal number from `least` to `most`.
//   minus_one   what -1 means, if it is allowed too: "the default".
CLI::Validator WholeNumber(int64_t least, uint64_t most, const std::string& minus_one = "");

// Any whole decimal number, if the limits are known only later; the code that knows them checks it.
//   range   the allowed range, for the help: "0 to the model's context".
CLI::Validator WholeNumberWithin(const std::string& range);

// A value of --seed; -1 draws one.
CLI::Validator SeedNumber();
// The seed in `text`, which SeedNumber() has checked. Draws one for -1.
uint64_t SeedFrom(const std::string& text);

// A finite number from `least` to `most`. If `most` is infinite there is no upper bound.
CLI::Validator RealNumber(double least, double most = std::numeric_limits<double>::infinity());

}  // namespace tare

#endif  // TARE_CLI_NUMBER_RANGE_H_
