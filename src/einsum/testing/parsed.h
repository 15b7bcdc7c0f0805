#ifndef TARE_EINSUM_TESTING_PARSED_H_
#define TARE_EINSUM_TESTING_PARSED_H_

#include <gtest/gtest.h>

#include <string_view>
#include <utility>

#include "einsum/equation.h"

namespace tare {

// An equation that a test knows to be right.
inline EinsumEquation Parsed(std::string_view text) {
  auto equation = EinsumEquation::Parse(text);
  EXPECT_TRUE(equation.ok()) << equation.error().message();
  return std::move(equation).value();
}

}  // namespace tare

#endif  // TARE_EINSUM_TESTING_PARSED_H_
