#ifndef TARE_MODELS_JSON_KEYS_H_
#define TARE_MODELS_JSON_KEYS_H_

#include <span>
#include <string_view>

#include "base/error.h"
#include "describe/size_limits.h"
#include "format/json/json_file.h"

namespace tare {

struct RequiredSetting;

// Helpers for the families' readers and writers of JSON configurations.

// A required size in [1, max]. Errors: those of GetUint; CorruptFile outside the range.
Result<size_t> GetSize(const JsonObject& config, std::string_view key,
                       uint64_t max = kMaxModelSize);
Result<size_t> GetSizeOr(const JsonObject& config, std::string_view key, size_t fallback);

// A finite number above 0.
Result<float> GetPositive(const JsonObject& config, std::string_view key);
Result<float> GetPositiveOr(const JsonObject& config, std::string_view key, float fallback);

// width / heads. Errors: CorruptFile if heads do not divide width.
Result<size_t> HeadSizeOf(const JsonObject& config, size_t width, size_t heads);

// Checks that all settings have their only supported value.
//   Errors  Unsupported for another value, naming the key.
Status ExpectSettings(const JsonObject& config, std::span<const RequiredSetting> settings);

// The shortest decimal that reads back as this f32: 1e-06, not 9.999999974752427e-07.
double ShortestDecimal(float value);

}  // namespace tare

#endif  // TARE_MODELS_JSON_KEYS_H_
