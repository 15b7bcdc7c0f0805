#include "tools/convert/convert_types.h"

#include <algorithm>

#include "base/count_text.h"

namespace tare {
namespace {

bool IsHalf(DType type) { return type == DType::kF16 || type == DType::kBF16; }

// The common type of all parts; if they differ, f32, which can hold any.
DType OwnType(const PlannedTensor& tensor) {
  const DType first = tensor.parts.front().stored.dtype;
  const bool same = std::ranges::all_of(
      tensor.parts, [first](const WeightPart& part) { return part.stored.dtype == first; });
  return same ? first : DType::kF32;
}

DType LosslessType(const PlannedTensor& tensor, DType main, const TensorConverter::Drop& drop) {
  const DType own = OwnType(tensor);
  if (own != DType::kF32 || !IsHalf(main)) return own;
  const bool fits = std::ranges::all_of(tensor.parts, [&](const WeightPart& part) {
    return part.stored.dtype == main || FitsExactly(part.stored, main, drop);
  });
  return fits ? main : DType::kF32;
}

class TypeChooser {
 public:
  TypeChooser(const ConvertOptions& options, const MixFacts& facts, DType main,
              const TensorConverter::Drop& drop)
      : options_(options), facts_(facts), main_(main), drop_(drop) {}

  DType Choose(const PlannedTensor& tensor) {
    if (tensor.role == TensorRole::kKept) return OwnType(tensor);
    if (options_.to != ModelFormat::kGguf) {
      if (options_.type != nullptr) return options_.type->base;
      const DType type = LosslessType(tensor, main_, drop_);
      return IsBlockQuantized(type) ? DType::kF32 : type;
    }
    if (tensor.role == TensorRole::kVector || tensor.role == TensorRole::kExact) {
      return DType::kF32;
    }
    if (options_.type == nullptr) return LosslessType(tensor, main_, drop_);
    const DType type =
        MixedType(*options_.type, facts_, tensor.name, tensor.shape).value_or(DType::kF32);
    const DType own = OwnType(tensor);
    if (IsBlockQuantized(own) && IsBlockQuantized(type) && own != type) ++requantized_;
    if (type != DType::kF32 && tensor.inputs % BlockElements(options_.type->base) != 0) ++unfit_;
    return type;
  }

  void AddNotes(std::vector<std::string>& notes) const {
    if (requantized_ > 0) {
      notes.push_back(fmt::format(
          "{} quantised again, from blocks of another type; a source in f32 or f16 would lose less",
          CountText(requantized_, "tensor")));
    }
    if (unfit_ > 0) {
      const DType base = options_.type->base;
      notes.push_back(fmt::format(
          "{} written in a type of smaller blocks than {}, or f16, because the row length is not a "
          "multiple of the block size {}",
          CountText(unfit_, "tensor"), DTypeName(base), BlockElements(base)));
    }
  }

 private:
  const ConvertOptions& options_;
  const MixFacts& facts_;
  const DType main_;
  const TensorConverter::Drop& drop_;
  size_t unfit_ = 0;
  size_t requantized_ = 0;
};

}  // namespace

MixFacts FactsOf(const ModelSizes& sizes, const std::vector<PlannedTensor>& tensors) {
  MixFacts facts(sizes.layers, sizes.heads, sizes.kv_heads);
  for (const PlannedTensor& tensor : tensors) facts.Add(tensor.name, tensor.shape);
  return facts;
}

Result<DType> MainType(const ConvertOptions& options, DType precision) {
  const bool has_blocks = options.to == ModelFormat::kGguf;
  if (options.type == nullptr) {
    return IsBlockQuantized(precision) && !has_blocks ? DType::kF32 : precision;
  }
  if (IsBlockQuantized(options.type->base) && !has_blocks) {
    return InvalidInput("type {}: only GGUF files hold blocks; choose f32, f16 or bf16",
                        options.type->name);
  }
  return options.type->base;
}

void ChooseTypes(const ConvertOptions& options, const ModelSizes& sizes, DType main,
                 const TensorConverter::Drop& drop, std::vector<PlannedTensor>& tensors,
                 std::vector<std::string>& notes) {
  const MixFacts facts = FactsOf(sizes, tensors);
  TypeChooser chooser(options, facts, main, drop);
  for (PlannedTensor& tensor : tensors) tensor.dtype = chooser.Choose(tensor);
  chooser.AddNotes(notes);
}

}  // namespace tare
