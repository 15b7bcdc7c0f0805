#ifndef TARE_MODELS_DECODER_DECODER_RULES_H_
#define TARE_MODELS_DECODER_DECODER_RULES_H_

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string_view>

#include "base/error.h"
#include "format/json/json_file.h"
#include "models/decoder/decoder_spec.h"
#include "models/gguf_keys.h"
#include "models/shape_settings.h"

namespace tare {

// How a preset's config.json calls a decoder's sizes; empty if the class has none.
struct KerasDecoderKeys {
  std::string_view heads = "num_query_heads";
  std::string_view head_size = "head_dim";  // empty: width / heads
  std::string_view context = {};            // empty: tare.json has it
  std::string_view rope_base = "rope_max_wavelength";
  std::string_view linear_rope_factor = "rope_scaling_factor";
  // The part of a layer whose variable holds the frequencies of its rotation; empty: none does.
  std::string_view frequencies = {};
};

// In what a family of the shared decoder differs from its defaults. Hooks may be null. Those that
// read get a specification that the keys common to all families have filled in, and correct and
// complete it; those that write add their keys after the common ones.
//   Errors of hooks that read   those of Family::from_gguf and so on.
//   Errors of hooks that write  Unsupported for what the format cannot express.
struct DecoderRules {
  GateActivation activation = GateActivation::kSilu;
  // Whether norms are stored as their distance from 1, except in GGUF.
  bool stores_norms_from_one = false;
  bool rotates_part_of_heads = false;  // may do so; else a file that says so is refused
  bool has_experts = false;            // may have; else a file with some is refused
  bool has_windows = false;            // the hooks read them; else a file with one is refused
  bool has_multipliers = false;        // the hooks read a model's own scales
  // What a Hugging Face configuration without the key means.
  size_t default_vocabulary = 0;  // 0: it must be there
  size_t default_heads = 0;       // 0: it must be there
  size_t default_kv_heads = 0;    // 0: as many as heads
  size_t default_head_size = 0;   // 0: width / heads
  size_t default_context = 2048;
  float default_epsilon = 1e-6f;
  float default_rope_base = 10000.0f;
  size_t default_keras_context = 32768;  // of a preset that nothing gives one
  bool keras_may_tie = true;             // whether the class's output may be the embedding
  KerasDecoderKeys keras_keys = {};

  Status (*read_gguf)(const GgufFile& file, DecoderSpec& spec) = nullptr;
  Status (*read_hugging_face)(const JsonObject& config, DecoderSpec& spec) = nullptr;
  Status (*read_keras)(const JsonObject& config, DecoderSpec& spec) = nullptr;

  Status (*add_gguf_keys)(const DecoderSpec& spec, GgufKeyWriter& keys) = nullptr;
  Status (*add_hugging_face)(const DecoderSpec& spec, nlohmann::ordered_json& config) = nullptr;
  Status (*check_keras)(const DecoderSpec& spec, bool tied) = nullptr;
  // All of the class's keys, in KerasHub's order; null if it has no class.
  void (*add_keras)(const DecoderSpec& spec, bool tied, nlohmann::ordered_json& config) = nullptr;

  // Shapes to synthesise: "NAME-tiny", which spelt shapes start from, and "NAME-small". `adapt`
  // makes a shape of plain sizes one of the family, and is called again once sizes were spelt out.
  std::string_view shape_name = {};
  void (*adapt_shape)(DecoderSpec& spec) = nullptr;
  Status (*spell_shape)(ShapeSettings& settings, DecoderSpec& spec) = nullptr;
};

}  // namespace tare

#endif  // TARE_MODELS_DECODER_DECODER_RULES_H_
