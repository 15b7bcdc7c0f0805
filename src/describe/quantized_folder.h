#ifndef TARE_DESCRIBE_QUANTIZED_FOLDER_H_
#define TARE_DESCRIBE_QUANTIZED_FOLDER_H_

#include <string>

#include "base/error.h"
#include "format/json/json_file.h"

namespace tare {

// Folders whose weights are packed in a way of their own: whole numbers with scales beside them,
// under names that a model's family does not know.

// What a config.json says of that: "GPTQ, 4 bits"; empty: nothing.
std::string QuantizationOf(const JsonObject& config);

// Errors: Unsupported for such a folder, with what it is and what to do.
Status CheckNotQuantized(const JsonObject& config);

}  // namespace tare

#endif  // TARE_DESCRIBE_QUANTIZED_FOLDER_H_
