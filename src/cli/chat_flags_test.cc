#include "cli/chat_flags.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "base/testing/fails_with.h"
#include "base/testing/temp_folder.h"

namespace tare {
namespace {

class ChatFlagsTest : public testing::Test {
 protected:
  std::string Put(const std::string& name, const std::string& text) const {
    std::ofstream(folder_.File(name)) << text;
    return folder_.File(name);
  }

  // The request that a command line makes, with a prompt or without.
  Result<ChatRequest> Parse(std::vector<std::string> arguments,
                            const std::optional<std::string>& prompt = std::nullopt) const {
    CLI::App app;
    ChatFlags flags;
    flags.AddTo(app);
    std::reverse(arguments.begin(), arguments.end());
    app.parse(arguments);
    if (const Status read = flags.Read(); !read.ok()) return read.error();
    return flags.Request(prompt);
  }

  const TempFolder folder_;
};

TEST_F(ChatFlagsTest, ThePromptIsTheUsersMessage) {
  EXPECT_EQ(Parse({"--chat"}, "a\"é")->json, R"({"messages":[{"role":"user","content":"a\"é"}]})");
  EXPECT_EQ(Parse({"--chat", "--system", "s"}, "a")->json,
            R"({"messages":[{"role":"system","content":"s"},{"role":"user","content":"a"}]})");
}

TEST_F(ChatFlagsTest, AFileHasTheConversation) {
  const std::string list = Put("list.json", R"([{"role":"user","content":"a"}])");
  EXPECT_EQ(Parse({"--messages", list})->json, R"({"messages":[{"role":"user","content":"a"}]})");
  const std::string object =
      Put("object.json", R"({"tools":[1],"messages":[{"role":"user","content":"a"}]})");
  EXPECT_EQ(
      Parse({"--messages", object, "--chat-template-kwargs", R"({"z":1,"a":false})"}, "b")->json,
      R"({"tools":[1],"messages":[{"role":"user","content":"a"},)"
      R"({"role":"user","content":"b"}],"z":1,"a":false})");
  EXPECT_EQ(Parse({"--messages", list, "--chat-template", Put("t", "{{ 1 }}")})->chat_template,
            "{{ 1 }}");
}

TEST_F(ChatFlagsTest, RefusesWhatDoesNotGoTogether) {
  const auto refused = [&](std::vector<std::string> arguments, const char* message) {
    EXPECT_THAT(Parse(std::move(arguments)), FailsWith(ErrorCode::kInvalidInput, message));
  };
  refused({"--system", "s"}, "add --chat or --messages FILE");
  refused({"--messages", Put("a", "{")}, ": is not JSON");
  refused({"--messages", Put("a", "{}")}, "expected a list of messages");
  refused({"--messages", Put("a", R"({"messages":1})")}, "expected a list of messages");
  refused({"--messages", Put("a", R"([{"role":"system","content":"x"}])"), "--system", "s"},
          "has a system message, and --system gives another");
  refused({"--chat", "--chat-template-kwargs", "[1]"}, "expected a JSON object");
  refused({"--chat", "--chat-template-kwargs", R"({"messages":1})"}, "use --messages FILE");
  refused({"--chat", "--chat-template", Put("empty", "")}, "is empty, expected a template");
}

}  // namespace
}  // namespace tare
