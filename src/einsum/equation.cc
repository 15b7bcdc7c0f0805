#include "einsum/equation.h"

#include <algorithm>
#include <utility>

#include "base/count_text.h"

namespace tare {
namespace {

constexpr std::string_view kExample = "try a form like \"ab,bc->ac\"";

bool IsLabel(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Reads terms from left to right; positions in messages count from 0.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  struct Terms {
    std::vector<std::string> operands;
    std::string output;
    bool has_output = false;
  };

  Result<Terms> Parse() {
    Terms terms;
    for (bool more = true; more;) {
      TARE_ASSIGN_OR_RETURN(std::string term, Term());
      terms.operands.push_back(std::move(term));
      more = at_ < text_.size() && text_[at_] == ',';
      if (more) ++at_;
    }
    if (terms.operands.size() > 2) {
      return Unsupported(
          "einsum \"{}\": got {} operands, expected 1 or 2; split it into products of two", text_,
          terms.operands.size());
    }
    if (at_ == text_.size()) return terms;
    if (text_.substr(at_, 2) != "->") return Stray("',', '->' or the end");
    at_ += 2;
    terms.has_output = true;
    TARE_ASSIGN_OR_RETURN(terms.output, Term());
    if (at_ != text_.size()) return Stray("the end");
    return terms;
  }

 private:
  Error Stray(std::string_view expected) const {
    return InvalidInput("einsum \"{}\": got '{}' at {}, expected a label, {}; {}", text_,
                        text_[at_], at_, expected, kExample);
  }

  Result<std::string> Term() {
    std::string term;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == ' ') continue;
      if (IsLabel(c)) {
        term.push_back(c);
      } else if (c == '.') {
        if (text_.substr(at_, 3) != "...") return Stray("or \"...\" in one piece");
        if (ContainsLabel(term, kEinsumEllipsis)) return Stray("not a second ellipsis in one term");
        term.push_back(kEinsumEllipsis);
        at_ += 2;
      } else {
        break;
      }
    }
    return term;
  }

  std::string_view text_;
  size_t at_ = 0;
};

std::string ImplicitOutput(const std::vector<std::string>& operands) {
  std::string all;
  for (const std::string& term : operands) all += term;
  std::string labels = all;
  std::sort(labels.begin(), labels.end());
  labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
  // '.' sorts before every letter, so the ellipsis comes first, as it must.
  std::erase_if(labels, [&](char label) {
    return label != kEinsumEllipsis && std::count(all.begin(), all.end(), label) != 1;
  });
  return labels;
}

Status CheckOutput(std::string_view text, const std::vector<std::string>& operands,
                   std::string_view output) {
  std::string all;
  for (const std::string& term : operands) all += term;
  for (size_t i = 0; i < output.size(); ++i) {
    const char label = output[i];
    const std::string name = label == kEinsumEllipsis ? "..." : std::string(1, label);
    if (!ContainsLabel(all, label)) {
      return InvalidInput(
          "einsum \"{}\": output label '{}' is in no operand, expected one of \"{}\"", text, name,
          all);
    }
    if (ContainsLabel(output.substr(0, i), label)) {
      return InvalidInput("einsum \"{}\": output label '{}' occurs twice, expected once", text,
                          name);
    }
  }
  if (ContainsLabel(all, kEinsumEllipsis) && !ContainsLabel(output, kEinsumEllipsis)) {
    return InvalidInput(
        "einsum \"{}\": an operand has \"...\" but the output does not; add \"...\" to the output",
        text);
  }
  return {};
}

// The axes that an ellipsis of `count` axes stands for, of `widest` in the whole equation.
std::string EllipsisLabels(size_t count, size_t widest) {
  std::string labels;
  for (size_t i = widest - count; i < widest; ++i) labels.push_back(static_cast<char>('0' + i));
  return labels;
}

std::string Replace(const std::string& term, const std::string& labels) {
  const size_t at = term.find(kEinsumEllipsis);
  return at == term.npos ? term : term.substr(0, at) + labels + term.substr(at + 1);
}

}  // namespace

Result<EinsumEquation> EinsumEquation::Parse(std::string_view text) {
  if (text.find_first_not_of(' ') == text.npos) {
    return InvalidInput("einsum \"{}\": the equation is empty; {}", text, kExample);
  }
  TARE_ASSIGN_OR_RETURN(Parser::Terms terms, Parser(text).Parse());
  if (!terms.has_output) {
    terms.output = ImplicitOutput(terms.operands);
  } else {
    TARE_RETURN_IF_ERROR(CheckOutput(text, terms.operands, terms.output));
  }
  return EinsumEquation(std::move(terms.operands), std::move(terms.output));
}

