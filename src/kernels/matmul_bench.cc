// Products at the shapes of small language models, beside the two limits of the machine: the
// bandwidth of a plain read of memory and the peak rate of fused multiply-adds. Wall time, two
// threads (TARE_BENCH_THREADS to change). Rates are those of the best iteration: what the kernel
// can do, on a machine that may be busy.
//
//   tare_kernels_bench --benchmark_filter='PlainRead|FmaPeak|Decode'

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/thread_pool.h"
#include "kernels/kernel_table.h"

namespace tare {
namespace {

// Larger than any level-3 cache that one process has for itself; read piece by piece, so that an
// iteration is short.
constexpr size_t kStreamBytes = size_t{512} << 20;
constexpr size_t kPieceBytes = size_t{4} << 20;

size_t Threads() {
  const char* wanted = std::getenv("TARE_BENCH_THREADS");
  return wanted == nullptr ? 2 : static_cast<size_t>(std::max(1, std::atoi(wanted)));
}

AlignedBuffer Filled(size_t bytes) {
  AlignedBuffer buffer = AlignedBuffer::Allocate(bytes).value();
  // 0x11 gives every type ordinary small values: no subnormal, no infinity, no shared zero page.
  std::memset(buffer.data(), 0x11, bytes);
  return buffer;
}

// Runs body(iteration) until the benchmark has enough, and reports the rates of the fastest.
template <typename Body>
void Measure(benchmark::State& state, double bytes, double operations, const Body& body) {
  double best = std::numeric_limits<double>::infinity();
  size_t iteration = 0;
  for (auto _ : state) {
    const auto start = std::chrono::steady_clock::now();
    body(iteration++);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    best = std::min(best, took.count());
  }
  state.counters["best_us"] = best * 1e6;
  state.counters["GB/s"] = bytes / best / 1e9;
  state.counters["GFLOP/s"] = operations / best / 1e9;
}

void BM_PlainRead(benchmark::State& state) {
  const AlignedBuffer data = Filled(kStreamBytes);
  ThreadPool pool(Threads());
  const MachineLimits& limits = KernelsFor(ChooseCpuIsa().value()).limits;
  Measure(state, kPieceBytes, 0, [&](size_t iteration) {
    const std::byte* piece = data.data() + iteration * kPieceBytes % kStreamBytes;
    pool.Run([&](ThreadSlice slice) {
      const IndexRange part = SplitRange(kPieceBytes, 4096, slice);
      benchmark::DoNotOptimize(limits.read_all(piece + part.begin, part.end - part.begin));
    });
  });
}

void BM_FmaPeak(benchmark::State& state) {
  ThreadPool pool(Threads());
  const MachineLimits& limits = KernelsFor(ChooseCpuIsa().value()).limits;
  constexpr size_t kRounds = 1 << 16;
  const size_t operations = 2 * pool.thread_count() * limits.multiply_adds_per_round * kRounds;
  Measure(state, 0, static_cast<double>(operations), [&](size_t) {
    pool.Run([&](ThreadSlice) { benchmark::DoNotOptimize(limits.multiply_adds(kRounds)); });
  });
}

struct Shape {
  DType type;
  WeightLayout layout;
  size_t n, k;
};

// Where `cold`, each iteration multiplies by as many matrices as fill a piece, all of them out of
// cache, in one parallel region; elsewhere by one matrix, again and again.
void RunMatMul(benchmark::State& state, const Shape& shape, size_t t, bool cold) {
  const KernelTable& kernels = KernelsFor(ChooseCpuIsa().value());
  const size_t bytes = StoredBytes(shape.type, shape.n * shape.k);
  const size_t copies = cold ? std::max<size_t>(1, kStreamBytes / bytes) : 1;
  const size_t piece = cold ? std::max<size_t>(1, kPieceBytes / bytes) : 1;
  const AlignedBuffer weights = Filled(bytes * copies);
  const std::vector<float> x(t * shape.k, 0.01f);
  std::vector<float> y(t * shape.n);
  MatMulArgs args = {.x = x.data(),
                     .x_stride = shape.k,
                     .weight_type = shape.type,
                     .layout = shape.layout,
                     .weight = weights.data(),
                     .n = shape.n,
                     .k = shape.k,
                     .y = y.data(),
                     .y_stride = shape.n,
                     .t = t,
                     .tails = {}};
  ThreadPool pool(Threads());
  std::vector<AlignedBuffer> scratch;
  for (size_t i = 0; i < pool.thread_count(); ++i) {
    scratch.push_back(AlignedBuffer::Allocate(kernels.matmul_scratch_bytes(args)).value());
  }
  const double products =
      static_cast<double>(shape.n) * static_cast<double>(shape.k) * static_cast<double>(t * piece);
  Measure(state, static_cast<double>(bytes * piece), 2 * products, [&](size_t iteration) {
    pool.Run([&](ThreadSlice slice) {
      MatMulArgs mine = args;
      for (size_t i = 0; i < piece; ++i) {
        mine.weight = weights.data() + (iteration * piece + i) % copies * bytes;
        kernels.matmul(mine, slice, scratch[slice.index].data());
      }
    });
  });
}

void RegisterAll() {
  const auto wall = [](benchmark::internal::Benchmark* bench) {
    bench->UseRealTime()->Unit(benchmark::kMillisecond)->MinTime(0.2);
  };
  wall(benchmark::RegisterBenchmark("PlainRead", BM_PlainRead));
  wall(benchmark::RegisterBenchmark("FmaPeak", BM_FmaPeak));
  // Projections of a model 576 wide with an inner width of 1536, and its output layer; those of one
  // 1024 wide, whose rows are whole pages in f32.
  const std::pair<size_t, size_t> sizes[] = {{576, 576},   {1536, 576},  {576, 1536}, {49152, 576},
                                             {1024, 1024}, {4096, 1024}, {1024, 4096}};
  for (DType type : kAllDTypes) {
    if (!IsWeightType(type)) continue;
    for (auto layout : {WeightLayout::kOutIn, WeightLayout::kInOut}) {
      if (layout == WeightLayout::kInOut && IsBlockQuantized(type)) continue;
      for (const auto& [n, k] : sizes) {
        if (k % BlockElements(type) != 0) continue;
        const Shape shape = {type, layout, n, k};
        const std::string name =
            fmt::format("{}/{}/{}x{}", DTypeName(type),
                        layout == WeightLayout::kOutIn ? "out_in" : "in_out", n, k);
        for (size_t t : {1, 2, 4, 8}) {
          wall(benchmark::RegisterBenchmark(
              fmt::format("Decode/{}/t{}", name, t).c_str(),
              [=](benchmark::State& s) { RunMatMul(s, shape, t, true); }));
        }
        // A short prompt reads each weight from memory too.
        wall(benchmark::RegisterBenchmark(
            fmt::format("ShortPrompt/{}/t16", name).c_str(),
            [=](benchmark::State& s) { RunMatMul(s, shape, 16, true); }));
        for (size_t t : {16, 128, 512}) {
          wall(benchmark::RegisterBenchmark(
              fmt::format("Prefill/{}/t{}", name, t).c_str(),
              [=](benchmark::State& s) { RunMatMul(s, shape, t, false); }));
        }
      }
    }
  }
}

const bool kRegistered = (RegisterAll(), true);

}  // namespace
}  // namespace tare
