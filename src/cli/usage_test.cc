#include "cli/usage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>

#include "base/wrap_text.h"
#include "cli/commands.h"

namespace tare {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// What main says of arguments that cannot be parsed; no command runs.
std::string ErrorOf(std::vector<std::string> arguments) {
  CLI::App app("test", "tare");
  CommandContext context;
  AddCommands(app, context);
  std::reverse(arguments.begin(), arguments.end());
  try {
    app.parse(arguments);
  } catch (const CLI::ParseError& error) {
    return UsageError(app, error);
  }
  return "none";
}

TEST(UsageTest, AnUnknownCommandGetsTheOneThatWasMeant) {
  EXPECT_EQ(ErrorOf({"generte", "-m", "x"}),
            "tare: error: there is no command \"generte\"; did you mean generate?\n"
            "try: tare --help\n");
  EXPECT_THAT(ErrorOf({"backends", "instal", "native"}),
              HasSubstr("there is no command \"instal\"; did you mean install?\n"
                        "try: tare backends --help"));
  EXPECT_THAT(ErrorOf({"frobnicate"}), HasSubstr("expected one of: generate, convert, score"));
  EXPECT_THAT(ErrorOf({"wrker"}), Not(HasSubstr("did you mean worker")));
}

TEST(UsageTest, AMissingCommandGetsTheNames) {
  EXPECT_THAT(ErrorOf({}), HasSubstr("no command given; expected one of: generate, "));
  EXPECT_THAT(ErrorOf({"backends"}), HasSubstr("expected one of: list, install, doctor"));
}

TEST(UsageTest, AnUnknownFlagGetsTheOneThatWasMeant) {
  EXPECT_EQ(ErrorOf({"bench", "-m", "x", "--exprot-json=f"}),
            "tare: error: there is no flag --exprot-json; did you mean --export-json?\n"
            "try: tare bench --help\n");
  EXPECT_THAT(ErrorOf({"--versoin"}), HasSubstr("did you mean --version?"));
  EXPECT_THAT(ErrorOf({"score", "--frobnicate"}), HasSubstr("there is no flag --frobnicate\n"));
}

TEST(UsageTest, NoCommandWorksWhileAnArgumentIsTooMany) {
  EXPECT_EQ(ErrorOf({"report", "last", "12"}),
            "tare: error: unexpected argument \"12\"\ntry: tare report --help\n");
}

TEST(UsageTest, AFlagsValueGetsTheNameThatWasMeant) {
  EXPECT_THAT(ErrorOf({"bench", "-m", "x", "--workload", "studdy"}),
              HasSubstr("--workload: got \"studdy\"; did you mean study?"));
  EXPECT_THAT(ErrorOf({"bench", "-m", "x", "--device", "cpu,gpus"}),
              HasSubstr("--device: got \"gpus\"; did you mean gpu?"));
  EXPECT_THAT(ErrorOf({"bench", "-m", "x", "--precision", "fp8"}),
              HasSubstr("got \"fp8\"; expected one of: f32, bf16, int8, int4"));
}

TEST(UsageTest, HelpIsThatOfTheCommandItself) {
  CLI::App app("test", "tare");
  CommandContext context;
  AddCommands(app, context);
  const CLI::App& backends = *app.get_subcommand("backends");
  EXPECT_THAT(HelpOf(app), HasSubstr("Usage: tare [OPTIONS] SUBCOMMAND"));
  EXPECT_THAT(HelpOf(backends), HasSubstr("Usage: tare backends [OPTIONS] SUBCOMMAND"));
  EXPECT_THAT(HelpOf(*backends.get_subcommand("install")),
              HasSubstr("Usage: tare backends install [OPTIONS] name"));
}

void ExpectHelpFits(const CLI::App& command) {
  std::istringstream help(HelpOf(command));
  for (std::string line; std::getline(help, line);) {
    EXPECT_LE(TextWidth(line), kTextColumns) << FullName(command) << ": " << line;
    EXPECT_THAT(line, Not(HasSubstr("Excludes:")));
  }
  for (const CLI::App* one : command.get_subcommands([](const CLI::App*) { return true; })) {
    ExpectHelpFits(*one);
  }
}

TEST(UsageTest, HelpOfEveryCommandFits100Columns) {
  CLI::App app("test", "tare");
  CommandContext context;
  AddCommands(app, context);
  ExpectHelpFits(app);
}

}  // namespace
}  // namespace tare
