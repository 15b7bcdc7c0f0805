#ifndef TARE_TOOLS_SYNTH_SYNTH_TEXT_H_
#define TARE_TOOLS_SYNTH_SYNTH_TEXT_H_

#include <string_view>

namespace tare {

// English prose from which a tokenizer is made where none is given. Changing it changes every
// preset that `tare synth` makes.
extern const std::string_view kSynthText;

}  // namespace tare

#endif  // TARE_TOOLS_SYNTH_SYNTH_TEXT_H_
