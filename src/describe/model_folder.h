#ifndef TARE_DESCRIBE_MODEL_FOLDER_H_
#define TARE_DESCRIBE_MODEL_FOLDER_H_

#include <string>

#include "base/error.h"

namespace tare {

// Whether a folder has the file by which a model, or its tokenizer, is known in one.
//   Errors  InvalidInput that says what the folder holds instead, and which model file in it can be
//           given.
Status ExpectInModelFolder(const std::string& folder, const std::string& file);

}  // namespace tare

#endif  // TARE_DESCRIBE_MODEL_FOLDER_H_
