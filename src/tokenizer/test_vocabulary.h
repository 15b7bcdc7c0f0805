#ifndef TARE_TOKENIZER_TEST_VOCABULARY_H_
#define TARE_TOKENIZER_TEST_VOCABULARY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tare/tokenizer.h"
#include "tokenizer/byte_alphabet.h"

namespace tare {

// A vocabulary that keeps its own texts, for tests and fuzz targets.
struct TestVocabulary {
  std::vector<std::string> tokens;
  std::vector<std::string> merges;
  std::vector<int32_t> types;

  // All 256 bytes (the id of a byte is its value), then what each merge makes, then the specials.
  static TestVocabulary OfBytes(std::vector<std::string> merges,
                                const std::vector<std::string>& control = {},
                                const std::vector<std::string>& user_defined = {}) {
    TestVocabulary vocabulary;
    for (int byte = 0; byte < 256; ++byte) vocabulary.Add(ByteToAlphabet(byte), 1);
    for (const std::string& merge : merges) {
      std::string joined = merge;
      joined.erase(joined.find(' '), 1);
      vocabulary.Add(joined, 1);
    }
    for (const std::string& text : control) vocabulary.Add(text, 3);
    for (const std::string& text : user_defined) vocabulary.Add(text, 4);
    vocabulary.merges = std::move(merges);
    return vocabulary;
  }

  void Add(std::string text, int32_t type) {
    tokens.push_back(std::move(text));
    types.push_back(type);
  }

  // Borrows this object.
  TokenizerVocabulary View(PreTokenizer pre_tokenizer = PreTokenizer::kGpt2) const {
    TokenizerVocabulary vocabulary;
    vocabulary.tokens = SequenceOf<std::string_view>(tokens);
    vocabulary.merges = SequenceOf<std::string_view>(merges);
    vocabulary.token_types = SequenceOf<int32_t>(types);
    vocabulary.pre_tokenizer = pre_tokenizer;
    return vocabulary;
  }
};

}  // namespace tare

#endif  // TARE_TOKENIZER_TEST_VOCABULARY_H_
