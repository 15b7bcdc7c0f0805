#include "format/json/json_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "base/testing/fails_with.h"
#include "base/testing/temp_folder.h"

namespace tare {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Json = nlohmann::json;

constexpr char kConfig[] =
    R"({"layers":12,"theta":1e6,"tied":true,"name":"é","nothing":null,"rope":{"factor":8},)"
    R"("ends":[1,2],"words":["a","b"],"parts":[{"x":1},{"x":2}],"minus":-3})";

JsonObject Config() { return JsonObject::Parse(kConfig, "config.json").value(); }

template <typename T>
void ExpectRefused(const Result<T>& result, ErrorCode code, const std::string& message) {
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code(), code);
  EXPECT_THAT(result.error().message(), HasSubstr(message));
}

TEST(JsonObject, GivesTypedValues) {
  const JsonObject config = Config();
  EXPECT_EQ(config.GetUint("layers").value(), 12u);
  EXPECT_EQ(config.GetFloat("theta").value(), 1e6);
  EXPECT_EQ(config.GetFloat("layers").value(), 12.0);
  EXPECT_EQ(config.GetBool("tied").value(), true);
  EXPECT_EQ(config.GetString("name").value(), "é");
  EXPECT_EQ(config.GetObject("rope").value().GetUint("factor").value(), 8u);
  EXPECT_THAT(config.GetUints("ends").value(), ElementsAre(1, 2));
  EXPECT_THAT(config.GetStrings("words").value(), ElementsAre("a", "b"));
  EXPECT_EQ(config.GetObjects("parts").value()[1].GetUint("x").value(), 2u);
}

TEST(JsonObject, FallsBackOnlyWhereTheKeyIsMissingOrNull) {
  const JsonObject config = Config();
  EXPECT_EQ(config.GetUintOr("nothing", 7).value(), 7u);
  EXPECT_EQ(config.GetFloatOr("absent", 0.5).value(), 0.5);
  EXPECT_EQ(config.GetBoolOr("tied", false).value(), true);
  EXPECT_EQ(config.GetStringOr("absent", "x").value(), "x");
  EXPECT_THAT(config.GetUintOr("name", 7), FailsWith(ErrorCode::kCorruptFile, "name: is "));
  EXPECT_FALSE(config.Has("nothing"));
}

TEST(JsonObject, NamesFileAndKeyOfWhatIsWrong) {
  const JsonObject config = Config();
  ExpectRefused(config.GetUint("absent"), ErrorCode::kCorruptFile, "config.json: has no absent");
  ExpectRefused(config.GetUint("minus"), ErrorCode::kCorruptFile,
                "config.json: minus: is -3, expected a whole number");
  ExpectRefused(config.GetBool("layers"), ErrorCode::kCorruptFile, "layers: is 12, expected true");
  ExpectRefused(config.GetString("rope"), ErrorCode::kCorruptFile, "rope: is object, expected a");
  ExpectRefused(config.GetFloat("name"), ErrorCode::kCorruptFile, "expected a number");
  ExpectRefused(config.GetObject("ends"), ErrorCode::kCorruptFile, "expected an object");
  ExpectRefused(config.GetStrings("ends"), ErrorCode::kCorruptFile,
                "config.json: ends[0]: is 1, expected a string");
  ExpectRefused(config.GetUints("rope"), ErrorCode::kCorruptFile, "expected an array");
  ExpectRefused(config.GetObjects("words"), ErrorCode::kCorruptFile, "words[0]");
  ExpectRefused(config.GetObject("rope").value().GetUint("low"), ErrorCode::kCorruptFile,
                "config.json: rope: has no low");
}

TEST(JsonObject, RefusesWhatIsNoObject) {
  ExpectRefused(JsonObject::Parse("[1]", "c"), ErrorCode::kCorruptFile, "c: is JSON array");
  ExpectRefused(JsonObject::Parse("", "c"), ErrorCode::kCorruptFile, "c: is not JSON at byte");
  ExpectRefused(JsonObject::Parse("{\"a\":1,}", "c"), ErrorCode::kCorruptFile, "is not JSON");
  ExpectRefused(JsonObject::Parse("{\"a\":\"\xff\"}", "c"), ErrorCode::kCorruptFile, "is not JSON");
  ExpectRefused(JsonObject::Parse("{\"a\":1e999}", "c"), ErrorCode::kCorruptFile, "is not JSON");
  ExpectRefused(JsonObject::Parse(R"({"a":{"b":1,"b":2}})", "c"), ErrorCode::kCorruptFile,
                "key \"b\" appears twice");
}

TEST(JsonObject, RefusesWhatIsDeepOrManyOrLong) {
  const std::string deep = "{\"a\":" + std::string(32, '[') + std::string(32, ']') + "}";
  ExpectRefused(JsonObject::Parse(deep, "c"), ErrorCode::kCorruptFile, "32 levels");
  std::string many = "{\"a\":[0";
  for (int i = 0; i < 131'072; ++i) many += ",0";
  ExpectRefused(JsonObject::Parse(many + "]}", "c"), ErrorCode::kCorruptFile, "131072 values");

  const TempFolder folder;
  std::ofstream(folder.File("c.json")) << std::string(JsonObject::kMaxBytes + 1, ' ');
  ExpectRefused(JsonObject::Open(folder.File("c.json")), ErrorCode::kUnsupported,
                "at most 16777216");
  ExpectRefused(JsonObject::Open(folder.File("none.json")), ErrorCode::kIo, "No such file");
}

TEST(ReadJson, HandsOverTheMembersOfWhatIsOpened) {
  std::vector<std::string> seen;
  const JsonReceiver receiver = {
      [](JsonPath path) { return path.empty() || path.back() == "open" || path.back().empty(); },
      [&](JsonPath path, Json& value) {
        std::string at;
        for (const std::string& key : path) at += "/" + key;
        seen.push_back(at + "=" + value.dump());
        return Status();
      }};
  ASSERT_TRUE(
      ReadJson(R"({"a":1,"open":{"b":[2,{"c":3}],"b":4},"d":{"open":[5]}})", receiver).ok());
  EXPECT_THAT(seen, ElementsAre("/a=1", "/open/b=[2,{\"c\":3}]", "/open/b=4", "/d={\"open\":[5]}"));
  seen.clear();
  ASSERT_TRUE(ReadJson(R"({"open":[1,[2],{}]})", receiver).ok());
  EXPECT_THAT(seen, ElementsAre("/open/=1", "/open//=2"));
}

TEST(ReadJson, StopsAtAnErrorOfTheReceiver) {
  int taken = 0;
  const JsonReceiver receiver = {[](JsonPath) { return true; },
                                 [&](JsonPath, Json&) -> Status {
                                   ++taken;
                                   return Error(ErrorCode::kUnsupported, "enough");
                                 }};
  ExpectRefused(ReadJson("[1,2,3]", receiver), ErrorCode::kUnsupported, "enough");
  EXPECT_EQ(taken, 1);
}

}  // namespace
}  // namespace tare
