#include "models/families/families.h"

#include "models/families/gemma2/gemma2.h"
#include "models/families/gemma3/gemma3.h"
#include "models/families/gpt2/gpt2.h"
#include "models/families/granite/granite.h"
#include "models/families/llama/llama.h"
#include "models/families/mistral/mistral.h"
#include "models/families/phi3/phi3.h"
#include "models/families/qwen2/qwen2.h"
#include "models/families/qwen3/qwen3.h"
#include "models/families/qwen3moe/qwen3moe.h"
#include "models/families/smollm3/smollm3.h"

namespace tare {
namespace {

// Where two share a name of a format, files with that name are read by the first.
constexpr const Family* kFamilies[] = {
    &kGpt2Family,    &kLlamaFamily,   &kMistralFamily,  &kQwen2Family,
    &kQwen3Family,   &kGemma2Family,  &kGemma3Family,   &kPhi3Family,
    &kGraniteFamily, &kSmollm3Family, &kQwen3MoeFamily,
};

}  // namespace

// Alone in this file, so that a program may bring a list of its own (tests/toy_family).
std::span<const Family* const> Families() { return kFamilies; }

}  // namespace tare
