#ifndef TARE_JINJA_OPERATIONS_H_
#define TARE_JINJA_OPERATIONS_H_

#include "jinja/value.h"

namespace tare::jinja {

// Python's operators on values. Errors of all: those of Budget; InvalidInput for an undefined
// operand, types that do not go together, and integers beyond 64 bits, which Python would have.

bool IsTrue(const Value& value);
Result<bool> AreEqual(Budget& budget, const Value& a, const Value& b);
// Negative, 0 or positive; `op` is for messages. Unordered (NaN) is no result.
Result<std::optional<int>> Order(Budget& budget, std::string_view op, const Value& a,
                                 const Value& b);
// "==", "!=", "<", "<=", ">", ">=", "in" and "not in".
Result<bool> Compare(Budget& budget, std::string_view op, const Value& a, const Value& b);

// "+", "-", "*", "/", "//", "%" and "**".
Result<Value> Calculate(Budget& budget, std::string_view op, const Value& a, const Value& b);
Result<Value> Negate(const Value& value);
Result<Value> Plus(const Value& value);

// Python's `template % values` for strings, where `values` is a tuple, a mapping or one value.
Result<Text> FormatPercent(Budget& budget, TextView pattern, const Value& values);

// The length. nullopt for a value that has none.
std::optional<int64_t> LengthOf(const Value& value);
// What a loop over the value sees: elements, characters, keys. Empties a stream.
Result<Values> Elements(Budget& budget, const Value& value);
// The value under a key, or nullptr.
Result<const Value*> Lookup(Budget& budget, const Dict& dict, const Value& key);
// Sets a key of a mapping that is being made. Errors: InvalidInput for a key that may not be one.
Result<void> Insert(Budget& budget, Pairs& pairs, Value key, Value value);

// The characters & < > ' " as HTML has them.
Text EscapeHtml(TextView text);

}  // namespace tare::jinja

#endif  // TARE_JINJA_OPERATIONS_H_
