#include "runtime/kv_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

namespace tare {
namespace {

TEST(KvCacheTest, GrowsInBlocksAndKeepsWhatIsThere) {
  auto cache = KvCache::Create({96, 10}, 1000);
  ASSERT_TRUE(cache.ok());
  EXPECT_EQ(cache->committed_bytes(), 0u);
  ASSERT_TRUE(cache->Reserve(1).ok());
  const size_t one = cache->committed_bytes();
  EXPECT_GE(one, (96 + 10) * sizeof(float) * KvCache::kBlockTokens);
  EXPECT_LT(one, (96 + 10) * sizeof(float) * KvCache::kBlockTokens + 2 * 4096);
  ASSERT_TRUE(cache->Reserve(KvCache::kBlockTokens).ok());
  EXPECT_EQ(cache->committed_bytes(), one);

  float* const slot = cache->slot(1);
  slot[0] = 1.5f;
  slot[10 * KvCache::kBlockTokens - 1] = 2.5f;
  ASSERT_TRUE(cache->Reserve(1000).ok());
  EXPECT_EQ(cache->slot(1), slot);
  EXPECT_EQ(slot[0], 1.5f);
  EXPECT_EQ(slot[10 * KvCache::kBlockTokens - 1], 2.5f);
  slot[10 * 1000 - 1] = 3.5f;
  cache->slot(0)[96 * 1000 - 1] = 4.5f;
  EXPECT_EQ(slot[0], 1.5f);
}

TEST(KvCacheTest, RefusesMoreThanItsContext) {
  auto cache = KvCache::Create({8}, 100);
  ASSERT_TRUE(cache.ok());
  const Status status = cache->Reserve(101);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), ErrorCode::kInvalidInput);
  EXPECT_THAT(status.error().message(), ::testing::HasSubstr("101 tokens"));
}

TEST(KvCacheTest, RefusesSizesThatDoNotFitMemory) {
  EXPECT_EQ(KvCache::Create({SIZE_MAX / 8}, 100).error().code(), ErrorCode::kOutOfMemory);
  EXPECT_EQ(KvCache::Create({size_t{1} << 40}, 1 << 20).error().code(), ErrorCode::kOutOfMemory);
}

TEST(KvCacheTest, MovesWithItsMemory) {
  auto cache = KvCache::Create({8}, 100);
  ASSERT_TRUE(cache.ok() && cache->Reserve(10).ok());
  cache->slot(0)[3] = 7.0f;
  cache->set_length(10);
  EXPECT_EQ(cache->used_bytes(), 4096u);
  KvCache moved = *std::move(cache);
  EXPECT_EQ(moved.slot(0)[3], 7.0f);
  EXPECT_EQ(moved.length(), 10u);
}

TEST(KvCacheTest, MemoryThatIsRefusedIsAnErrorAndTheCacheStaysAsItWas) {
  auto cache = KvCache::Create({64, 64}, 1 << 12);
  ASSERT_TRUE(cache.ok());
  ASSERT_TRUE(cache->Reserve(1).ok());
  const size_t committed = cache->committed_bytes();
  rlimit before = {};
  ASSERT_EQ(getrlimit(RLIMIT_DATA, &before), 0);
  const rlimit none = {1, before.rlim_max};  // with 0 the kernel looks away
  ASSERT_EQ(setrlimit(RLIMIT_DATA, &none), 0);
  const Status status = cache->Reserve(1 << 12);
  ASSERT_EQ(setrlimit(RLIMIT_DATA, &before), 0);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), ErrorCode::kOutOfMemory);
  EXPECT_THAT(
      status.error().message(),
      ::testing::HasSubstr("cannot allocate 2097152 bytes of key/value cache for 4096 tokens"));
  EXPECT_EQ(cache->committed_bytes(), committed);
  EXPECT_TRUE(cache->Reserve(1 << 12).ok());
}

}  // namespace
}  // namespace tare
