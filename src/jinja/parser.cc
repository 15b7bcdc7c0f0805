#include "jinja/parser.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "jinja/lexer.h"
#include "jinja/parse_expression.h"
#include "jinja/token_reader.h"

namespace tare::jinja {
namespace {

// Statements within each other; templates in use stay below ten.
constexpr int kMaxStatementDepth = 60;

class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)), expressions_(tokens_) {}

  Result<Body> Run() {
    Result<Body> body = ParseBody({});
    if (!body.ok()) return body.error().In(fmt::format("line {}", tokens_.line()));
    return body;
  }

 private:
  using TokenKind = Token::Kind;
  using Kind = Statement::Kind;
  using StatementPtr = std::unique_ptr<Statement>;
  using Ends = std::initializer_list<std::string_view>;

  // Restores the state in which Jinja looks for filters before it runs; bodies of their own scope
  // begin anew.
  class Frame {
   public:
    Frame(Parser& parser, bool is_conditional)
        : parser_(parser), before_(parser.expressions_.is_conditional) {
      parser_.expressions_.is_conditional = is_conditional;
    }
    Frame(const Frame&) = delete;
    Frame& operator=(const Frame&) = delete;
    ~Frame() { parser_.expressions_.is_conditional = before_; }

   private:
    Parser& parser_;
    bool before_;
  };

  StatementPtr New(Kind kind) const {
    auto statement = std::make_unique<Statement>();
    statement->kind = kind;
    statement->line = tokens_.line();
    return statement;
  }

  Result<ExpressionPtr> ParseExpression() {
    TARE_ASSIGN_OR_RETURN(ExpressionPtr expression, expressions_.Parse());
    TARE_RETURN_IF_ERROR(expressions_.CheckNames());
    return expression;
  }
  Result<ExpressionPtr> ParseTuple(bool with_condition = true, std::string_view end = {}) {
    TARE_ASSIGN_OR_RETURN(ExpressionPtr expression, expressions_.ParseTuple(with_condition, end));
    TARE_RETURN_IF_ERROR(expressions_.CheckNames());
    return expression;
  }

  // Statements up to one of the tags `ends`, whose name is the next token afterwards. No ends: up
  // to the end of the template.
  Result<Body> ParseBody(Ends ends) {
    if (depth_ == kMaxStatementDepth) {
      return InvalidInput("statements lie more than {} deep in each other", kMaxStatementDepth);
    }
    ++depth_;
    Body body;
    while (true) {
      if (tokens_.Is(TokenKind::kEnd)) {
        if (ends.size() == 0) break;
        return InvalidInput("the template ends, expected {{% {} %}}", *std::prev(ends.end()));
      }
      if (tokens_.Is(TokenKind::kText)) {
        StatementPtr text = New(Kind::kText);
        text->value = Constant(tokens_.Take().text);
        body.push_back(std::move(text));
      } else if (tokens_.Is(TokenKind::kOutputBegin)) {
        TARE_ASSIGN_OR_RETURN(StatementPtr output, ParseOutput());
        body.push_back(std::move(output));
      } else {
        TARE_RETURN_IF_ERROR(tokens_.Expect(TokenKind::kBlockBegin));
        const auto is_next = [&](std::string_view name) { return tokens_.IsName(name); };
        if (std::ranges::any_of(ends, is_next)) break;
        TARE_RETURN_IF_ERROR(ParseStatement(body));
      }
    }
    --depth_;
    return body;
  }

  // A body with scope of its own, from the end of its tag to the end of {% end… %}.
  Result<Body> ParseBlock(std::string_view end) {
    const Frame frame(*this, false);
    tokens_.AcceptOperator(":");
    TARE_RETURN_IF_ERROR(tokens_.Expect(TokenKind::kBlockEnd));
    TARE_ASSIGN_OR_RETURN(Body body, ParseBody({end}));
    tokens_.Take();
    TARE_RETURN_IF_ERROR(tokens_.Expect(TokenKind::kBlockEnd));
    return body;
  }

  Result<StatementPtr> ParseOutput() {
    StatementPtr output = New(Kind::kOutput);
    tokens_.Take();
    TARE_ASSIGN_OR_RETURN(output->expression, ParseTuple());
    TARE_RETURN_IF_ERROR(tokens_.Expect(TokenKind::kOutputEnd));
    return output;
  }

  // The tag whose {% has been read.
  Status ParseStatement(Body& body) {
    using Rule = Result<StatementPtr> (Parser::*)();
    struct Tag {
      std::string_view name;
      Rule rule;
    };
    constexpr Tag kTags[] = {
        {"if", &Parser::ParseIf},         {"for", &Parser::ParseFor},
        {"set", &Parser::ParseSet},       {"macro", &Parser::ParseMacro},
        {"call", &Parser::ParseCall},     {"filter", &Parser::ParseFilter},
        {"with", &Parser::ParseWith},     {"generation", &Parser::ParseGeneration},
        {"break", &Parser::ParseLoopEnd}, {"continue", &Parser::ParseLoopEnd},
        {"print", &Parser::ParsePrint},
    };
    constexpr std::string_view kUnsupported[] = {"include", "import", "from",
                                                 "extends", "block",  "autoescape"};
    if (!tokens_.Is(TokenKind::kName)) return tokens_.Unexpected("the name of a statement");
    const std::string& name = tokens_.Peek().word;
    if (std::ranges::find(kUnsupported, name) != std::end(kUnsupported)) {
      return Unsupported("the statement \"{}\" is not supported", name);
    }
    const auto tag = std::ranges::find(kTags, name, &Tag::name);
    if (tag == std::end(kTags)) return InvalidInput("\"{}\" is no statement here", name);
    TARE_ASSIGN_OR_RETURN(StatementPtr statement, (this->*tag->rule)());
    body.push_back(std::move(statement));
    return {};
  }

  Result<StatementPtr> ParseIf() {
    StatementPtr statement = New(Kind::kIf);
    const Frame frame(*this, true);
    tokens_.Take();
    while (true) {
      Branch branch;
      TARE_ASSIGN_OR_RETURN(branch.test, ParseTuple(false));
      TARE_RETURN_IF_ERROR(EndTag());
      TARE_ASSIGN_OR_RETURN(branch.body, ParseBody({"elif", "else", "endif"}));
      statement->branches.push_back(std::move(branch));
      const std::string next = tokens_.Take().word;
      if (next == "elif") continue;
      if (next == "else") {
        Branch otherwise;
        TARE_RETURN_IF_ERROR(EndTag());
        TARE_ASSIGN_OR_RETURN(otherwise.body, ParseBody({"endif"}));
        tokens_.Take();
        statement->branches.push_back(std::move(otherwise));
      }
      TARE_RETURN_IF_ERROR(tokens_.Expect(TokenKind::kBlockEnd));
      return statement;
    }
  }

  // Python's colon may end a tag.
  Status EndTag() {
    tokens_.AcceptOperator(":");
    return tokens_.Expect(TokenKind::kBlockEnd);
  }

  Result<StatementPtr> ParseFor() {
    StatementPtr statement = New(Kind::kFor);
    tokens_.Take();
    TARE_ASSIGN_OR_RETURN(statement->target, expressions_.ParseTarget(false));
    TARE_RETURN_IF_ERROR(tokens_.ExpectName("in"));
    TARE_ASSIGN_OR_RETURN(statement->expression, ParseTuple(false, "recursive"));
    const Frame frame(*this, false);
    if (tokens_.AcceptName("if")) {
      TARE_ASSIGN_OR_RETURN(statement->test, ParseExpression());
    }
    statement->is_recursive = tokens_.AcceptName("recursive");
    TARE_RETURN_IF_ERROR(EndTag());
    ++loops_;
    TARE_ASSIGN_OR_RETURN(statement->body, ParseBody({"else", "endfor"}));
    --loops_;
    if (tokens_.Take().word == "else") {
      TARE_RETURN_IF_ERROR(EndTag());
      TARE_ASSIGN_OR_RETURN(statement->otherwise, ParseBody({"endfor"}));
      tokens_.Take();
    }
    TARE_RETURN_IF_ERROR(tokens_.Expect(TokenKind::kBlockEnd));
    return statement;
  }

  Result<StatementPtr> ParseLoopEnd() {
    const bool is_break = tokens_.IsName("break");
    StatementPtr statement = New(is_break ? Kind::kBreak : Kind::kContinue);
    if (loops_ == 0) return InvalidInput("\"{}\" is not inside of a loop", tokens_.Peek().word);
    tokens_.Take();
    TARE_RETURN_IF_ERROR(tokens_.Expect(TokenKind::kBlockEnd));
    return statement;
  }

  Result<StatementPtr> ParseSet() {
    StatementPtr statement = New(Kind::kSet);
    tokens_.Take();
    TARE_ASSIGN_OR_RETURN(statement->target, expressions_.ParseTarget(true));
    if (tokens_.AcceptOperator("=")) {
      TARE_ASSIGN_OR_RETURN(statement->expression, ParseTuple());
      TARE_RETURN_IF_ERROR(tokens_.Expect(TokenKind::kBlockEnd));
      return statement;
    }
    statement->kind = Kind::kSetBlock;
    if (tokens_.IsOperator("|")) {
      TARE_ASSIGN_OR_RETURN(statement->expression, expressions_.ParseFilters(nullptr, false));
      TARE_RETURN_IF_ERROR(expressions_.CheckNames());
    }
    TARE_ASSIGN_OR_RETURN(statement->body, ParseBlock("endset"));
    return statement;
  }

  // A body that can be called: loops around it cannot be left from within.
  Result<Body> ParseFunctionBody(std::string_view end, Statement& function) {
    const int loops = std::exchange(loops_, 0);
    expressions_.macros.push_back(&function);
    Result<Body> body = ParseBlock(end);
    expressions_.macros.pop_back();
    loops_ = loops;
    return body;
  }

  // (name, name=fallback, …)
  Status ParseParameters(Statement& statement) {
    TARE_RETURN_IF_ERROR(tokens_.ExpectOperator("("));
    while (!tokens_.IsOperator(")")) {
      if (!statement.parameters.empty()) TARE_RETURN_IF_ERROR(tokens_.ExpectOperator(","));
      Parameter parameter;
      TARE_ASSIGN_OR_RETURN(parameter.name, tokens_.TakeName());
      if (tokens_.AcceptOperator("=")) {
        TARE_ASSIGN_OR_RETURN(parameter.fallback, ParseExpression());
      } else if (!statement.parameters.empty() && statement.parameters.back().fallback) {
        return InvalidInput("parameter {} without a default follows one with", parameter.name);
      }
      statement.parameters.push_back(std::move(parameter));
    }
    return tokens_.ExpectOperator(")");
  }

  Result<StatementPtr> ParseMacro() {
    StatementPtr statement = New(Kind::kMacro);
    tokens_.Take();
    TARE_ASSIGN_OR_RETURN(statement->name, tokens_.TakeName());
    const Frame frame(*this, false);
    TARE_RETURN_IF_ERROR(ParseParameters(*statement));
    TARE_ASSIGN_OR_RETURN(statement->body, ParseFunctionBody("endmacro", *statement));
    return statement;
  }

  Result<StatementPtr> ParseCall() {
    StatementPtr statement = New(Kind::kCall);
    tokens_.Take();
    statement->name = "caller";
    if (tokens_.IsOperator("(")) TARE_RETURN_IF_ERROR(ParseParameters(*statement));
    TARE_ASSIGN_OR_RETURN(statement->expression, ParseExpression());
    if (statement->expression->kind != Expression::Kind::kCall) {
      return InvalidInput("\"call\" is not followed by a call");
    }
    TARE_ASSIGN_OR_RETURN(statement->body, ParseFunctionBody("endcall", *statement));
    return statement;
  }

  Result<StatementPtr> ParseFilter() {
    StatementPtr statement = New(Kind::kFilter);
    tokens_.Take();
    TARE_ASSIGN_OR_RETURN(statement->expression, expressions_.ParseFilters(nullptr, true));
    TARE_RETURN_IF_ERROR(expressions_.CheckNames());
    TARE_ASSIGN_OR_RETURN(statement->body, ParseBlock("endfilter"));
    return statement;
  }

  Result<StatementPtr> ParseWith() {
    StatementPtr statement = New(Kind::kWith);
    tokens_.Take();
    while (!tokens_.Is(TokenKind::kBlockEnd) && !tokens_.IsOperator(":")) {
      if (!statement->variables.empty()) TARE_RETURN_IF_ERROR(tokens_.ExpectOperator(","));
      ExpressionPtr target = std::make_unique<Expression>();
      target->kind = Expression::Kind::kName;
      TARE_ASSIGN_OR_RETURN(target->name, tokens_.TakeName());
      TARE_RETURN_IF_ERROR(tokens_.ExpectOperator("="));
      TARE_ASSIGN_OR_RETURN(ExpressionPtr value, ParseExpression());
      statement->variables.emplace_back(std::move(target), std::move(value));
    }
    TARE_ASSIGN_OR_RETURN(statement->body, ParseBlock("endwith"));
    return statement;
  }

  // Transformers' mark of what an assistant said; it changes no text.
  Result<StatementPtr> ParseGeneration() {
    StatementPtr statement = New(Kind::kWith);
    tokens_.Take();
    TARE_ASSIGN_OR_RETURN(statement->body, ParseFunctionBody("endgeneration", *statement));
    return statement;
  }

  Result<StatementPtr> ParsePrint() {
    StatementPtr statement = New(Kind::kOutput);
    tokens_.Take();
    TARE_ASSIGN_OR_RETURN(statement->expression, ParseTuple());
    TARE_RETURN_IF_ERROR(tokens_.Expect(TokenKind::kBlockEnd));
    return statement;
  }

  TokenReader tokens_;
  ExpressionParser expressions_;
  int depth_ = 0;
  int loops_ = 0;
};

}  // namespace

Result<Body> ParseTemplate(std::string_view source) {
  if (source.size() > kMaxSourceBytes) {
    return InvalidInput("the template has {} bytes, expected at most {}", source.size(),
                        kMaxSourceBytes);
  }
  TARE_ASSIGN_OR_RETURN(std::vector<Token> tokens, Tokenize(source));
  return Parser(std::move(tokens)).Run();
}

}  // namespace tare::jinja
