#include "describe/token_reads.h"

#include <gtest/gtest.h>

namespace tare {
namespace {

uint64_t Reads(std::string_view name, const Shape& shape, bool has_output,
               const ModelHeader& header = {}) {
  return TokenReadBytes({name, 4 * shape.elements(), shape}, has_output, header);
}

TEST(TokenReadsTest, ATableCostsOneRowUnlessItIsTheOutput) {
  for (const char* name : {"token_embd.weight", "model.embed_tokens.weight",
                           "transformer.wte.weight", "layers/reversible_embedding/vars/0"}) {
    EXPECT_EQ(Reads(name, {50, 3}, true), 12u) << name;
    EXPECT_EQ(Reads(name, {50, 3}, false), 600u) << name;
  }
  EXPECT_EQ(Reads("position_embd.weight", {50, 3}, false), 12u);
  EXPECT_EQ(Reads("blk.0.ffn_up.weight", {50, 3}, true), 600u);
}

TEST(TokenReadsTest, ExpertsCostTheShareThatATokenUses) {
  ModelHeader header;
  header.experts = 8;
  header.experts_used = 2;
  EXPECT_EQ(Reads("blk.0.ffn_up_exps.weight", {8, 5, 3}, true, header), 8 * 5 * 3 * 4 / 8 * 2u);
  EXPECT_EQ(Reads("model.layers.0.mlp.experts.7.up_proj.weight", {8, 3}, true, header), 24u);
  EXPECT_EQ(Reads("blk.0.ffn_gate_inp.weight", {8, 3}, true, header), 96u);
  header.experts_used = 0;  // not told
  EXPECT_EQ(Reads("blk.0.ffn_up_exps.weight", {8, 5, 3}, true, header), 480u);
}

TEST(TokenReadsTest, AnOutputIsKnownByItsWholeName) {
  EXPECT_TRUE(IsOutput("output.weight"));
  EXPECT_TRUE(IsOutput("lm_head.weight"));
  EXPECT_TRUE(IsOutput("language_model.lm_head.weight"));
  EXPECT_TRUE(IsOutput("layers/reversible_embedding/vars/1"));
  EXPECT_FALSE(IsOutput("blk.0.attn_output.weight"));
  EXPECT_FALSE(IsOutput("encoder.layer.0.output.weight"));
  EXPECT_FALSE(IsOutput("output_norm.weight"));
}

}  // namespace
}  // namespace tare
