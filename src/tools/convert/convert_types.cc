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
  TypeChooser(const ConvertOptions& options, DType main, const TensorConverter::Drop& drop)
      : options_(options), main_(main), drop_(drop) {}

  DType Choose(const PlannedTensor& tensor) {
    if (options_.to != ModelFormat::kGguf) {
      if (options_.type) return *options_.type;
      const DType type = LosslessType(tensor, main_, drop_);
      return IsBlockQuantized(type) ? DType::kF32 : type;
    }
    if (tensor.role == TensorRole::kVector || tensor.role == TensorRole::kPositions) {
      return DType::kF32;
    }
    if (!options_.type) return LosslessType(tensor, main_, drop_);
    const DType type = Quantized(tensor);
    const DType own = OwnType(tensor);
    if (IsBlockQuantized(own) && IsBlockQuantized(type) && own != type) ++requantized_;
    return type;
  }

  void AddNotes(std::vector<std::string>& notes) const {
    if (finer_ > 0) {
      notes.push_back(
          fmt::format("the output matrix is q8_0, not {}, because its precision matters most",
                      DTypeName(*options_.type)));
    }
    if (requantized_ > 0) {
      notes.push_back(fmt::format(
          "{} quantised again, from blocks of another type; a source in f32 or f16 would lose less",
          CountText(requantized_, "tensor")));
    }
    if (unfit_ > 0) {
      notes.push_back(fmt::format(
          "{} written as f16, not {}, because the row length is not a multiple of the block size "
          "{}",
          CountText(unfit_, "tensor"), DTypeName(*options_.type), BlockElements(*options_.type)));
    }
  }

 private:
  DType Quantized(const PlannedTensor& tensor) {
    DType type = *options_.type;
    if (tensor.inputs % BlockElements(type) != 0) {
      ++unfit_;
      return DType::kF16;
    }
    if (tensor.role == TensorRole::kOutput && IsBlockQuantized(type) && type != DType::kQ8_0) {
      ++finer_;
      type = DType::kQ8_0;
    }
    return type;
  }

  const ConvertOptions& options_;
  const DType main_;
  const TensorConverter::Drop& drop_;
  size_t unfit_ = 0;
  size_t finer_ = 0;
  size_t requantized_ = 0;
};

}  // namespace

Result<DType> MainType(const ConvertOptions& options, DType precision) {
  const bool has_blocks = options.to == ModelFormat::kGguf;
  if (!options.type) {
    return IsBlockQuantized(precision) && !has_blocks ? DType::kF32 : precision;
  }
  if (IsBlockQuantized(*options.type) && !has_blocks) {
    return InvalidInput("type {}: only GGUF files hold blocks; choose f32, f16 or bf16",
                        DTypeName(*options.type));
  }
  return *options.type;
}

void ChooseTypes(const ConvertOptions& options, DType main, const TensorConverter::Drop& drop,
                 std::vector<PlannedTensor>& tensors, std::vector<std::string>& notes) {
  TypeChooser chooser(options, main, drop);
  for (PlannedTensor& tensor : tensors) tensor.dtype = chooser.Choose(tensor);
  chooser.AddNotes(notes);
}

}  // namespace tare
