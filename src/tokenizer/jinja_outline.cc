#include "tokenizer/jinja_outline.h"

#include <fmt/format.h>

#include <cctype>

namespace tare {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool IsWord(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

bool AllSpace(std::string_view text) {
  for (char c : text) {
    if (!IsSpace(c)) return false;
  }
  return true;
}

// Appends the literal at the front of `code` as '…', with ' and \ escaped and nothing else, and
// drops it from there. False if it does not end or has an escape that is not known.
bool TakeLiteral(std::string_view& code, std::string& normal) {
  const char quote = code[0];
  normal += '\'';
  for (size_t i = 1; i < code.size(); ++i) {
    char c = code[i];
    if (c == quote) {
      normal += '\'';
      code.remove_prefix(i + 1);
      return true;
    }
    if (c == '\\') {
      if (++i == code.size()) return false;
      c = code[i];
      if (c == 'n') {
        c = '\n';
      } else if (c == 't') {
        c = '\t';
      } else if (c != '\\' && c != '\'' && c != '"') {
        return false;
      }
    }
    if (c == '\'' || c == '\\') normal += '\\';
    normal += c;
  }
  return false;
}

// An attribute of a message that `code` ends with is written as an item.
void NormaliseAttribute(std::string& code) {
  for (const std::string_view name : {"role", "content"}) {
    const std::string attribute = fmt::format("message.{}", name);
    if (!code.ends_with(attribute)) continue;
    code.resize(code.size() - attribute.size());
    code += fmt::format("message['{}']", name);
  }
}

void JoinLiterals(std::string& code) {
  constexpr std::string_view kJoint = "'+'";
  for (size_t at = code.find(kJoint); at != std::string::npos; at = code.find(kJoint, at)) {
    code.erase(at, kJoint.size());
  }
}

std::optional<std::string> Normalise(std::string_view code) {
  std::string normal;
  bool space_before = false;
  while (!code.empty()) {
    const char c = code[0];
    if (c == '\'' || c == '"') {
      if (!TakeLiteral(code, normal)) return std::nullopt;
      space_before = false;
      continue;
    }
    code.remove_prefix(1);
    if (IsSpace(c)) {
      space_before = true;
      continue;
    }
    const bool after_word = !normal.empty() && (IsWord(normal.back()) || normal.back() == ']');
    if (space_before && IsWord(c) && after_word) normal += ' ';
    normal += c;
    NormaliseAttribute(normal);
    space_before = false;
  }
  JoinLiterals(normal);
  return normal;
}

// Whether rendering removes `text` between two statements: because of a dash on either side, or
// because it is a line end and indentation next to a block.
bool IsRemoved(std::string_view text, bool after_block, bool before_block, bool dash) {
  if (text.empty()) return true;
  if (!AllSpace(text)) return false;
  if (dash) return true;
  const size_t line_ends = text.find('\n') == std::string_view::npos ? 0 : 1;
  const bool indentation_only = text.substr(line_ends).find('\n') == std::string_view::npos;
  return after_block && before_block && text[0] == '\n' && indentation_only;
}

}  // namespace

std::optional<std::vector<JinjaStatement>> OutlineJinja(std::string_view source) {
  std::vector<JinjaStatement> statements;
  bool after_block = false;
  bool dash_before = false;
  while (true) {
    const size_t open = source.find('{');
    if (open == std::string_view::npos) break;
    const std::string_view mark = source.substr(open, 2);
    if (mark != "{%" && mark != "{{") return std::nullopt;
    const bool is_block = mark == "{%";
    const size_t close = source.find(is_block ? "%}" : "}}", open + 2);
    if (close == std::string_view::npos) return std::nullopt;
    std::string_view code = source.substr(open + 2, close - open - 2);

    const bool dash_open = code.starts_with('-');
    if (dash_open) code.remove_prefix(1);
    const bool dash_close = code.ends_with('-');
    if (dash_close) code.remove_suffix(1);
    const bool dash = dash_before || dash_open;
    if (!IsRemoved(source.substr(0, open), after_block, is_block, dash)) return std::nullopt;

    const auto normal = Normalise(code);
    if (!normal) return std::nullopt;
    statements.push_back(
        {is_block ? JinjaStatement::Kind::kBlock : JinjaStatement::Kind::kOutput, *normal});
    source.remove_prefix(close + 2);
    after_block = is_block;
    dash_before = dash_close;
  }
  const bool one_line_end = source == "\n" && after_block;
  if (!source.empty() && !one_line_end && !(dash_before && AllSpace(source))) return std::nullopt;
  return statements;
}

std::optional<std::string> JinjaLiteral(std::string_view code) {
  std::string text;
  if (code.size() < 2 || code[0] != '\'') return std::nullopt;
  for (size_t i = 1; i < code.size(); ++i) {
    if (code[i] == '\'') {
      if (i + 1 != code.size()) return std::nullopt;
      return text;
    }
    if (code[i] == '\\') ++i;
    if (i < code.size()) text += code[i];
  }
  return std::nullopt;
}

}  // namespace tare
