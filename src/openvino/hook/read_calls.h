#ifndef TARE_OPENVINO_HOOK_READ_CALLS_H_
#define TARE_OPENVINO_HOOK_READ_CALLS_H_

#include "openvino/hook/pass_calls.h"

namespace tare {

// Fills in the calls that compile a model from its path or its text. They first read the model with
// the same Core and then compile it as a model, so that the hook sees it. In two cases they make
// the program's own call instead and count it with the reason: compiled models are cached, so
// OpenVINO may not read the model at all; or the model cannot be read, so the program gets its own
// error.
void SetReadCalls(PassCalls* calls);

}  // namespace tare

#endif  // TARE_OPENVINO_HOOK_READ_CALLS_H_
