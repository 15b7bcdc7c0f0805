#ifndef TARE_JINJA_INTERPRETER_H_
#define TARE_JINJA_INTERPRETER_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "jinja/macro.h"
#include "jinja/native.h"
#include "jinja/syntax.h"

namespace tare::jinja {

// Runs a template once.
class Interpreter {
 public:
  Interpreter(Runtime& runtime, std::vector<std::pair<std::string, Value>> variables);
  Interpreter(const Interpreter&) = delete;
  Interpreter& operator=(const Interpreter&) = delete;
  // Takes what holds itself apart, so that nothing leaks.
  ~Interpreter();

  // The text that the template makes. Errors: those of its expressions, with the line; InvalidInput
  // where it costs more than Budget allows.
  Result<Text> Run(const Body& body);

 private:
  // How a statement ended.
  enum class Flow { kOn, kBreak, kContinue };
  class Depth;

  // Statements; in execute.cc.
  Result<Flow> Execute(const Body& body);
  Result<Flow> Execute(const Statement& statement);
  Result<Flow> ExecuteIf(const Statement& statement);
  Result<Flow> ExecuteFor(const Statement& statement);
  Result<Flow> ExecuteWith(const Statement& statement);
  Result<Flow> ExecuteCapturing(const Statement& statement);
  Status ExecuteCall(const Statement& statement);
  Result<Flow> Loop(const Statement& statement, const Value& over, size_t level0);
  Result<Values> Select(const Statement& statement, Values elements);
  // The body's text, in a scope of its own.
  Result<Flow> Capture(const Body& body, Text& text);
  Status Write(TextView text);
  Status Assign(const Expression& target, Value value);
  Status AssignAttribute(const Expression& target, Value value);
  Result<Value> DefineMacro(const Statement& statement);
  Result<Value> CallMacro(const Macro& macro, CallArguments arguments);
  Status BindParameters(const Statement& statement, CallArguments& arguments);
  Status BindRest(const Statement& statement, CallArguments arguments);
  Result<Value> CallLoop(const Value& loop, const CallArguments& arguments);

  // Expressions; in evaluate.cc.
  Result<Value> Evaluate(const Expression& expression);
  Result<Value> EvaluateKind(const Expression& expression);
  Result<Value> EvaluateName(const Expression& expression);
  Result<Value> EvaluateLiteral(const Expression& expression);
  Result<Value> EvaluateOperator(const Expression& expression);
  Result<Value> EvaluateCompare(const Expression& expression);
  Result<Value> EvaluateConcat(const Expression& expression);
  Result<Value> EvaluateConditional(const Expression& expression);
  Result<Value> EvaluateSlice(const Expression& expression);
  Result<Value> EvaluateFilterOrTest(const Expression& expression);
  Result<Value> EvaluateCall(const Expression& expression, CallArguments more);
  Result<Values> EvaluateParts(const Expression& expression);
  Result<CallArguments> EvaluateArguments(const CallSyntax& syntax);

  Runtime& runtime_;
  Budget& budget_;
  std::shared_ptr<Scope> scope_;
  std::vector<std::shared_ptr<Scope>> captured_;  // scopes of macros
  Text* out_ = nullptr;
  Value block_text_;  // what the filters of a block begin with
  int depth_ = 0;
  int line_ = 1;
};

// Counts how deep the interpreter is in itself. Check `status` after making one.
class Interpreter::Depth {
 public:
  explicit Depth(Interpreter& interpreter) : depth_(interpreter.depth_) {
    if (++depth_ > kMaxRunningDepth) {
      status = InvalidInput("the template calls itself too deep, or its expressions are too deep");
    }
  }
  Depth(const Depth&) = delete;
  Depth& operator=(const Depth&) = delete;
  ~Depth() { --depth_; }

  Status status;

 private:
  int& depth_;
};

}  // namespace tare::jinja

#endif  // TARE_JINJA_INTERPRETER_H_
