#ifndef TARE_JINJA_UNICODE_DATA_H_
#define TARE_JINJA_UNICODE_DATA_H_

#include <cstddef>
#include <cstdint>

namespace tare::jinja {

// Every `step`th code point from `first` to `last` maps to itself + delta.
struct CaseRun {
  char32_t first;
  char32_t last;
  uint32_t step;
  int32_t delta;
};
extern const CaseRun kUpperRuns[];
extern const size_t kUpperRunCount;
extern const CaseRun kLowerRuns[];
extern const size_t kLowerRunCount;
extern const CaseRun kTitleRuns[];
extern const size_t kTitleRunCount;

// A character that has several in one of its cases.
struct CaseTexts {
  char32_t code_point;
  const char32_t* upper;
  const char32_t* lower;
  const char32_t* title;
};
extern const CaseTexts kCaseTexts[];
extern const size_t kCaseTextCount;

struct CodeRange {
  char32_t first;
  char32_t last;
};
extern const CodeRange kUnprintable[];
extern const size_t kUnprintableCount;

}  // namespace tare::jinja

#endif  // TARE_JINJA_UNICODE_DATA_H_
