#include "describe/token_reads.h"

#include <algorithm>
#include <iterator>

namespace tare {
namespace {

constexpr std::string_view kOutputs[] = {"output.weight", "lm_head.weight", "embed_out.weight",
                                         "layers/reversible_embedding/vars/1"};
constexpr std::string_view kEmbeddings[] = {
    "token_embd.weight",      "embed_tokens.weight", "wte.weight",
    "word_embeddings.weight", "embed_in.weight",     "layers/reversible_embedding/vars/0"};
constexpr std::string_view kPositions[] = {"position_embd.weight", "wpe.weight",
                                           "embed_positions.weight",
                                           "layers/position_embedding/vars/0"};
constexpr std::string_view kExperts[] = {"_exps.", ".experts."};

// Whether the name is one of these, or one of them within a module: "model.lm_head.weight".
template <size_t N>
bool IsOneOf(std::string_view name, const std::string_view (&names)[N]) {
  return std::ranges::any_of(names, [name](std::string_view one) {
    if (!name.ends_with(one)) return false;
    return name.size() == one.size() || name[name.size() - one.size() - 1] == '.';
  });
}

bool IsOfExperts(std::string_view name) {
  return std::ranges::any_of(kExperts, [name](std::string_view part) {
    return name.find(part) != std::string_view::npos;
  });
}

}  // namespace

// GGUF's "blk.0.attn_output.weight" is another tensor: only the whole name is the output's.
bool IsOutput(std::string_view name) {
  return name == kOutputs[0] ||
         (name.find("output.weight") == name.npos && IsOneOf(name, kOutputs));
}

uint64_t TokenReadBytes(const TensorFacts& tensor, bool has_output, const ModelHeader& header) {
  const bool is_table =
      IsOneOf(tensor.name, kPositions) || (has_output && IsOneOf(tensor.name, kEmbeddings));
  if (is_table && tensor.shape.rank() == 2 && tensor.shape[0] > 0) {
    return tensor.bytes / tensor.shape[0];
  }
  if (header.experts > header.experts_used && header.experts_used > 0 && IsOfExperts(tensor.name)) {
    return tensor.bytes / header.experts * header.experts_used;
  }
  return tensor.bytes;
}

}  // namespace tare
