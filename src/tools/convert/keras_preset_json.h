#ifndef TARE_TOOLS_CONVERT_KERAS_PRESET_JSON_H_
#define TARE_TOOLS_CONVERT_KERAS_PRESET_JSON_H_

#include <string>

#include "tools/convert/keras_preset_writer.h"

namespace tare {

// The texts of a preset's JSON files, key by key as KerasHub 0.32.0 writes them.
struct KerasPresetTexts {
  std::string config;
  std::string task;
  std::string preprocessor;
  std::string tokenizer;
  std::string metadata;
};

KerasPresetTexts DescribeKerasPreset(const KerasPreset& preset);

// assets/tokenizer/vocabulary.json and merges.txt.
std::string KerasVocabularyText(const KerasTokenizer& tokenizer);
std::string KerasMergesText(const KerasTokenizer& tokenizer);

}  // namespace tare

#endif  // TARE_TOOLS_CONVERT_KERAS_PRESET_JSON_H_
