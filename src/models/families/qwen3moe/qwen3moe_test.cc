#include "models/families/qwen3moe/qwen3moe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/testing/temp_folder.h"
#include "format/gguf/gguf_writer.h"

namespace tare {
namespace {

using testing::HasSubstr;

// The keys of a small file, some of them changed.
class Qwen3MoeGgufTest : public testing::Test {
 protected:
  struct Key {
    std::string name;
    uint32_t value;
  };

  Result<std::unique_ptr<FamilyModel>> Read(const std::vector<Key>& changes = {}) const {
    const std::string path = folder_.File("model.gguf");
    const Status written = Write(path, changes);
    EXPECT_TRUE(written.ok()) << written.error().message();
    const Result<GgufFile> file = GgufFile::Open(path);
    if (!file.ok()) return file.error();
    return kQwen3MoeFamily.from_gguf(kQwen3MoeFamily, *file);
  }

  std::string Refusal(const std::vector<Key>& changes) const {
    const auto model = Read(changes);
    return model.ok() ? std::string() : model.error().message();
  }

 private:
  static Status Write(const std::string& path, const std::vector<Key>& changes) {
    std::vector<Key> keys = {
        {"block_count", 2},          {"embedding_length", 24},       {"feed_forward_length", 36},
        {"attention.head_count", 4}, {"attention.head_count_kv", 2}, {"context_length", 32},
        {"expert_count", 6},         {"expert_used_count", 3},
    };
    for (const Key& change : changes) {
      std::erase_if(keys, [&](const Key& key) { return key.name == change.name; });
      keys.push_back(change);
    }
    TARE_ASSIGN_OR_RETURN(GgufWriter writer, GgufWriter::Create(path));
    TARE_RETURN_IF_ERROR(writer.AddString("general.architecture", "qwen3moe"));
    for (const Key& key : keys) {
      TARE_RETURN_IF_ERROR(writer.AddScalar("qwen3moe." + key.name, key.value));
    }
    TARE_RETURN_IF_ERROR(writer.AddScalar("qwen3moe.attention.layer_norm_rms_epsilon", 1e-6f));
    const std::vector<std::string_view> tokens = {"a", "b", "c"};
    TARE_RETURN_IF_ERROR(writer.AddStrings("tokenizer.ggml.tokens", tokens));
    return writer.Finish();
  }

  const TempFolder folder_;
};

TEST_F(Qwen3MoeGgufTest, TheWidthOfAnExpertFollowsFromTheOthersUnlessItIsThere) {
  auto model = Read();
  ASSERT_TRUE(model.ok()) << model.error().message();
  const ModelSizes sizes = (*model)->sizes();
  EXPECT_EQ(sizes.experts, 6u);
  EXPECT_EQ(sizes.experts_used, 3u);
  EXPECT_EQ(sizes.expert_width, 12u);
  EXPECT_TRUE(sizes.HasExperts(0) && sizes.HasExperts(1));
  model = Read({{"expert_feed_forward_length", 20}});
  ASSERT_TRUE(model.ok()) << model.error().message();
  EXPECT_EQ((*model)->sizes().expert_width, 20u);
}

TEST_F(Qwen3MoeGgufTest, OtherMixturesAreRefusedByTheirKeys) {
  for (const char* const key :
       {"expert_shared_count", "expert_shared_feed_forward_length", "leading_dense_block_count",
        "expert_group_count", "expert_gating_func"}) {
    EXPECT_THAT(Refusal({{key, 2}}),
                HasSubstr(fmt::format("qwen3moe.{} is 2, which is not supported", key)));
  }
  EXPECT_THAT(Refusal({{"expert_used_count", 7}}), HasSubstr("a token uses 7 experts of 6"));
  EXPECT_THAT(Refusal({{"expert_count", 0}}), HasSubstr("expert_count is 0"));
}

}  // namespace
}  // namespace tare
