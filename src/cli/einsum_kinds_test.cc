#include "native_worker/einsum_kinds.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "base/testing/temp_folder.h"
#include "tools/synth/synth.h"

namespace tare {
namespace {

std::vector<EinsumKind> KindsOfTinyGpt2(const TempFolder& folder) {
  const auto shape = ParseSynthShape("gpt2:layers=2,heads=2,width=32,vocabulary=300");
  const Status made = SynthesizeModel(*shape, folder.File("gpt2"), {});
  EXPECT_TRUE(made.ok()) << made.error().message();
  const auto model = Model::Open(folder.File("gpt2"));
  EXPECT_TRUE(model.ok()) << model.error().message();
  auto kinds = EinsumKindsOf(*model);
  EXPECT_TRUE(kinds.ok()) << kinds.error().message();
  return *kinds;
}

EinsumKind Kind(const std::vector<EinsumKind>& kinds, const std::string& equation) {
  const auto found = std::ranges::find(kinds, equation, &EinsumKind::equation);
  EXPECT_NE(found, kinds.end()) << equation;
  return found == kinds.end() ? EinsumKind{} : *found;
}

TEST(EinsumKindsTest, WeightsBehindAViewAreConstant) {
  const TempFolder folder;
  const EinsumKind query = Kind(KindsOfTinyGpt2(folder), "abc,cde->abde");
  EXPECT_EQ(query.count, 6u);  // query, key and value of two layers
  EXPECT_TRUE(query.constant_operand);
  EXPECT_TRUE(query.rewritten);
  EXPECT_EQ(query.outcome, "MatMul over the same bytes");
}

TEST(EinsumKindsTest, BothProductsOfAttentionBecomeFusedAttention) {
  const TempFolder folder;
  const std::vector<EinsumKind> kinds = KindsOfTinyGpt2(folder);
  for (const char* equation : {"aecd,abcd->acbe", "acbe,aecd->abcd"}) {
    const EinsumKind kind = Kind(kinds, equation);
    EXPECT_EQ(kind.count, 2u) << equation;
    EXPECT_FALSE(kind.constant_operand) << equation;
    EXPECT_TRUE(kind.rewritten) << equation;
    EXPECT_EQ(kind.outcome, "fused attention") << equation;
  }
}

}  // namespace
}  // namespace tare
