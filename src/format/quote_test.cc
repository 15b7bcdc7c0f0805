#include "format/quote.h"

#include <gtest/gtest.h>

namespace tare {
namespace {

TEST(QuoteTest, ShowsPlainTextAsItIs) {
  EXPECT_EQ(Quote("blk.0.attn_q.weight"), "\"blk.0.attn_q.weight\"");
  EXPECT_EQ(Quote(""), "\"\"");
  EXPECT_EQ(Printable("a b"), "a b");
}

TEST(QuoteTest, NoByteReachesATerminalRaw) {
  EXPECT_EQ(Quote(std::string_view("\x1b[2J\0\n\xc3\xa4\x7f", 9)),
            "\"\\x1b[2J\\x00\\x0a\\xc3\\xa4\\x7f\"");
  EXPECT_EQ(Quote("a\"b\\c"), "\"a\\\"b\\\\c\"");
}

TEST(QuoteTest, CutsLongText) {
  EXPECT_EQ(Printable(std::string(80, 'x')), std::string(80, 'x'));
  EXPECT_EQ(Printable(std::string(81, 'x')), std::string(80, 'x') + "…");
}

}  // namespace
}  // namespace tare
