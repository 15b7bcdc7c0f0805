#include "base/cpu_isa.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include <string>

#include "base/environment.h"

namespace tare {
namespace {

constexpr CpuIsa kAll[] = {CpuIsa::kPortable, CpuIsa::kAvx2, CpuIsa::kAvx512};

#if defined(__x86_64__)
// clang 14's __builtin_cpu_supports does not know "f16c".
bool HasF16c() {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  return __get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 && (ecx & bit_F16C) != 0;
}
#endif

bool Supports(CpuIsa isa) {
#if defined(__x86_64__)
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && HasF16c();
  switch (isa) {
    case CpuIsa::kPortable:
      return true;
    case CpuIsa::kAvx2:
      return avx2;
    case CpuIsa::kAvx512:
      return avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  }
  return false;
#else
  return isa == CpuIsa::kPortable;
#endif
}

}  // namespace

std::string_view CpuIsaName(CpuIsa isa) {
  switch (isa) {
    case CpuIsa::kPortable:
      return "portable";
    case CpuIsa::kAvx2:
      return "avx2";
    case CpuIsa::kAvx512:
      return "avx512";
  }
  return "unknown";
}

std::vector<CpuIsa> SupportedCpuIsas() {
  std::vector<CpuIsa> supported;
  for (CpuIsa isa : kAll) {
    if (Supports(isa)) supported.push_back(isa);
  }
  return supported;
}

Result<CpuIsa> ChooseCpuIsa() {
  const std::string wanted = EnvironmentVariable("TARE_CPU_ISA");
  if (wanted.empty()) return SupportedCpuIsas().back();
  for (CpuIsa isa : kAll) {
    if (CpuIsaName(isa) != wanted) continue;
    if (Supports(isa)) return isa;
    return Unsupported("TARE_CPU_ISA: this CPU has no {}; the best it has is {}", wanted,
                       CpuIsaName(SupportedCpuIsas().back()));
  }
  return InvalidInput("TARE_CPU_ISA: got \"{}\", expected portable, avx2 or avx512", wanted);
}

}  // namespace tare