bool EinsumEquation::has_ellipsis() const {
  return std::any_of(operands_.begin(), operands_.end(),
                     [](const std::string& term) { return ContainsLabel(term, kEinsumEllipsis); });
}

bool EinsumEquation::HasRepeatedLabel(size_t i) const {
  std::string labels = operands_[i];
  std::sort(labels.begin(), labels.end());
  return std::adjacent_find(labels.begin(), labels.end()) != labels.end();
}

Result<EinsumEquation> EinsumEquation::WithRanks(std::span<const size_t> ranks) const {
  if (ranks.size() != operands_.size()) {
    return InvalidInput("einsum \"{}\": got {}, expected {}", ToString(),
                        CountText(ranks.size(), "operand"), operands_.size());
  }
  std::vector<size_t> counts(ranks.size(), 0);
  for (size_t i = 0; i < ranks.size(); ++i) {
    const bool ellipsis = ContainsLabel(operands_[i], kEinsumEllipsis);
    const size_t named = operands_[i].size() - (ellipsis ? 1 : 0);
    if (ranks[i] < named || (!ellipsis && ranks[i] > named) ||
        ranks[i] - named > kMaxEllipsisAxes) {
      return InvalidInput("einsum \"{}\": operand {} has {}, expected {}{}", ToString(), i,
                          CountText(ranks[i], "axis", "axes"), ellipsis ? "at least " : "", named);
    }
    counts[i] = ranks[i] - named;
  }
  const size_t widest = *std::max_element(counts.begin(), counts.end());
  std::vector<std::string> operands;
  for (size_t i = 0; i < ranks.size(); ++i) {
    operands.push_back(Replace(operands_[i], EllipsisLabels(counts[i], widest)));
  }
  return EinsumEquation(std::move(operands), Replace(output_, EllipsisLabels(widest, widest)));
}

std::string EinsumEquation::ToString() const {
  std::string text = Replace(operands_[0], "...");
  if (operands_.size() == 2) text.append(",").append(Replace(operands_[1], "..."));
  return text.append("->").append(Replace(output_, "..."));
}

Result<std::vector<EinsumExtent>> EinsumExtents(const EinsumEquation& equation,
                                                std::span<const EinsumShape> shapes) {
  if (shapes.size() != equation.operand_count()) {
    return InvalidInput("einsum \"{}\": got {}, expected {}", equation.ToString(),
                        CountText(shapes.size(), "operand"), equation.operand_count());
  }
  std::vector<EinsumExtent> extents;
  for (size_t i = 0; i < shapes.size(); ++i) {
    const std::string& term = equation.operand(i);
    if (shapes[i].size() != term.size()) {
      return InvalidInput("einsum \"{}\": operand {} has {}, expected {}", equation.ToString(), i,
                          CountText(shapes[i].size(), "axis", "axes"), term.size());
    }
    for (size_t axis = 0; axis < term.size(); ++axis) {
      const char label = term[axis];
      const size_t extent = shapes[i][axis];
      const auto known = std::find_if(extents.begin(), extents.end(),
                                      [&](const EinsumExtent& e) { return e.label == label; });
      if (known == extents.end()) {
        extents.push_back({label, extent});
        continue;
      }
      const bool broadcasts = !IsLabel(label);
      if (known->extent == extent || (broadcasts && extent == 1)) continue;
      if (!broadcasts || known->extent != 1) {
        return InvalidInput("einsum \"{}\": axis '{}' of operand {} has {}, expected {}",
                            equation.ToString(), label, i, CountText(extent, "element"),
                            known->extent);
      }
      known->extent = extent;
    }
  }
  return extents;
}

Result<EinsumShape> EinsumOutputShape(const EinsumEquation& equation,
                                      std::span<const EinsumShape> shapes) {
  std::vector<size_t> ranks;
  for (const EinsumShape& shape : shapes) ranks.push_back(shape.size());
  TARE_ASSIGN_OR_RETURN(const EinsumEquation resolved, equation.WithRanks(ranks));
  TARE_ASSIGN_OR_RETURN(const std::vector<EinsumExtent> extents, EinsumExtents(resolved, shapes));
  EinsumShape shape;
  for (char label : resolved.output()) {
    shape.push_back(std::find_if(extents.begin(), extents.end(), [&](const EinsumExtent& e) {
                      return e.label == label;
                    })->extent);
  }
  return shape;
}

}  // namespace tare
