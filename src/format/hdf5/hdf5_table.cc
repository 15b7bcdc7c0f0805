#include "format/hdf5/hdf5_table.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/checked_math.h"
#include "base/count_text.h"
#include "format/quote.h"

namespace tare {
namespace {

struct ProblemText {
  Hdf5Problem problem;
  ErrorCode code;
  std::string_view text;
};

constexpr ErrorCode kCorrupt = ErrorCode::kCorruptFile;
constexpr ErrorCode kCannot = ErrorCode::kUnsupported;
constexpr auto kProblemTexts = std::to_array<ProblemText>({
    {Hdf5Problem::kNotHdf5, kCorrupt, "is not an HDF5 file, or is cut short"},
    {Hdf5Problem::kUnreadable, kCorrupt, "cannot be read; is the file damaged?"},
    {Hdf5Problem::kUserBlock, kCannot,
     "begins with a user block; write the file again without one"},
    {Hdf5Problem::kSoftLink, kCannot, "is a soft link; model files hold datasets only"},
    {Hdf5Problem::kExternalLink, kCannot, "is a link to another file, which is never followed"},
    {Hdf5Problem::kOtherLink, kCannot, "is a link of a kind that HDF5 does not define"},
    {Hdf5Problem::kReachedTwice, kCorrupt,
     "is reached twice: a cycle of groups, or one object under two names"},
    {Hdf5Problem::kNamedType, kCannot, "is neither a group nor a dataset"},
    {Hdf5Problem::kTooDeep, kCorrupt, "is nested too deeply in groups"},
    {Hdf5Problem::kTooMany, kCorrupt, "exceeds the limit on the number of objects"},
    {Hdf5Problem::kBadName, kCorrupt, "has a path that is empty or too long"},
    {Hdf5Problem::kNotNumbers, kCannot, "does not hold numbers"},
    {Hdf5Problem::kNoSpace, kCannot, "has no shape"},
    {Hdf5Problem::kEmpty, kCannot, "has a dimension of 0"},
    {Hdf5Problem::kRank, kCannot, "has too many dimensions"},
    {Hdf5Problem::kVirtual, kCannot, "is a virtual dataset: a view of other files"},
    {Hdf5Problem::kExternalFile, kCannot, "keeps its data in another file, which is never opened"},
    {Hdf5Problem::kNeverWritten, kCorrupt, "has a shape, but some of its data was never written"},
    {Hdf5Problem::kBomb, kCorrupt, "claims a shape that its stored bytes cannot fill"},
    {Hdf5Problem::kHugeChunk, kCannot, "has chunks that are too large"},
    {Hdf5Problem::kFilter, kCannot,
     "is stored through a filter other than deflate, shuffle and fletcher32"},
    {Hdf5Problem::kLimit, kCorrupt, "needs more memory or time than metadata of this size should"},
});

std::optional<DType> DTypeOf(Hdf5Element element) {
  switch (element) {
    case Hdf5Element::kF32:
      return DType::kF32;
    case Hdf5Element::kF16:
      return DType::kF16;
    case Hdf5Element::kBF16:
      return DType::kBF16;
    case Hdf5Element::kI32:
      return DType::kI32;
    case Hdf5Element::kOther:
      break;
  }
  return std::nullopt;
}

Error Contradiction(std::string_view name, std::string_view what) {
  return CorruptFile("dataset {}: {}", Quote(name), what);
}

Error CutShort() { return CorruptFile("the list of datasets was cut short"); }

bool IsPlace(Hdf5Place place) { return place >= Hdf5Place::kMapped && place <= Hdf5Place::kF64; }

class TableParser {
 public:
  TableParser(std::span<const std::byte> records, uint64_t file_bytes, uint64_t max_copied_bytes)
      : in_(records), file_bytes_(file_bytes), max_copied_bytes_(max_copied_bytes) {}

  Result<Hdf5Table> Parse() {
    for (uint32_t count = 0;; ++count) {
      const auto kind = in_.Get<Hdf5Record>();
      if (kind == Hdf5Record::kProblem) return Hdf5ProblemError(in_);
      if (kind == Hdf5Record::kEnd) {
        if (in_.Get<uint32_t>() != count || !in_.empty()) return CutShort();
        break;
      }
      if (kind != Hdf5Record::kDataset) return CutShort();
      if (count == kHdf5MaxDatasets) return CorruptFile("has more than {} datasets", count);
      TARE_RETURN_IF_ERROR(ParseDataset());
    }
    TARE_RETURN_IF_ERROR(CheckNames());
    TARE_RETURN_IF_ERROR(CheckOverlaps());
    return std::move(table_);
  }

