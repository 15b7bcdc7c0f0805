#ifndef TARE_BENCH_ROWS_DOCTOR_H_
#define TARE_BENCH_ROWS_DOCTOR_H_

#include <string>
#include <vector>

#include "os/interrupt.h"

namespace tare {

// One thing that `tare bench` or a backend stands on.
struct DoctorCheck {
  enum class Grade { kGood, kHint, kBad };  // a hint: figures may be less exact or less steady
  Grade grade = Grade::kGood;
  std::string what;
  std::string found;
  std::string advice;  // what to do, empty when good
};

// Looks at this machine; changes nothing.
std::vector<DoctorCheck> Diagnose(InterruptWatch& interrupt);

}  // namespace tare

#endif  // TARE_BENCH_ROWS_DOCTOR_H_
