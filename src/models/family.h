#ifndef TARE_MODELS_FAMILY_H_
#define TARE_MODELS_FAMILY_H_

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "format/gguf/gguf.h"
#include "format/json/json_file.h"
#include "graph/graph.h"
#include "models/gguf_keys.h"
#include "models/model_part.h"
#include "models/model_weights.h"
#include "models/shape_settings.h"
#include "models/tensor_table.h"
#include "tare/tokenizer.h"
#include "tensor/layout.h"

namespace tare {

// A model family as all other code sees it (docs/adding_a_family.md): data, five functions that
// create a FamilyModel, and that object. Each family is a folder of models/families, which
// models/families/families.cc lists.

struct Family;
struct DecoderRules;

// A small vector with a name.
struct NamedNumbers {
  std::string name;
  std::vector<float> numbers;
};

// What a GGUF file of the family holds beyond the tensor table and plain keys.
struct GgufExtras {
  std::vector<NamedNumbers> keys;     // arrays of f32
  std::vector<NamedNumbers> tensors;  // vectors of f32, before all others
};

// Numbers of a configuration that multiply what the weights give, in families whose models choose
// them freely.
struct ModelMultipliers {
  float embedding = 1.0f;
  float residual = 1.0f;  // of what attention and MLP add
  float scores = 1.0f;    // beyond 1 / sqrt(D)
  float logits = 1.0f;
};

// The configuration of one model of a family, from any format, without weights. Immutable once a
// Model has read it.
class FamilyModel {
 public:
  virtual ~FamilyModel() = default;

  virtual const Family& family() const = 0;
  virtual ModelSizes sizes() const = 0;
  virtual ModelMultipliers multipliers() const { return {}; }
  // Which elements of a head are rotated together, given the order of this model's query and key
  // rows. nullopt if nothing is rotated.
  virtual std::optional<RopePairing> pairing() const { return std::nullopt; }

  // Reads tensors that a file may hold beyond the family's table. Errors stay with the reader.
  virtual void ReadExtras(TensorReader& /*reader*/, ModelFormat /*format*/) {}

  // token ids i32 [1, T] -> logits f32 [1, T, V], or [1, 1, V] with last_token_only. Errors:
  // OutOfMemory.
  virtual Result<Graph> BuildGraph(const ModelWeights& weights, bool last_token_only) const = 0;

  // For writing GGUF: the keys after "ARCHITECTURE.", except those of every file (gguf_keys.h).
  // Errors of the keys stay with the writer.
  //   Errors  Unsupported for what the format cannot express.
  virtual Status AddGgufKeys(GgufKeyWriter& keys) const = 0;
  virtual GgufExtras MakeGgufExtras() const { return {}; }

  // For writing Hugging Face's config.json: everything except class, type, special tokens and other
  // keys that do not depend on the family.
  //   Errors  Unsupported for what the format cannot express.
  virtual Status AddHuggingFaceConfig(nlohmann::ordered_json& config) const = 0;

