#include "cli/number_range.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.h"

namespace tare {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// What a check says of `text`.
std::string Check(const CLI::Validator& validator, std::string text) { return validator(text); }

TEST(NumberRangeTest, WholeNumbersAreTakenWithinTheirRange) {
  const CLI::Validator range = WholeNumber(1, 1024, "the default");
  for (const char* good : {"1", "1024", "-1", "7"}) EXPECT_THAT(Check(range, good), IsEmpty());
  for (const char* bad : {"0", "1025", "-2", "", "x", "1x", "1.5", "0x10", "+1", " 1", "nan",
                          "99999999999999999999", "-99999999999999999999"}) {
    EXPECT_EQ(Check(range, bad),
              std::string("got \"") + bad +
                  "\", expected a whole number from 1 to 1024, or -1 for the default");
  }
}

TEST(NumberRangeTest, WithoutAMeaningMinusOneIsOutsideTheRange) {
  EXPECT_THAT(Check(WholeNumber(0, 5), "-1"), HasSubstr("from 0 to 5"));
}

TEST(NumberRangeTest, TheLargestSeedsAreTaken) {
  EXPECT_THAT(Check(SeedNumber(), "18446744073709551615"), IsEmpty());
  EXPECT_EQ(SeedFrom("18446744073709551615"), 18446744073709551615u);
  EXPECT_THAT(Check(SeedNumber(), "18446744073709551616"), HasSubstr("expected"));
  EXPECT_THAT(Check(SeedNumber(), "-2"), HasSubstr("or -1 for a random seed"));
}

TEST(NumberRangeTest, DrawnSeedsDiffer) {
  std::set<uint64_t> seeds;
  for (int i = 0; i < 8; ++i) seeds.insert(SeedFrom("-1"));
  EXPECT_EQ(seeds.size(), 8u);
}

// CLI11 reads 010 as eight.
TEST(NumberRangeTest, OctalNumbersAreRefused) {
  for (const char* octal : {"010", "00", "-01"}) {
    EXPECT_THAT(Check(WholeNumber(-5, 100), octal), HasSubstr("expected a whole number"));
  }
  EXPECT_THAT(Check(WholeNumber(-5, 100), "0"), IsEmpty());
}

TEST(NumberRangeTest, RealNumbersAreFinite) {
  const CLI::Validator range = RealNumber(0.5, 20);
  for (const char* good : {"0.5", "20", "1e1"}) EXPECT_THAT(Check(range, good), IsEmpty());
  for (const char* bad : {"0.4", "20.1", "nan", "inf", "-inf", "1e999", "", "x", "1x", "-1"}) {
    EXPECT_EQ(Check(range, bad),
              std::string("got \"") + bad + "\", expected a number from 0.5 to 20");
  }
  EXPECT_THAT(Check(RealNumber(0), "inf"), HasSubstr("expected a number of 0 or more"));
}

class AllCommands {
 public:
  AllCommands() {
    for (const auto add :
         {AddBackendsCommand, AddBenchCommand, AddCompareCommand, AddConvertCommand,
          AddGenerateCommand, AddInspectCommand, AddReportCommand, AddRunCommand, AddScoreCommand,
          AddSynthCommand, AddTokenizeCommand, AddWorkerCommand}) {
      add(app, context);
    }
  }

  CommandContext context;
  CLI::App app;
};

// Whether its values are numbers, by the type that CLI11 gives it.
bool IsNumeric(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  return type.starts_with("INT") || type.starts_with("UINT") || type.starts_with("FLOAT");
}

// All commands' numeric options, each as "command --option".
std::vector<std::pair<std::string, std::string>> NumericOptions() {
  std::vector<std::pair<std::string, std::string>> found;
  AllCommands all;
  for (const CLI::App* command : all.app.get_subcommands({})) {
    for (const CLI::Option* option : command->get_options()) {
      if (IsNumeric(*option)) found.emplace_back(command->get_name(), option->get_name());
    }
  }
  return found;
}

// A new numeric option without a check fails here.
TEST(NumberRangeTest, EveryNumericOptionOfEveryCommandRefusesWhatIsNoNumberOfItsRange) {
  const auto options = NumericOptions();
  EXPECT_GE(options.size(), 25u);
  for (const auto& [command, option] : options) {
    for (const char* value : {"-1e30", "x", "nan", "inf", "1e999", "-99999999999999999999",
                              "99999999999999999999", "12 34"}) {
      AllCommands all;
      std::string message = "taken";
      try {
        // What is required, and what commands do, comes after the check.
        all.app.parse(std::vector<std::string>{option + "=" + value, command});
      } catch (const CLI::ValidationError& error) {
        message = error.what();
      }
      EXPECT_THAT(message, HasSubstr(option + ": got \"" + value + "\", expected a "))
          << command << " " << option;
    }
  }
}

}  // namespace
}  // namespace tare
