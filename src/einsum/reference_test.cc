#include "einsum/reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>

#include "base/testing/test_paths.h"
#include "einsum/matmul_form.h"
#include "einsum/testing/parsed.h"

namespace tare {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

size_t Elements(const EinsumShape& shape) {
  return std::accumulate(shape.begin(), shape.end(), size_t{1}, std::multiplies<>());
}

// The generator of tests/golden/make_einsum.py.
std::vector<float> Values(size_t count, uint32_t seed) {
  uint32_t state = seed;
  std::vector<float> values(count);
  for (float& value : values) {
    state = state * 1664525u + 1013904223u;
    value = static_cast<float>((state >> 16) % 9) - 4.0f;
  }
  return values;
}

struct Operands {
  explicit Operands(std::vector<EinsumShape> s) : shapes(std::move(s)) {
    for (size_t i = 0; i < shapes.size(); ++i) {
      data.push_back(Values(Elements(shapes[i]), static_cast<uint32_t>(i + 1)));
    }
  }
  std::vector<std::span<const float>> spans() const { return {data.begin(), data.end()}; }

  std::vector<EinsumShape> shapes;
  std::vector<std::vector<float>> data;
};

std::vector<float> Evaluate(const EinsumEquation& equation, const Operands& operands) {
  const auto shape = EinsumOutputShape(equation, operands.shapes);
  EXPECT_TRUE(shape.ok()) << shape.error().message();
  std::vector<float> out(Elements(shape.value()), -1e9f);
  const Status status = EinsumReference(equation, operands.shapes, operands.spans(), out);
  EXPECT_TRUE(status.ok()) << status.error().message();
  return out;
}

// Row-major transpose: axis i of the result is axis order[i] of x.
std::vector<float> Permuted(const std::vector<float>& x, const EinsumShape& shape,
                            const std::vector<size_t>& order) {
  std::vector<size_t> strides(shape.size(), 1);
  for (size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * shape[i];
  std::vector<float> out(x.size());
  std::vector<size_t> index(order.size(), 0);
  for (float& value : out) {
    size_t at = 0;
    for (size_t i = 0; i < order.size(); ++i) at += index[i] * strides[order[i]];
    value = x[at];
    for (size_t i = order.size(); i-- > 0 && ++index[i] == shape[order[i]];) index[i] = 0;
  }
  return out;
}

EinsumShape ShapeOf(const EinsumEquation& equation, const std::vector<EinsumShape>& shapes,
                    const std::string& labels) {
  EinsumShape result;
  for (char label : labels) {
    for (size_t i = 0; i < shapes.size(); ++i) {
      const size_t at = equation.operand(i).find(label);
      if (at == std::string::npos) continue;
      result.push_back(shapes[i][at]);
      break;
    }
  }
  return result;
}

// out[g, r, c] = Σ_k a[g, r, k] b[g, c, k]
std::vector<float> BatchedProduct(const std::vector<float>& a, const std::vector<float>& b,
                                  size_t batch, size_t rows, size_t columns, size_t inner) {
  std::vector<float> out;
  for (size_t g = 0; g < batch; ++g) {
    for (size_t r = 0; r < rows; ++r) {
      for (size_t c = 0; c < columns; ++c) {
        double sum = 0;
        for (size_t k = 0; k < inner; ++k) {
          sum += a[(g * rows + r) * inner + k] * b[(g * columns + c) * inner + k];
        }
        out.push_back(static_cast<float>(sum));
      }
    }
  }
  return out;
}

std::vector<float> EvaluateForm(const EinsumEquation& equation, const MatMulForm& form,
                                const Operands& x) {
  const size_t l = form.swapped ? 1 : 0;
  const auto elements = [&](const std::string& labels) {
    return Elements(ShapeOf(equation, x.shapes, labels));
  };
  const std::vector<float> product =
      BatchedProduct(Permuted(x.data[l], x.shapes[l], form.lhs.order),
                     Permuted(x.data[1 - l], x.shapes[1 - l], form.rhs.order), elements(form.batch),
                     elements(form.rows), elements(form.columns), elements(form.contracted));
  return Permuted(product, ShapeOf(equation, x.shapes, form.batch + form.rows + form.columns),
                  form.output_order);
}

std::vector<float> EvaluateConstantForm(const EinsumEquation& equation, const ConstantMatMul& form,
                                        size_t side, const Operands& x) {
  const auto elements = [&](const std::string& labels) {
    return Elements(ShapeOf(equation, x.shapes, labels));
  };
  const size_t columns = elements(form.columns);
  const size_t inner = elements(form.contracted);
  const std::vector<float> w =
      form.out_in ? x.data[side] : Permuted(x.data[side], {inner, columns}, {1, 0});
  const std::vector<float> product =
      BatchedProduct(Permuted(x.data[1 - side], x.shapes[1 - side], form.variable_order), w, 1,
                     elements(form.rows), columns, inner);
  return Permuted(product, ShapeOf(equation, x.shapes, form.rows + form.columns),
                  form.output_order);
}

// The checksum of make_einsum.py.
std::string Checksum(const std::vector<float>& values) {
  uint64_t digest = 0xcbf29ce484222325ull;
  for (float value : values) {
    const auto bits = static_cast<uint64_t>(static_cast<int64_t>(value));
    for (int byte = 0; byte < 8; ++byte) {
      digest = (digest ^ ((bits >> (8 * byte)) & 0xff)) * 0x100000001b3ull;
    }
  }
  return fmt::format("{:016x}", digest);
}

TEST(EinsumReferenceTest, MultipliesByHand) {
  const EinsumShape shapes[] = {{2, 3}, {3, 2}};
  const std::vector<float> a = {1, 2, 3, 4, 5, 6};
  const std::vector<float> b = {7, 8, 9, 10, 11, 12};
  const std::span<const float> operands[] = {a, b};
  std::vector<float> out(4);
  ASSERT_TRUE(EinsumReference(Parsed("ij,jk->ki"), shapes, operands, out).ok());
  EXPECT_THAT(out, ElementsAre(58, 139, 64, 154));
}

TEST(EinsumReferenceTest, TakesDiagonalsSumsAndTransposesOfOneOperand) {
  const EinsumShape shapes[] = {{2, 2}};
  const std::vector<float> a = {1, 2, 3, 4};
  const std::span<const float> operands[] = {a};
  std::vector<float> trace(1);
  ASSERT_TRUE(EinsumReference(Parsed("ii"), shapes, operands, trace).ok());
  EXPECT_THAT(trace, ElementsAre(5));
  std::vector<float> two(2);
  ASSERT_TRUE(EinsumReference(Parsed("ij->j"), shapes, operands, two).ok());
  EXPECT_THAT(two, ElementsAre(4, 6));
  std::vector<float> four(4);
  ASSERT_TRUE(EinsumReference(Parsed("ij->ji"), shapes, operands, four).ok());
  EXPECT_THAT(four, ElementsAre(1, 3, 2, 4));
}

TEST(EinsumReferenceTest, AnEmptyContractionIsZero) {
  const EinsumShape shapes[] = {{2, 0}, {0, 1}};
  const std::span<const float> operands[] = {{}, {}};
  std::vector<float> out = {9, 9};
  ASSERT_TRUE(EinsumReference(Parsed("ij,jk->ik"), shapes, operands, out).ok());
  EXPECT_THAT(out, ElementsAre(0, 0));
}

TEST(EinsumReferenceTest, RefusesSpansThatDoNotFit) {
  const EinsumShape shapes[] = {{2, 3}, {3, 2}};
  const std::vector<float> six(6);
  std::vector<float> out(4);
  const auto message = [&](std::vector<std::span<const float>> operands, std::span<float> to) {
    const Status status = EinsumReference(Parsed("ij,jk->ik"), shapes, operands, to);
    EXPECT_FALSE(status.ok());
    return status.ok() ? "" : status.error().message();
  };
  EXPECT_THAT(message({six, six}, std::span(out).first(3)),
              HasSubstr("the output has 3 elements, expected 4"));
  EXPECT_THAT(message({six, std::span(six).first(5)}, out),
              HasSubstr("operand 1 has 5 elements, expected 6"));
  EXPECT_THAT(message({six}, out), HasSubstr("got 1 operand for 2 shapes"));
}

TEST(EinsumReferenceTest, RefusesShapesThatOverflow) {
  const size_t huge = ~size_t{0} / 2;
  const EinsumShape shapes[] = {{huge, 3}};
  const std::span<const float> operands[] = {{}};
  const Status status = EinsumReference(Parsed("ij->ij"), shapes, operands, {});
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(status.error().message(), HasSubstr("a size overflows"));
}

class GoldenTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ifstream file(SourceFile("tests/golden/einsum.json"));
    cases_ = nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false);
    ASSERT_TRUE(cases_.is_array());
    ASSERT_GT(cases_.size(), 2000u);
  }
  nlohmann::json cases_;
};