  // The same model in the form that a preset can express: query and key rows as halves.
  //   Errors  Unsupported for what the format cannot express.
  virtual Result<std::shared_ptr<const FamilyModel>> ForKeras() const = 0;
  // `tied`: the output is the token embedding.
  //   Errors  Unsupported for what the backbone's class cannot express.
  virtual Status CheckKeras(bool tied) const = 0;
  // Adds the sizes in the order in which KerasHub writes them. Precondition: CheckKeras.
  virtual void AddKerasConfig(bool tied, nlohmann::ordered_json& config) const = 0;
  // What a preset's weights hold beyond the tensor table: vectors of f32, after all others.
  virtual std::vector<NamedNumbers> MakeKerasExtras() const { return {}; }
};

// A model without weights.
struct ModelShape {
  std::shared_ptr<const FamilyModel> model;
  bool tied = true;  // its output is the token embedding
};

struct NamedShape {
  std::string name;
  std::string alias;  // another name it goes by; may be empty
  ModelShape shape;
};

// What KerasHub's tokenizer class of a family assumes.
struct KerasTokenizerClass {
  std::string_view start;  // begins every prompt
  std::string_view end;
  bool names_ends = false;           // whether tokenizer.json may name other start and end tokens
  std::string_view second_end = {};  // ends a text as `end` does; empty: none
  std::span<const std::string_view> demanded = {};  // other tokens that must be in the vocabulary
  // Its asset is vocabulary.spm, not vocabulary.json and merges.txt.
  bool is_sentence_piece = false;
  bool adds_space_prefix = false;  // whether such a vocabulary, if made here, has a space prefix
  std::string_view switched_off = {};  // a switch that its configuration has off; empty: none
};

// KerasHub's names for the models of a family.
struct KerasClasses {
  std::string_view module;   // below keras_hub.src.models
  std::string_view classes;  // prefix of its class names
  KerasTokenizerClass tokenizer;
};

// What a class of Hugging Face's tokenizers makes of a lone vocab.json and merges.txt.
struct HuggingFaceTokenizerClass {
  std::string_view name = {};  // without "Fast"; empty: the family's class makes nothing of them
  PreTokenizer split = PreTokenizer::kGpt2;
  bool puts_into_nfc = false;
  // Special tokens, where no file names others, and of synthesised folders; empty: none.
  std::string_view start = {};
  std::string_view end = {};
};

// The names of sizes in Hugging Face's config.json; empty if it has none.
struct HuggingFaceKeys {
  std::string_view vocabulary;
  std::string_view context;
  std::string_view width;
  std::string_view inner_width;
  std::string_view layers;
  std::string_view heads;
  std::string_view kv_heads;
  std::string_view head_size;
  std::string_view norm_epsilon;
  std::string_view activation;
};

// The names that most decoders use.
inline constexpr HuggingFaceKeys kUsualHuggingFaceKeys = {.vocabulary = "vocab_size",
                                                          .context = "max_position_embeddings",
                                                          .width = "hidden_size",
                                                          .inner_width = "intermediate_size",
                                                          .layers = "num_hidden_layers",
                                                          .heads = "num_attention_heads",
                                                          .kv_heads = "num_key_value_heads",
                                                          .head_size = "head_dim",
                                                          .norm_epsilon = "rms_norm_eps",
                                                          .activation = "hidden_act"};

// A setting of Hugging Face's config.json for which the graph supports one value only; that value
// is the default.
struct RequiredSetting {
  std::string_view key;
  std::string_view text;  // empty: a switch
  bool on = false;
  bool is_read = false;  // the family reads other values too; only the Python workers do not
};

struct Family {
  std::string_view name;               // what users read
  std::string_view gguf_architecture;  // general.architecture, and the prefix of its keys
  std::string_view hugging_face_type;  // model_type
  std::string_view hugging_face_class;
  // model_type of models of more than text whose text_config may be one of the family.
  std::span<const std::string_view> hugging_face_hosts = {};
  bool hugging_face_ties = false;  // what a config.json without tie_word_embeddings means
  std::string_view keras_module;   // below keras_hub.src.models
  std::string_view keras_classes;  // prefix of its class names; empty: KerasHub has none
  std::string_view keras_task;     // in metadata.json

  TensorTable tensors;
  HuggingFaceKeys hugging_face_keys;
  std::span<const RequiredSetting> hugging_face_settings;
  KerasTokenizerClass keras_tokenizer;
  // For models whose tokenizer is of the other kind, where KerasHub has classes for these too. The
  // backbones are built alike. nullptr: it has none.
  const KerasClasses* other_keras = nullptr;
  HuggingFaceTokenizerClass hugging_face_tokenizer = {};
  bool keras_names_context = true;          // whether a backbone's config.json does
  std::optional<RopePairing> gguf_pairing;  // in GGUF files; nullopt: nothing is rotated
  // How its models split texts, by GGUF's name: for a GGUF file that is made of one that does not
  // say so.
  std::string_view pre_tokenizer = "gpt-2";
  // Whether Python workers that rebuild the model from its parts know all of them.
  bool is_rebuilt_by_workers = true;
  // For a family of the shared decoder (models/decoder); else null.
  const DecoderRules* decoder = nullptr;

  // Read a configuration; every size must be in [1, 2^24].
  //   Errors  CorruptFile (a key that is missing or has another type, an impossible or
  //   contradictory
  //           value), Unsupported (a variant that the graph does not have, named by its key).
  Result<std::unique_ptr<FamilyModel>> (*from_gguf)(const Family& family,
                                                    const GgufFile& file) = nullptr;
  Result<std::unique_ptr<FamilyModel>> (*from_hugging_face)(const Family& family,
                                                            const JsonObject& config) = nullptr;
  // `config` is the backbone's. `context` comes from tare.json, if the backbone has none.
  Result<std::unique_ptr<FamilyModel>> (*from_keras)(const Family& family, const JsonObject& config,
                                                     std::optional<size_t> context) = nullptr;

  // Shapes to synthesise. A spelled-out shape starts from the first one.
  std::vector<NamedShape> (*named_shapes)(const Family& family) = nullptr;
  std::string_view shape_keys;  // beyond ShapeSettings::kCommonKeys, for messages; may be empty
  //   Errors  InvalidInput, naming the key.
  Result<ModelShape> (*spell_shape)(const Family& family, ShapeSettings& settings) = nullptr;
};

// KerasHub's classes for a model with a tokenizer of this kind: the family's own where it has no
// others.
KerasClasses KerasClassesOf(const Family& family, bool is_sentence_piece);

// What is added to a stored gamma of the family's norms: 1 where a format keeps their distance
// from 1.
float NormOffset(const Family& family, ModelFormat format);

// The format in which models of the family are synthesised: KerasHub's where it has a class, else
// Hugging Face's.
ModelFormat SynthesisFormat(const Family& family);

}  // namespace tare

#endif  // TARE_MODELS_FAMILY_H_
