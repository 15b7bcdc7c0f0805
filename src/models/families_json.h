#ifndef TARE_MODELS_FAMILIES_JSON_H_
#define TARE_MODELS_FAMILIES_JSON_H_

#include <string>

namespace tare {

// share/tare/families.json, written while building: what the Python workers that rebuild a model
// from a Hugging Face folder need to know of its family. One object a model_type:
//   prefix, layers  what stands before names of tensors, and of a layer's: "model.", "layers."
//   in_out          whether projections lie [in, out]
//   rotates         whether queries and keys are rotated
//   keys            what config.json calls sizes, by HuggingFaceKeys' members
//   settings        settings that have one value only
//   parts           name and bias of each part by ModelPartName; those of one name lie side by side
std::string FamiliesJson();

}  // namespace tare

#endif  // TARE_MODELS_FAMILIES_JSON_H_
