#ifndef TARE_MODELS_KERAS_NAMES_H_
#define TARE_MODELS_KERAS_NAMES_H_

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace tare {

// Keras numbers layers of the same class: the first has no suffix, the next "_1", "_2", ….
inline std::string KerasLayerName(std::string_view layer_class, size_t index) {
  return index == 0 ? fmt::format("layers/{}", layer_class)
                    : fmt::format("layers/{}_{}", layer_class, index);
}

// Variable `index` of a layer or of a part of one.
inline std::string KerasVariable(std::string_view path, size_t index) {
  return fmt::format("{}/vars/{}", path, index);
}

}  // namespace tare

#endif  // TARE_MODELS_KERAS_NAMES_H_
