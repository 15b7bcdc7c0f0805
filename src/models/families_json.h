#ifndef TARE_MODELS_FAMILIES_JSON_H_
#define TARE_MODELS_FAMILIES_JSON_H_

#include <string>

namespace tare {

// The text of share/tare/families.json, which the build writes. It tells the Python workers that
// rebuild a model from a Hugging Face folder about the model's family. One object per model_type:
//   prefix, layers  prefix of tensor names, and of a layer's tensor names: "model.", "layers."
//   in_out          whether projections are stored as [in, out]
//   rotates         whether queries and keys are rotated
//   keys            names of the sizes in config.json, by HuggingFaceKeys' members
//   settings        settings that may have only one value
//   parts           name and bias of each part, by ModelPartName; parts with the same name are
//   stored
//                   side by side
std::string FamiliesJson();

}  // namespace tare

#endif  // TARE_MODELS_FAMILIES_JSON_H_
