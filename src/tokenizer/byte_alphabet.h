#ifndef TARE_TOKENIZER_BYTE_ALPHABET_H_
#define TARE_TOKENIZER_BYTE_ALPHABET_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace tare {

// GPT-2's alphabet writes any bytes as printable text, one character (of at most two bytes) for
// each byte: printable Latin-1 stands for itself, the other 68 bytes, in order, for U+0100 onwards.

// The character that stands for `byte`, as UTF-8.
std::string ByteToAlphabet(uint8_t byte);

// Appends the bytes that `text` stands for; false, with nothing appended, where it has a character
// outside the alphabet or is not UTF-8.
bool AppendFromAlphabet(std::string_view text, std::string& bytes);

}  // namespace tare

#endif  // TARE_TOKENIZER_BYTE_ALPHABET_H_
