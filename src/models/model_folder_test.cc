#include "describe/model_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/testing/temp_folder.h"
#include "models/model.h"
#include "models/tokenizers/load_tokenizer.h"

namespace tare {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

std::string OpenError(const std::string& path) {
  const Result<Model> model = Model::Open(path);
  EXPECT_FALSE(model.ok());
  EXPECT_EQ(model.error().code(), ErrorCode::kInvalidInput);
  return model.error().message();
}

TEST(ModelFolderTest, AFolderWithoutAModelSaysWhatItHolds) {
  const TempFolder folder;
  EXPECT_THAT(OpenError(folder.path()), HasSubstr("has no config.json"));
  EXPECT_THAT(OpenError(folder.path()), EndsWith("; it is empty"));
  for (const char* name : {"c", "a", "b", "e", "d", "g", "f"}) std::ofstream(folder.File(name));
  EXPECT_THAT(OpenError(folder.path()), EndsWith("; it holds a, b, c, d, e and 2 more"));
  EXPECT_THAT(LoadTokenizer(folder.path()).error().message(), HasSubstr("has no tokenizer.json"));
}

TEST(ModelFolderTest, NamesTheModelThatLiesInIt) {
  const TempFolder folder;
  std::filesystem::create_directory(folder.File("notes"));
  std::filesystem::create_directory(folder.File("preset"));
  std::ofstream(folder.File("preset/config.json")) << "{}";
  EXPECT_THAT(OpenError(folder.path()), EndsWith("; try: " + folder.File("preset/")));
  std::ofstream(folder.File("model.gguf")) << "GGUF";
  EXPECT_THAT(OpenError(folder.path() + "/"), EndsWith("; try: " + folder.File("model.gguf")));
}

}  // namespace
}  // namespace tare
