#include "models/families/families.h"

#include "models/families/gpt2/gpt2.h"
#include "models/families/llama/llama.h"
#include "toy.h"

namespace tare {
namespace {

constexpr const Family* kFamilies[] = {
    &kGpt2Family,
    &kLlamaFamily,
    &kToyFamily,
};

}  // namespace

std::span<const Family* const> Families() { return kFamilies; }

}  // namespace tare
