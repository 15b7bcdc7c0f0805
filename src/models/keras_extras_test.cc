#include "models/keras_extras.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "base/testing/fails_with.h"
#include "base/testing/temp_folder.h"

namespace tare {
namespace {

using testing::HasSubstr;

class KerasExtrasTest : public testing::Test {
 protected:
  Result<KerasExtras> Read(const std::string& text) {
    std::ofstream(folder_.File(kKerasExtrasFile)) << text;
    return ReadKerasExtras(folder_.path());
  }

  TempFolder folder_;
};

TEST_F(KerasExtrasTest, ReadsWhatWasWritten) {
  KerasExtras extras;
  extras.context_length = 8192;
  extras.pre_tokenizer = PreTokenizer::kSmolLm;
  extras.adds_bos = false;
  extras.chat_template = "{{ a }}\n\"é\"";
  const auto read = Read(KerasExtrasText(extras));
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_EQ(read->context_length, 8192u);
  EXPECT_EQ(read->pre_tokenizer, PreTokenizer::kSmolLm);
  EXPECT_EQ(read->adds_bos, false);
  EXPECT_EQ(read->chat_template, extras.chat_template);
}

TEST_F(KerasExtrasTest, APresetWithoutTheFileSaysNothing) {
  const auto read = ReadKerasExtras(folder_.path());
  ASSERT_TRUE(read.ok());
  EXPECT_TRUE(read->empty());
}

TEST_F(KerasExtrasTest, RefusesWhatCannotBe) {
  EXPECT_THAT(Read(R"({"context_length": 0})").error().message(),
              HasSubstr("context_length is 0, expected 1 to"));
  EXPECT_THAT(Read(R"({"context_length": 99999999999})"),
              FailsWith(ErrorCode::kCorruptFile, "context_length is 99999999999, expected 1 to"));
  EXPECT_THAT(Read(R"({"context_length": "long"})"),
              FailsWith(ErrorCode::kCorruptFile, "context_length: is \"long\", expected"));
  EXPECT_THAT(Read(R"({"pre_tokenizer": "other"})").error().message(), HasSubstr("tare.json"));
  EXPECT_THAT(Read(R"({"add_bos_token": 1})"),
              FailsWith(ErrorCode::kCorruptFile, "add_bos_token: is 1, expected"));
  EXPECT_THAT(Read("[]"), FailsWith(ErrorCode::kCorruptFile, "expected"));
}

}  // namespace
}  // namespace tare
