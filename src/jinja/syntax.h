#ifndef TARE_JINJA_SYNTAX_H_
#define TARE_JINJA_SYNTAX_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "jinja/native.h"
#include "jinja/value.h"

namespace tare::jinja {

struct Expression;
struct Statement;
using ExpressionPtr = std::unique_ptr<Expression>;
using Body = std::vector<std::unique_ptr<Statement>>;

// The arguments of a call, a filter or a test.
struct CallSyntax {
  std::vector<ExpressionPtr> positional;
  std::vector<std::pair<std::string, ExpressionPtr>> named;
  ExpressionPtr spread;        // *list
  ExpressionPtr named_spread;  // **mapping
};

struct Expression {
  enum class Kind {
    kConstant,     // value
    kName,         // name
    kList,         // parts
    kTuple,        // parts
    kDict,         // parts: key, value, key, value, …
    kNot,          // parts[0]
    kNegate,       // parts[0]
    kPlus,         // parts[0]
    kAnd,          // parts[0] and parts[1]
    kOr,           // parts[0] or parts[1]
    kArithmetic,   // parts[0] name parts[1]
    kCompare,      // parts[0] names[0] parts[1] names[1] parts[2] …
    kConcat,       // parts, with ~ between
    kConditional,  // parts[1] if parts[0] else parts[2], which may be missing
    kAttribute,    // parts[0].name; as a target, of the namespace `parts[0]`
    kItem,         // parts[0][parts[1]]
    kSlice,        // parts[0][parts[1]:parts[2]:parts[3]]; all but the first may be nullptr
    kCall,         // parts[0](call)
    kFilter,       // parts[0]|name(call); parts[0] is nullptr for the text of a block
    kTest,         // parts[0] is name(call)
  };
  Kind kind;
  int line = 0;
  int height = 1;  // of the tree below
  Value value = {};
  std::string name = {};
  std::vector<std::string> names = {};
  std::vector<ExpressionPtr> parts = {};
  CallSyntax call = {};
  const NativeFunction* function = nullptr;  // of kFilter and kTest; nullptr: unknown
};

struct Branch {
  ExpressionPtr test;  // nullptr: else
  Body body;
};

struct Parameter {
  std::string name;
  ExpressionPtr fallback;  // may be nullptr
};

struct Statement {
  enum class Kind {
    kText,      // value
    kOutput,    // expression
    kIf,        // branches
    kFor,       // target in expression if test: body, else otherwise
    kSet,       // target = expression
    kSetBlock,  // target = body, through the filters of expression, if there are any
    kMacro,     // name(parameters): body
    kCall,      // expression, a call, with body as `caller(parameters)`
    kFilter,    // body through the filters of expression
    kWith,      // targets = values: body
    kBreak,
    kContinue,
  };
  Kind kind;
  int line = 0;
  Value value = {};
  std::string name = {};
  ExpressionPtr expression = nullptr;
  ExpressionPtr target = nullptr;
  ExpressionPtr test = nullptr;
  Body body = {};
  Body otherwise = {};
  std::vector<Branch> branches = {};
  std::vector<Parameter> parameters = {};
  std::vector<std::pair<ExpressionPtr, ExpressionPtr>> variables = {};  // of kWith
  bool is_recursive = false;
  // Which of these a macro's body uses; it then takes further arguments.
  bool uses_varargs = false;
  bool uses_kwargs = false;
  bool uses_caller = false;
};

}  // namespace tare::jinja

#endif  // TARE_JINJA_SYNTAX_H_
