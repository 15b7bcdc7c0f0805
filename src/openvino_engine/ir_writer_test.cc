#include "openvino_engine/ir_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

namespace tare {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(IrWriterTest, ConstantsAreToldByTheirDistanceFromTheFirst) {
  const std::array<float, 12> memory = {};
  const auto* bytes = reinterpret_cast<const std::byte*>(memory.data());
  IrWriter writer;
  writer.Constant(TensorView{DType::kF32, Shape{5}, bytes + 28});
  writer.Constant(TensorView{DType::kF32, Shape{2, 3}, bytes + 4});
  EXPECT_EQ(writer.weights(), bytes + 4);
  EXPECT_EQ(writer.weights_bytes(), 44u);
  const std::string xml = writer.Finish();
  EXPECT_THAT(xml, HasSubstr(R"(element_type="f32" shape="5" size="20" offset="24")"));
  EXPECT_THAT(xml, HasSubstr(R"(element_type="f32" shape="2,3" size="24" offset="0")"));
}

TEST(IrWriterTest, ACopyNeedsTheTensorNoMore) {
  std::array<float, 3> memory = {1.0f, 2.0f, 3.0f};
  const auto* bytes = reinterpret_cast<const std::byte*>(memory.data());
  IrWriter writer;
  writer.CopiedConstant(TensorView{DType::kF32, Shape{3}, bytes});
  memory.fill(0.0f);
  ASSERT_NE(writer.weights(), bytes);
  EXPECT_EQ(reinterpret_cast<const float*>(writer.weights())[2], 3.0f);
}

TEST(IrWriterTest, PortsOfInputsComeBeforeTheOutput) {
  IrWriter writer;
  const std::array<int64_t, 3> shape = {1, -1, 7};
  const auto x = writer.Parameter("f32", shape);
  const auto sum = writer.Layer("Add", "opset1", R"(auto_broadcast="numpy")", {x, x});
  writer.Output(sum);
  const std::string xml = writer.Finish();
  EXPECT_THAT(xml, HasSubstr(R"(<data shape="1,?,7" element_type="f32"/>)"));
  EXPECT_THAT(xml, HasSubstr(R"(<edge from-layer="0" from-port="0" to-layer="1" to-port="1"/>)"));
  EXPECT_THAT(xml, HasSubstr(R"(<edge from-layer="1" from-port="2" to-layer="2" to-port="0"/>)"));
  EXPECT_THAT(xml, Not(HasSubstr("offset")));
}

}  // namespace
}  // namespace tare
