#include "cli/model_argument.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/testing/temp_folder.h"

namespace tare {
namespace {

using ::testing::HasSubstr;

class ModelArgumentTest : public testing::Test {
 protected:
  ModelArgumentTest() : path_(folder_.File("model.gguf")) { std::ofstream(path_) << "x"; }

  // As main does: the command is generate, with a flag -n.
  Status Parse(std::vector<std::string> arguments,
               ModelArgument::Other other = ModelArgument::Other::kText) {
    CLI::App app("test", "tare");
    CLI::App* command = app.add_subcommand("generate");
    model_ = {};
    model_.AddTo(*command, "prompt", "Prompt", other);
    command->add_option("-n", n_);
    arguments.insert(arguments.begin(), "generate");
    std::reverse(arguments.begin(), arguments.end());
    app.parse(arguments);
    return model_.Settle();
  }

  std::string ErrorOf(std::vector<std::string> arguments) {
    const Status status = Parse(std::move(arguments));
    EXPECT_TRUE(status.ok() || status.error().code() == ErrorCode::kInvalidInput);
    return status.ok() ? "none" : status.error().message();
  }

  const TempFolder folder_;
  const std::string path_;
  ModelArgument model_;
  int n_ = 0;
};

TEST_F(ModelArgumentTest, TakesTheModelFromTheFlagOrTheFirstArgument) {
  const std::vector<std::vector<std::string>> orders = {{"-m", path_, "Hello"},
                                                        {path_, "Hello"},
                                                        {"Hello", "-m", path_},
                                                        {path_, "-n", "3", "Hello"},
                                                        {"-n", "3", "Hello", "--model", path_},
                                                        {"-m", path_, "--", "Hello"}};
  for (const std::vector<std::string>& arguments : orders) {
    ASSERT_TRUE(Parse(arguments).ok()) << arguments[0];
    EXPECT_EQ(model_.model(), path_) << arguments[0];
    EXPECT_EQ(model_.other(), "Hello") << arguments[0];
  }
}

TEST_F(ModelArgumentTest, LeavesTheOtherArgumentOut) {
  const std::vector<std::vector<std::string>> orders = {{"-m", path_}, {path_}};
  for (const std::vector<std::string>& arguments : orders) {
    ASSERT_TRUE(Parse(arguments).ok());
    EXPECT_EQ(model_.model(), path_);
    EXPECT_EQ(model_.other(), std::nullopt);
  }
}

TEST_F(ModelArgumentTest, SaysWhatIsMissingOrTooMuch) {
  EXPECT_THAT(ErrorOf({}), HasSubstr("no model; try: tare generate -m FILE"));
  EXPECT_THAT(ErrorOf({"-m", path_, "Hello", "there"}),
              HasSubstr("got \"Hello\" and \"there\", expected one prompt after -m MODEL"));
  EXPECT_THAT(ErrorOf({"Hello"}), HasSubstr("without -m the first argument is the model"));
}

TEST_F(ModelArgumentTest, AMissingFileIsLeftToWhoeverOpensIt) {
  EXPECT_TRUE(Parse({"-m", folder_.File("gone.gguf")}).ok());
  EXPECT_TRUE(Parse({folder_.File("gone.gguf"), "Hello"}).ok());
  EXPECT_TRUE(Parse({folder_.File("gone.gguf")}, ModelArgument::Other::kFile).ok());
}

TEST_F(ModelArgumentTest, AnAddressOrANameOnTheHubSaysHowToGetTheFile) {
  EXPECT_THAT(ErrorOf({"-m", "https://example.org/m.gguf"}),
              HasSubstr("Tare does not download models; get the file first: curl -LO "
                        "https://example.org/m.gguf"));
  for (const char* name :
       {"HuggingFaceTB/SmolLM2-135M", "hf.co/HuggingFaceTB/SmolLM2-135M",
        "HuggingFaceTB/SmolLM2-135M:Q4_1", "https://huggingface.co/HuggingFaceTB/SmolLM2-135M"}) {
    EXPECT_THAT(ErrorOf({"-m", name}),
                HasSubstr("hf download HuggingFaceTB/SmolLM2-135M --local-dir SmolLM2-135M"));
  }
}

TEST_F(ModelArgumentTest, AMistypedPathIsNoNameOnTheHub) {
  const std::string earlier = std::filesystem::current_path();
  std::filesystem::current_path(folder_.path());
  std::filesystem::create_directory("models");
  for (const char* path :
       {"models/gone", "./gone", "../gone", "gone", "other/gone.gguf", "a/b/c"}) {
    EXPECT_TRUE(CheckModelName(path).ok()) << path;
  }
  std::filesystem::create_directories("user/repo");
  EXPECT_TRUE(CheckModelName("user/repo").ok());
  std::filesystem::current_path(earlier);
}

}  // namespace
}  // namespace tare
