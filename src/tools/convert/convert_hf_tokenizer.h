#ifndef TARE_TOOLS_CONVERT_CONVERT_HF_TOKENIZER_H_
#define TARE_TOOLS_CONVERT_CONVERT_HF_TOKENIZER_H_

#include <string>

#include "base/error.h"
#include "tools/convert/convert_source.h"

namespace tare {

// Writes tokenizer.json, tokenizer_config.json and generation_config.json into a folder, for
// Transformers' fast tokenizers and for `tokenizers`. Ids are those of the source.
//   Errors  Io; Unsupported for a token that is not UTF-8.
Status WriteHuggingFaceTokenizer(const ConvertSource& source, const std::string& folder);

}  // namespace tare

#endif  // TARE_TOOLS_CONVERT_CONVERT_HF_TOKENIZER_H_
