#ifndef TARE_TOKENIZER_BYTE_ALPHABET_H_
#define TARE_TOKENIZER_BYTE_ALPHABET_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace tare {

// GPT-2's alphabet writes any bytes as printable text, one character (of at most two bytes) per
// byte. Printable Latin-1 bytes stand for themselves; the other 68 bytes, in order, become U+0100
// onwards.

// The character that stands for `byte`, as UTF-8.
std::string ByteToAlphabet(uint8_t byte);

// Appends the bytes that `text` stands for. Returns false and appends nothing if `text` is not
// UTF-8 or has a character outside the alphabet.
bool AppendFromAlphabet(std::string_view text, std::string& bytes);

}  // namespace tare

#endif  // TARE_TOKENIZER_BYTE_ALPHABET_H_
