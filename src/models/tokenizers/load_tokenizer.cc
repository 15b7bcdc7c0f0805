#include "models/tokenizers/load_tokenizer.h"

#include <filesystem>
#include <utility>

#include "describe/model_folder.h"
#include "models/tokenizers/load_tokenizer_hf.h"
#include "models/tokenizers/load_tokenizer_keras.h"

namespace tare {

Result<Tokenizer> LoadTokenizer(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    // Both kinds of folder have a tokenizer.json; only a preset has assets.
    const bool is_preset = std::filesystem::exists(path + "/assets/tokenizer", ignored);
    if (is_preset) return LoadKerasTokenizer(path);
    const bool is_lone = std::filesystem::exists(path + "/tokenizer.model", ignored) ||
                         std::filesystem::exists(path + "/vocab.json", ignored);
    if (!is_lone) {
      TARE_RETURN_IF_ERROR(ExpectInModelFolder(path, "tokenizer.json"));
    }
    return LoadHuggingFaceTokenizer(path);
  }
  TARE_ASSIGN_OR_RETURN(const GgufFile file, GgufFile::Open(path));
  return LoadTokenizer(file);
}

}  // namespace tare
