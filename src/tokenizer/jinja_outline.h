#ifndef TARE_TOKENIZER_JINJA_OUTLINE_H_
#define TARE_TOKENIZER_JINJA_OUTLINE_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tare {

// A `{% block %}` or an `{{ output }}` of a Jinja template.
struct JinjaStatement {
  enum class Kind { kBlock, kOutput };
  Kind kind;
  std::string code;  // in normal form
};

// The statements of a template in a normal form. Templates that differ only in spaces, quotes,
// escapes, `x.role` for `x['role']` and 'a' + 'b' for 'ab' have the same normal form. nullopt if
// the template has comments, or text outside of statements that a chat environment (trim_blocks,
// lstrip_blocks) would not remove.
std::optional<std::vector<JinjaStatement>> OutlineJinja(std::string_view source);

// The text of an expression in normal form that is a single string literal; nullopt for any other.
std::optional<std::string> JinjaLiteral(std::string_view code);

}  // namespace tare

#endif  // TARE_TOKENIZER_JINJA_OUTLINE_H_
