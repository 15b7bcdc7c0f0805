#ifndef TARE_JINJA_ACCESS_H_
#define TARE_JINJA_ACCESS_H_

#include <string>
#include <string_view>

#include "jinja/value.h"

namespace tare::jinja {

// value.name and value[key], as Jinja's immutable sandbox gives them: an attribute, then a key, and
// the other way round. What is not there is undefined; so is what the sandbox keeps back, such as
// list.append. Errors: those of Budget; InvalidInput for an attribute of an undefined value.
Result<Value> GetAttribute(Budget& budget, const Value& value, const std::string& name);
Result<Value> GetItem(Budget& budget, const Value& value, const Value& key);
// value[start:stop:step]; none stands for what is left out.
Result<Value> GetSlice(Budget& budget, const Value& value, const Value& start, const Value& stop,
                       const Value& step);

// What filters call an attribute: "a.b.0", or an index.
Result<Value> GetPath(Budget& budget, const Value& value, const Value& path);

}  // namespace tare::jinja

#endif  // TARE_JINJA_ACCESS_H_
