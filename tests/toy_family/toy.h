#ifndef TARE_TESTS_TOY_FAMILY_TOY_H_
#define TARE_TESTS_TOY_FAMILY_TOY_H_

#include "models/family.h"

namespace tare {

// A family that nobody has: RMS norms, learnt positions, biases of query, key and value alone,
// shared keys and values, an MLP without a gate, an output of its own. All that the program knows
// of it is in this folder, and in one line of families.cc.
extern const Family kToyFamily;

}  // namespace tare

#endif  // TARE_TESTS_TOY_FAMILY_TOY_H_
