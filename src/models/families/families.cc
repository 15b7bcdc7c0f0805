#include "models/families/families.h"

#include "models/families/gpt2/gpt2.h"
#include "models/families/llama/llama.h"

namespace tare {
namespace {

constexpr const Family* kFamilies[] = {
    &kGpt2Family,
    &kLlamaFamily,
};

}  // namespace

// Alone in this file, so that a program may bring a list of its own (tests/toy_family).
std::span<const Family* const> Families() { return kFamilies; }

}  // namespace tare
