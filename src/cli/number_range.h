#ifndef TARE_CLI_NUMBER_RANGE_H_
#define TARE_CLI_NUMBER_RANGE_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <limits>
#include <string>

namespace tare {

// More tokens, of a text or a vocabulary, than any model has.
inline constexpr uint64_t kMaxTokenCount = std::numeric_limits<int32_t>::max();
inline constexpr uint64_t kMaxPromptTokens = 1 << 20;  // that `bench` makes up

// Checks of numeric flags: whatever is no number, or outside the range, is a usage error that says
// what was given and what is expected. The help shows the range too. Every numeric flag has one.

// A whole decimal number from `least` to `most`.
//   minus_one   what -1 stands for, where it is a value beside those: "the default".
CLI::Validator WholeNumber(int64_t least, uint64_t most, const std::string& minus_one = "");

// Any whole decimal number, where the limits are known only later; whoever knows them checks it.
//   range   what will be taken, for the help: "0 to the model's context".
CLI::Validator WholeNumberWithin(const std::string& range);

// What --seed takes: -1 draws one.
CLI::Validator SeedNumber();
// The seed that `text` names, which SeedNumber() has checked. Draws one for -1.
uint64_t SeedFrom(const std::string& text);

// A finite number from `least` to `most`; without an upper bound where that is infinite.
CLI::Validator RealNumber(double least, double most = std::numeric_limits<double>::infinity());

}  // namespace tare

#endif  // TARE_CLI_NUMBER_RANGE_H_
