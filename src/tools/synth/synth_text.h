#ifndef TARE_TOOLS_SYNTH_SYNTH_TEXT_H_
#define TARE_TOOLS_SYNTH_SYNTH_TEXT_H_

#include <string_view>

namespace tare {

// The English prose on which `tare synth` trains its default tokenizer. A change here changes every
// preset that it makes.
extern const std::string_view kSynthText;

}  // namespace tare

#endif  // TARE_TOOLS_SYNTH_SYNTH_TEXT_H_