TEST_F(GoldenTest, AgreesWithNumPy) {
  for (const auto& entry : cases_) {
    const auto equation = Parsed(entry[0].get<std::string>());
    const Operands operands(entry[1].get<std::vector<EinsumShape>>());
    const auto shape = EinsumOutputShape(equation, operands.shapes);
    ASSERT_TRUE(shape.ok()) << entry.dump() << shape.error().message();
    EXPECT_EQ(shape.value(), entry[2].get<EinsumShape>()) << entry.dump();
    EXPECT_EQ(Checksum(Evaluate(equation, operands)), entry[3].get<std::string>()) << entry.dump();
  }
}

// Whatever form exists computes the equation: permute, reshape, multiply, reshape, permute.
TEST_F(GoldenTest, EveryMatMulFormComputesItsEquation) {
  size_t forms = 0;
  size_t constant_forms = 0;
  for (const auto& entry : cases_) {
    const auto parsed = Parsed(entry[0].get<std::string>());
    if (parsed.operand_count() != 2 || parsed.has_ellipsis()) continue;
    const Operands operands(entry[1].get<std::vector<EinsumShape>>());
    const std::vector<float> expected = Evaluate(parsed, operands);
    if (const auto form = ToMatMulForm(parsed); form.ok()) {
      EXPECT_EQ(EvaluateForm(parsed, form.value(), operands), expected) << entry.dump();
      ++forms;
    }
    for (size_t side : {0u, 1u}) {
      if (const auto form = LowerConstant(parsed, side)) {
        EXPECT_EQ(EvaluateConstantForm(parsed, *form, side, operands), expected) << entry.dump();
        ++constant_forms;
      }
    }
  }
  EXPECT_GT(forms, 200u);
  EXPECT_GT(constant_forms, 100u);
}

}  // namespace
}  // namespace tare
