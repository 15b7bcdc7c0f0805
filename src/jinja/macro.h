#ifndef TARE_JINJA_MACRO_H_
#define TARE_JINJA_MACRO_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "jinja/value.h"

namespace tare::jinja {

struct Statement;

// The variables of a part of a template. A name is looked for here and then around it.
struct Scope {
  explicit Scope(std::shared_ptr<Scope> outer) : around(std::move(outer)) {}

  const Value* Find(const std::string& name) const {
    for (const Scope* scope = this; scope != nullptr; scope = scope->around.get()) {
      for (const auto& [each, value] : scope->variables) {
        if (each == name) return &value;
      }
    }
    return nullptr;
  }
  void Set(const std::string& name, Value value) {
    for (auto& [each, old] : variables) {
      if (each == name) {
        old = std::move(value);
        return;
      }
    }
    variables.emplace_back(name, std::move(value));
  }

  std::shared_ptr<Scope> around;
  std::vector<std::pair<std::string, Value>> variables;
};

// A macro, or the body of a `call` block.
struct Macro {
  const Statement* statement;    // in the template, which outlives it
  std::shared_ptr<Scope> scope;  // where it was defined
};

}  // namespace tare::jinja

#endif  // TARE_JINJA_MACRO_H_
