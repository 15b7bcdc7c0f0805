#ifndef TARE_TESTS_TOY_FAMILY_TOY_H_
#define TARE_TESTS_TOY_FAMILY_TOY_H_

#include "models/family.h"

namespace tare {

// An invented family: RMS norms, learned positions, biases only for query, key and value, shared
// keys and values, an MLP without a gate, and an untied output. Only this folder and one line of
// families.cc know about it.
extern const Family kToyFamily;

}  // namespace tare

#endif  // TARE_TESTS_TOY_FAMILY_TOY_H_
