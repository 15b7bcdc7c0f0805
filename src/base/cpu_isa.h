#ifndef TARE_BASE_CPU_ISA_H_
#define TARE_BASE_CPU_ISA_H_

#include <string_view>
#include <vector>

#include "base/error.h"

namespace tare {

// Instruction sets that the kernels use. Each includes the ones before it.
enum class CpuIsa {
  kPortable,  // plain C++
  kAvx2,      // AVX2, FMA, F16C
  kAvx512,    // AVX-512 F, BW, DQ, VL and AVX2's
};

std::string_view CpuIsaName(CpuIsa isa);  // "portable", "avx2", "avx512"

// The sets that this machine supports, lowest first; never empty.
std::vector<CpuIsa> SupportedCpuIsas();

// The best supported set, or the one named by the environment variable TARE_CPU_ISA.
// Errors: InvalidInput for an unknown name, Unsupported for a set that this CPU lacks.
Result<CpuIsa> ChooseCpuIsa();

}  // namespace tare

#endif  // TARE_BASE_CPU_ISA_H_