 private:
  Status ParseDataset() {
    const auto element = in_.Get<Hdf5Element>();
    const auto place = in_.Get<Hdf5Place>();
    const auto name = in_.Text();
    const auto rank = in_.Get<uint8_t>();
    if (!element || !place || !name || !rank) return CutShort();
    if (name->empty() || name->size() > kHdf5MaxName || name->find('\0') != name->npos) {
      return Contradiction(*name, "has a name that is empty, too long or not text");
    }
    if (*rank > kMaxRank) return Contradiction(*name, "has too many dimensions");
    std::array<size_t, kMaxRank> dims = {};
    for (size_t axis = 0; axis < *rank; ++axis) {
      const auto dim = in_.Get<uint64_t>();
      if (!dim) return CutShort();
      if (*dim == 0) return Contradiction(*name, "has a dimension of 0");
      dims[axis] = *dim;
    }
    const auto offset = in_.Get<uint64_t>();
    const auto bytes = in_.Get<uint64_t>();
    if (!offset || !bytes) return CutShort();
    if (*element == Hdf5Element::kOther) {
      table_.left_out.emplace_back(*name);
      return {};
    }
    const auto dtype = DTypeOf(*element);
    if (!dtype || !IsPlace(*place)) return Contradiction(*name, "has an unknown type");
    return Add(
        {std::string(*name), *dtype, Shape(std::span(dims).first(*rank)), *place, *offset, *bytes});
  }

  Status Add(Hdf5Dataset dataset) {
    if (ByteSize(dataset.dtype, dataset.shape) != std::optional<size_t>(dataset.bytes)) {
      return Contradiction(dataset.name,
                           fmt::format("{} of shape {} cannot take {}", DTypeName(dataset.dtype),
                                       dataset.shape.ToString(), CountText(dataset.bytes, "byte")));
    }
    if (dataset.place == Hdf5Place::kMapped) {
      if (dataset.offset > file_bytes_ || dataset.bytes > file_bytes_ - dataset.offset) {
        return Contradiction(
            dataset.name,
            fmt::format("its {} at {} reach past the end of the file ({}); was it cut short?",
                        CountText(dataset.bytes, "byte"), dataset.offset,
                        CountText(file_bytes_, "byte")));
      }
      if (dataset.offset % BlockBytes(dataset.dtype) != 0) dataset.place = Hdf5Place::kMisaligned;
    }
    if (dataset.place != Hdf5Place::kMapped) {
      const auto total = CheckedAdd(copied_bytes_, dataset.bytes);
      if (!total || *total > max_copied_bytes_) {
        return Contradiction(
            dataset.name, fmt::format("is {}, so more than {} bytes would have to be copied; write "
                                      "the file again without compression",
                                      Hdf5PlaceName(dataset.place), max_copied_bytes_));
      }
      copied_bytes_ = *total;
    }
    table_.datasets.push_back(std::move(dataset));
    return {};
  }

  Status CheckNames() {
    const auto by_name = [](const Hdf5Dataset& a, const Hdf5Dataset& b) { return a.name < b.name; };
    std::sort(table_.datasets.begin(), table_.datasets.end(), by_name);
    const auto twice =
        std::adjacent_find(table_.datasets.begin(), table_.datasets.end(),
                           [](const auto& a, const auto& b) { return a.name == b.name; });
    if (twice != table_.datasets.end()) return Contradiction(twice->name, "appears twice");
    return {};
  }

  Status CheckOverlaps() const {
    std::vector<const Hdf5Dataset*> placed;
    for (const Hdf5Dataset& dataset : table_.datasets) {
      const bool lies =
          dataset.place == Hdf5Place::kMapped || dataset.place == Hdf5Place::kMisaligned;
      if (lies) placed.push_back(&dataset);
    }
    std::sort(placed.begin(), placed.end(),
              [](const auto* a, const auto* b) { return a->offset < b->offset; });
    for (size_t i = 1; i < placed.size(); ++i) {
      if (placed[i - 1]->offset + placed[i - 1]->bytes > placed[i]->offset) {
        return Contradiction(placed[i]->name, "lies within " + Quote(placed[i - 1]->name));
      }
    }
    return {};
  }

  Hdf5WireReader in_;
  uint64_t file_bytes_;
  uint64_t max_copied_bytes_;
  uint64_t copied_bytes_ = 0;
  Hdf5Table table_;
};

}  // namespace

Result<Hdf5Table> ParseHdf5Table(std::span<const std::byte> records, uint64_t file_bytes,
                                 uint64_t max_copied_bytes) {
  return TableParser(records, file_bytes, max_copied_bytes).Parse();
}

Error Hdf5ProblemError(Hdf5WireReader record) {
  const auto problem = record.Get<Hdf5Problem>();
  const auto name = record.Text();
  const auto detail = record.Text();
  if (!problem || !name || !detail) return CutShort();
  for (const ProblemText& known : kProblemTexts) {
    if (known.problem != *problem) continue;
    return Error(known.code, fmt::format("{}{}{}{}{}", name->empty() ? "" : Quote(*name) + " ",
                                         known.text, detail->empty() ? "" : " (",
                                         Printable(*detail), detail->empty() ? "" : ")"));
  }
  return CutShort();
}

std::string_view Hdf5PlaceName(Hdf5Place place) {
  switch (place) {
    case Hdf5Place::kMapped:
      return "mapped";
    case Hdf5Place::kChunked:
      return "in chunks";
    case Hdf5Place::kFiltered:
      return "compressed";
    case Hdf5Place::kBigEndian:
      return "big-endian";
    case Hdf5Place::kCompact:
      return "within the metadata";
    case Hdf5Place::kF64:
      return "f64";
    case Hdf5Place::kMisaligned:
      return "not aligned";
  }
  return "unknown";
}

}  // namespace tare
