#ifndef TARE_KERNELS_KERNEL_TESTING_H_
#define TARE_KERNELS_KERNEL_TESTING_H_

// What the kernels' tests share.

#include <gtest/gtest.h>

#include <cstddef>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/cpu_isa.h"
#include "base/thread_pool.h"
#include "kernels/kernel_table.h"
#include "tensor/compare.h"
#include "tensor/dtype.h"
#include "tensor/half.h"

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

// n stored elements of `type`: random, with scales such that no element is large.
inline std::vector<std::byte> RandomWeights(DType type, size_t n, uint32_t seed) {
  std::vector<std::byte> bytes(n / BlockElements(type) * BlockBytes(type));
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform(-1.0f, 1.0f);
  const auto put16 = [&](size_t at, uint16_t bits) { std::memcpy(&bytes[at], &bits, 2); };
  for (size_t at = 0; at < bytes.size(); at += BlockBytes(type)) {
    if (type == DType::kF32) {
      const float value = uniform(random);
      std::memcpy(&bytes[at], &value, 4);
    } else if (type == DType::kF16) {
      put16(at, FloatToFloat16(uniform(random)));
    } else if (type == DType::kBF16) {
      put16(at, FloatToBFloat16(uniform(random)));
    } else {
      for (size_t i = 0; i < BlockBytes(type); ++i) bytes[at + i] = std::byte(random() & 0xff);
      put16(at, FloatToFloat16(uniform(random) / (type == DType::kQ8_0 ? 128 : 16)));
      if (type == DType::kQ4_1) put16(at + 2, FloatToFloat16(uniform(random)));
    }
  }
  return bytes;
}

// A copy of elements that begins `offset` bytes after a 64-byte boundary.
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

// Runs body(slice, scratch) on `threads` threads, each with scratch of exactly the bytes asked for.
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
