#ifndef TARE_OPENVINO_HOOK_READ_CALLS_H_
#define TARE_OPENVINO_HOOK_READ_CALLS_H_

#include "openvino/hook/pass_calls.h"

namespace tare {

// Fills in the calls that compile a model by its path or its text: they read it first, by the same
// Core, and have it compiled as a model, so that the hook sees it. The program's own call is made
// instead, and counted with the reason, where compiled models are cached (then OpenVINO may not
// read the model at all) and where it cannot be read (then the program gets the error that is its).
void SetReadCalls(PassCalls* calls);

}  // namespace tare

#endif  // TARE_OPENVINO_HOOK_READ_CALLS_H_
