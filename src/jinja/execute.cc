#include <algorithm>
#include <utility>

#include "jinja/interpreter.h"
#include "jinja/loop.h"
#include "jinja/operations.h"
#include "jinja/print.h"

namespace tare::jinja {
namespace {

// Goes into a scope until it goes out of its own.
class Within {
 public:
  Within(std::shared_ptr<Scope>& current, std::shared_ptr<Scope> around)
      : current_(current), before_(current) {
    current = std::make_shared<Scope>(std::move(around));
  }
  Within(const Within&) = delete;
  Within& operator=(const Within&) = delete;
  ~Within() { current_ = std::move(before_); }

 private:
  std::shared_ptr<Scope>& current_;
  std::shared_ptr<Scope> before_;
};

}  // namespace

Interpreter::Interpreter(Runtime& runtime, std::vector<std::pair<std::string, Value>> variables)
    : runtime_(runtime), budget_(runtime.budget), scope_(std::make_shared<Scope>(nullptr)) {
  for (auto& [name, value] : variables) scope_->Set(name, std::move(value));
}

Interpreter::~Interpreter() {
  for (const std::shared_ptr<Scope>& scope : captured_) scope->variables.clear();
  for (const Value& value : runtime_.kept) {
    if (Namespace* space = value.name_space()) space->attributes.clear();
    if (jinja::Loop* loop = value.loop()) loop->last_changed.reset();
  }
}

Result<Text> Interpreter::Run(const Body& body) {
  Text text;
  out_ = &text;
  const Result<Flow> flow = Execute(body);
  if (!flow.ok()) return flow.error().In(fmt::format("line {}", line_));
  budget_.Release(text.size() * sizeof(char32_t));
  return text;
}

Result<Interpreter::Flow> Interpreter::Execute(const Body& body) {
  const Depth depth(*this);
  TARE_RETURN_IF_ERROR(depth.status);
  for (const auto& statement : body) {
    TARE_ASSIGN_OR_RETURN(const Flow flow, Execute(*statement));
    if (flow != Flow::kOn) return flow;
  }
  return Flow::kOn;
}

Result<Interpreter::Flow> Interpreter::Execute(const Statement& statement) {
  line_ = statement.line;
  TARE_RETURN_IF_ERROR(budget_.Work(kWorkPerStep));
  switch (statement.kind) {
    case Statement::Kind::kText:
      TARE_RETURN_IF_ERROR(Write(statement.value.string()->text));
      return Flow::kOn;
    case Statement::Kind::kOutput: {
      TARE_ASSIGN_OR_RETURN(const Value value, Evaluate(*statement.expression));
      TARE_ASSIGN_OR_RETURN(const Text text, Str(budget_, value));
      TARE_RETURN_IF_ERROR(Write(text));
      return Flow::kOn;
    }
    case Statement::Kind::kIf:
      return ExecuteIf(statement);
    case Statement::Kind::kFor:
      return ExecuteFor(statement);
    case Statement::Kind::kSet: {
      TARE_ASSIGN_OR_RETURN(Value value, Evaluate(*statement.expression));
      TARE_RETURN_IF_ERROR(Assign(*statement.target, std::move(value)));
      return Flow::kOn;
    }
    case Statement::Kind::kSetBlock:
    case Statement::Kind::kFilter:
      return ExecuteCapturing(statement);
    case Statement::Kind::kMacro: {
      TARE_ASSIGN_OR_RETURN(Value macro, DefineMacro(statement));
      scope_->Set(statement.name, std::move(macro));
      return Flow::kOn;
    }
    case Statement::Kind::kCall:
      TARE_RETURN_IF_ERROR(ExecuteCall(statement));
      return Flow::kOn;
    case Statement::Kind::kWith:
      return ExecuteWith(statement);
    case Statement::Kind::kBreak:
      return Flow::kBreak;
    case Statement::Kind::kContinue:
      return Flow::kContinue;
  }
  return InternalError("a statement has no rule");
}

Status Interpreter::Write(TextView text) {
  TARE_RETURN_IF_ERROR(budget_.Hold(text.size() * sizeof(char32_t)));
  out_->append(text);
  return {};
}

Result<Interpreter::Flow> Interpreter::ExecuteIf(const Statement& statement) {
  for (const Branch& branch : statement.branches) {
    if (branch.test != nullptr) {
      TARE_ASSIGN_OR_RETURN(const Value test, Evaluate(*branch.test));
      if (!IsTrue(test)) continue;
    }
    return Execute(branch.body);
  }
  return Flow::kOn;
}

Result<Interpreter::Flow> Interpreter::ExecuteFor(const Statement& statement) {
  TARE_ASSIGN_OR_RETURN(const Value over, Evaluate(*statement.expression));
  line_ = statement.line;
  return Loop(statement, over, 0);
}

// The elements for which the loop's test holds.
Result<Values> Interpreter::Select(const Statement& statement, Values elements) {
  if (statement.test == nullptr) return elements;
  Values selected;
  for (Value& element : elements) {
    const Within scope(scope_, scope_);
    TARE_RETURN_IF_ERROR(Assign(*statement.target, element));
    TARE_ASSIGN_OR_RETURN(const Value test, Evaluate(*statement.test));
    if (IsTrue(test)) selected.push_back(std::move(element));
  }
  return selected;
}

Result<Interpreter::Flow> Interpreter::Loop(const Statement& statement, const Value& over,
                                            size_t level0) {
  TARE_ASSIGN_OR_RETURN(Values elements, Elements(budget_, over));
  TARE_ASSIGN_OR_RETURN(elements, Select(statement, std::move(elements)));
  const size_t bytes = sizeof(jinja::Loop) + elements.size() * sizeof(Value);
  TARE_RETURN_IF_ERROR(budget_.Hold(bytes));
  int depth = 1;
  for (const Value& element : elements) depth = std::max(depth, element.depth());
  const std::shared_ptr<jinja::Loop> loop(
      new jinja::Loop{std::move(elements),
                      0,
                      level0,
                      {},
                      statement.is_recursive ? &statement : nullptr,
                      scope_,
                      depth,
                      HeldBytes(budget_, bytes)});
  for (size_t i = 0; i < loop->items.size(); ++i) {
    loop->index0 = i;
    TARE_RETURN_IF_ERROR(budget_.Work(kWorkPerStep));
    const Within scope(scope_, scope_);
    TARE_RETURN_IF_ERROR(Assign(*statement.target, loop->items[i]));
    scope_->Set("loop", loop);
    TARE_ASSIGN_OR_RETURN(const Flow flow, Execute(statement.body));
    if (flow == Flow::kBreak) break;
  }
  if (!loop->items.empty()) return Flow::kOn;
  const Within scope(scope_, scope_);
  return Execute(statement.otherwise);
}

// loop(items) inside of a recursive loop: the loop's text for other items.
Result<Value> Interpreter::CallLoop(const Value& value, const CallArguments& arguments) {
  const jinja::Loop& loop = *value.loop();
  if (loop.recursive == nullptr) return InvalidInput("the loop is called but not recursive");
  if (arguments.positional.size() != 1 || !arguments.named.empty()) {
    return InvalidInput("loop() takes one argument");
  }
  const Depth depth(*this);
  TARE_RETURN_IF_ERROR(depth.status);
  Text text;
  Text* const before = std::exchange(out_, &text);
  const std::shared_ptr<Scope> inner = std::exchange(scope_, loop.scope);
  const Result<Flow> flow = Loop(*loop.recursive, arguments.positional[0], loop.level0 + 1);
  scope_ = inner;
  out_ = before;
  TARE_RETURN_IF_ERROR(flow);
  budget_.Release(text.size() * sizeof(char32_t));
  return MakeString(budget_, std::move(text));
}

Result<Interpreter::Flow> Interpreter::ExecuteWith(const Statement& statement) {
  Values values;
  for (const auto& [target, expression] : statement.variables) {
    TARE_ASSIGN_OR_RETURN(Value value, Evaluate(*expression));
    values.push_back(std::move(value));
  }
  const Within scope(scope_, scope_);
  for (size_t i = 0; i < values.size(); ++i) {
    TARE_RETURN_IF_ERROR(Assign(*statement.variables[i].first, std::move(values[i])));
  }
  return Execute(statement.body);
}

Result<Interpreter::Flow> Interpreter::Capture(const Body& body, Text& text) {
  const Within scope(scope_, scope_);
  Text* const before = std::exchange(out_, &text);
  Result<Flow> flow = Execute(body);
  out_ = before;
  budget_.Release(text.size() * sizeof(char32_t));
  return flow;
}

// {% set x %} and {% filter %}
Result<Interpreter::Flow> Interpreter::ExecuteCapturing(const Statement& statement) {
  Text text;
  TARE_ASSIGN_OR_RETURN(const Flow flow, Capture(statement.body, text));
  if (flow != Flow::kOn) return flow;
  TARE_ASSIGN_OR_RETURN(Value value, MakeString(budget_, std::move(text)));
  if (statement.expression != nullptr) {
    const Value before = std::exchange(block_text_, std::move(value));
    Result<Value> filtered = Evaluate(*statement.expression);
    block_text_ = before;
    TARE_ASSIGN_OR_RETURN(value, std::move(filtered));
  }
  if (statement.kind == Statement::Kind::kFilter) {
    TARE_ASSIGN_OR_RETURN(const Text filtered, Str(budget_, value));
    TARE_RETURN_IF_ERROR(Write(filtered));
  } else {
    TARE_RETURN_IF_ERROR(Assign(*statement.target, std::move(value)));
  }
  return Flow::kOn;
}

Status Interpreter::Assign(const Expression& target, Value value) {
  if (target.kind == Expression::Kind::kName) {
    scope_->Set(target.name, std::move(value));
    return {};
  }
  if (target.kind == Expression::Kind::kAttribute) return AssignAttribute(target, std::move(value));
  TARE_ASSIGN_OR_RETURN(const Values elements, Elements(budget_, value));
  if (elements.size() != target.parts.size()) {
    return InvalidInput("{} values are assigned to {} names", elements.size(), target.parts.size());
  }
  for (size_t i = 0; i < elements.size(); ++i) {
    TARE_RETURN_IF_ERROR(Assign(*target.parts[i], elements[i]));
  }
  return {};
}

Status Interpreter::AssignAttribute(const Expression& target, Value value) {
  TARE_ASSIGN_OR_RETURN(const Value owner, Evaluate(*target.parts[0]));
  Namespace* const space = owner.name_space();
  if (space == nullptr) {
    return InvalidInput("only a namespace has attributes that can be set, got a {}",
                        owner.type_name());
  }
  TARE_RETURN_IF_ERROR(CheckNamespaceName(target.name));
  for (auto& [name, old] : space->attributes) {
    if (name != target.name) continue;
    old = std::move(value);
    return {};
  }
  space->attributes.emplace_back(target.name, std::move(value));
  return {};
}

Result<Value> Interpreter::DefineMacro(const Statement& statement) {
  // The scope and its macros hold each other until the rendering ends.
  TARE_RETURN_IF_ERROR(budget_.Hold(sizeof(Scope) + sizeof(Macro)));
  captured_.push_back(scope_);
  return Value(std::make_shared<const Macro>(Macro{&statement, scope_}));
}

Status Interpreter::ExecuteCall(const Statement& statement) {
  CallArguments more;
  TARE_ASSIGN_OR_RETURN(Value caller, DefineMacro(statement));
  more.named.emplace_back("caller", std::move(caller));
  TARE_ASSIGN_OR_RETURN(const Value value, EvaluateCall(*statement.expression, std::move(more)));
  TARE_ASSIGN_OR_RETURN(const Text text, Str(budget_, value));
  return Write(text);
}

Result<Value> Interpreter::CallMacro(const Macro& macro, CallArguments arguments) {
  const Depth depth(*this);
  TARE_RETURN_IF_ERROR(depth.status);
  const Within scope(scope_, macro.scope);
  TARE_RETURN_IF_ERROR(BindParameters(*macro.statement, arguments));
  TARE_RETURN_IF_ERROR(BindRest(*macro.statement, std::move(arguments)));
  Text text;
  TARE_ASSIGN_OR_RETURN(const Flow flow, Capture(macro.statement->body, text));
  if (flow != Flow::kOn) return InternalError("a loop is left from within a macro");
  return MakeString(budget_, std::move(text));
}

// Takes the arguments of the parameters away from `arguments`.
Status Interpreter::BindParameters(const Statement& statement, CallArguments& arguments) {
  const int line = line_;
  for (size_t i = 0; i < statement.parameters.size(); ++i) {
    const auto& [name, fallback] = statement.parameters[i];
    const auto named =
        std::ranges::find(arguments.named, name, &std::pair<std::string, Value>::first);
    const bool has_place = i < arguments.positional.size();
    if (has_place && named != arguments.named.end()) {
      return InvalidInput("macro {} got its parameter {} twice", statement.name, name);
    }
    Value value = MakeUndefined("parameter '" + name + "' was not provided");
    if (has_place) {
      value = arguments.positional[i];
    } else if (named != arguments.named.end()) {
      value = std::move(named->second);
      arguments.named.erase(named);
    } else if (fallback != nullptr) {
      TARE_ASSIGN_OR_RETURN(value, Evaluate(*fallback));
    }
    scope_->Set(name, std::move(value));
  }
  line_ = line;
  const size_t taken = std::min(statement.parameters.size(), arguments.positional.size());
  arguments.positional.erase(arguments.positional.begin(),
                             arguments.positional.begin() + static_cast<std::ptrdiff_t>(taken));
  return {};
}

// Gives what no parameter took as `varargs`, `kwargs` and `caller`, or refuses it.
Status Interpreter::BindRest(const Statement& statement, CallArguments arguments) {
  if (!arguments.positional.empty() && !statement.uses_varargs) {
    return InvalidInput("macro {} takes at most {} arguments", statement.name,
                        statement.parameters.size());
  }
  if (statement.uses_varargs) {
    TARE_ASSIGN_OR_RETURN(Value rest, MakeTuple(budget_, std::move(arguments.positional)));
    scope_->Set("varargs", std::move(rest));
  }
  if (statement.uses_caller && statement.kind == Statement::Kind::kMacro) {
    scope_->Set("caller", MakeUndefined("No caller defined"));
  }
  Pairs named;
  for (auto& [name, value] : arguments.named) {
    if (name == "caller" && statement.uses_caller) {
      scope_->Set("caller", std::move(value));
    } else if (statement.uses_kwargs) {
      named.emplace_back(Constant(FromUtf8(name)), std::move(value));
    } else {
      return InvalidInput("macro {} has no parameter {}", statement.name, name);
    }
  }
  if (statement.uses_kwargs) {
    TARE_ASSIGN_OR_RETURN(Value rest, MakeDict(budget_, std::move(named)));
    scope_->Set("kwargs", std::move(rest));
  }
  return {};
}

}  // namespace tare::jinja
