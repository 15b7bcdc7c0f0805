#ifndef TARE_KERNELS_KERNEL_TESTING_H_
#define TARE_KERNELS_KERNEL_TESTING_H_

// Helpers shared by the kernels' tests.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/cpu_isa.h"
#include "base/thread_pool.h"
#include "kernels/kernel_table.h"
#include "tensor/compare.h"
#include "tensor/dequantize.h"
#include "tensor/dtype.h"
#include "tensor/quantize.h"

namespace tare {

inline constexpr float kUnitRoundoff = 0x1p-24f;

// Values in [-scale, scale], different for each seed.
inline std::vector<float> RandomFloats(size_t n, uint32_t seed, float scale = 1.0f) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform(-scale, scale);
  std::vector<float> values(n);
  for (float& value : values) value = uniform(random);
  return values;
}

// The types that a product's weights may have.
inline std::vector<DType> WeightTypes() {
  std::vector<DType> types;
  std::ranges::copy_if(kAllDTypes, std::back_inserter(types), IsWeightType);
  return types;
}

// The smallest number of elements >= n that makes whole blocks.
inline size_t WholeBlocks(DType type, size_t n) {
  return (n + BlockElements(type) - 1) / BlockElements(type) * BlockElements(type);
}

// Draws random bytes for a block until its largest number is in [1/8, 1]; so no encoder is needed.
inline void DrawBlock(DType type, std::mt19937& random, std::byte* block) {
  std::vector<float> values(BlockElements(type));
  float largest = 0;
  while (!(largest >= 0.125f && largest <= 1.0f)) {
    for (size_t i = 0; i < BlockBytes(type); ++i) block[i] = std::byte(random() & 0xff);
    DequantizeRow(type, block, values.size(), values.data());
    largest = 0;
    for (const float value : values) {
      largest = std::isfinite(value) ? std::max(largest, std::fabs(value)) : HUGE_VALF;
      if (largest > 1.0f) break;
    }
  }
}

// n stored elements of `type` in [-1, 1].
inline std::vector<std::byte> RandomWeights(DType type, size_t n, uint32_t seed) {
  std::vector<std::byte> bytes(StoredBytes(type, n));
  if (!IsBlockQuantized(type)) {
    QuantizeRow(type, RandomFloats(n, seed).data(), n, bytes.data());
    return bytes;
  }
  std::mt19937 random(seed);
  for (size_t at = 0; at < bytes.size(); at += BlockBytes(type)) {
    DrawBlock(type, random, &bytes[at]);
  }
  return bytes;
}

// A copy of elements, placed `offset` bytes after a 64-byte boundary.
class Misaligned {
 public:
  Misaligned(const void* from, size_t bytes, size_t offset)
      : buffer_(AlignedBuffer::Allocate(bytes + offset).value()), offset_(offset) {
    if (bytes != 0) std::memcpy(buffer_.data() + offset, from, bytes);
  }
  const std::byte* data() const { return buffer_.data() + offset_; }
  float* f32() const { return reinterpret_cast<float*>(buffer_.data() + offset_); }

 private:
  AlignedBuffer buffer_;
  size_t offset_;
};

// Runs body(slice, scratch) on `threads` threads, each with scratch of exactly the requested size.
template <typename Body>
void RunOnThreads(size_t threads, size_t scratch_bytes, const Body& body) {
  std::vector<AlignedBuffer> scratch;
  for (size_t i = 0; i < threads; ++i) {
    scratch.push_back(AlignedBuffer::Allocate(scratch_bytes).value());
  }
  ThreadPool pool(threads);
  pool.Run([&](ThreadSlice slice) { body(slice, scratch[slice.index].data()); });
}

// A test that runs once for each instruction set of this machine.
class EveryIsa : public testing::TestWithParam<CpuIsa> {
 protected:
  const KernelTable& kernels() const { return KernelsFor(GetParam()); }
};

inline std::string IsaTestName(const testing::TestParamInfo<CpuIsa>& info) {
  return std::string(CpuIsaName(info.param));
}

#define TARE_INSTANTIATE_EVERY_ISA(Suite) \
  INSTANTIATE_TEST_SUITE_P(Isa, Suite, testing::ValuesIn(SupportedCpuIsas()), IsaTestName)

}  // namespace tare

#endif  // TARE_KERNELS_KERNEL_TESTING_H_
