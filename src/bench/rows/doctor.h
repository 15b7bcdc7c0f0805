#ifndef TARE_BENCH_ROWS_DOCTOR_H_
#define TARE_BENCH_ROWS_DOCTOR_H_

#include <string>
#include <vector>

#include "os/interrupt.h"

namespace tare {

// One requirement of `tare bench` or of a backend.
struct DoctorCheck {
  enum class Grade { kGood, kHint, kBad };  // kHint: figures may be less exact or less steady
  Grade grade = Grade::kGood;
  std::string what;
  std::string found;
  std::string advice;  // what to do; empty if good
};

// Checks this machine and changes nothing.
std::vector<DoctorCheck> Diagnose(InterruptWatch& interrupt);

}  // namespace tare

#endif  // TARE_BENCH_ROWS_DOCTOR_H_
