#include "bench/plan/quality.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <span>

#include "base/count_text.h"
#include "base/descriptor_io.h"
#include "base/installed_paths.h"
#include "base/mapped_file.h"
#include "base/temporaries.h"
#include "os/scoped_fd.h"
#include "os/small_file.h"

namespace tare {
namespace {

constexpr char kTextFile[] = "share/tare/suites/quality.txt";
constexpr size_t kLargeVocabulary = size_t{1} << 18;

// A row's logits as a matrix in a mapped file.
class LogitsReader {
 public:
  static Result<LogitsReader> Open(const ScoredLogits& logits) {
    TARE_ASSIGN_OR_RETURN(MappedFile file, MappedFile::Open(logits.path));
    const ScoresMessage& scores = logits.scores;
    const uint64_t expected = scores.positions * scores.vocabulary * sizeof(float);
    if (file.bytes().size() != expected) {
      return InvalidInput("the worker wrote {} of logits, expected {} for {} of {} tokens",
                          CountText(file.bytes().size(), "byte"), expected,
                          CountText(scores.positions, "position"), scores.vocabulary);
    }
    return LogitsReader(std::move(file), scores.vocabulary);
  }

  std::span<const float> At(size_t position, size_t count) const {
    const auto* all = reinterpret_cast<const float*>(file_.bytes().data());
    return {all + position * vocabulary_, count};
  }
  // Gives the memory of a position back.
  void Drop(size_t position) const { file_.Drop(std::as_bytes(At(position, vocabulary_))); }
  size_t vocabulary() const { return vocabulary_; }

 private:
  LogitsReader(MappedFile file, uint64_t vocabulary)
      : file_(std::move(file)), vocabulary_(static_cast<size_t>(vocabulary)) {}

  MappedFile file_;
  size_t vocabulary_;
};

}  // namespace

Result<std::string> ReadQualityText() {
  const std::string path = InstalledPath(kTextFile);
  Result<std::string> text = ReadSmallFile(path);
  if (!text.ok()) return text.error().In("the text of --quality");
  return text;
}

Result<std::vector<std::vector<uint32_t>>> QualitySequences(const std::vector<uint32_t>& start,
                                                            const std::vector<uint32_t>& text,
                                                            size_t context, size_t vocabulary) {
  const size_t most = context == 0 ? kQualitySequence : std::min(context, kQualitySequence);
  if (most < start.size() + 2 || text.size() < 2) {
    return InvalidInput("quality: {} of text for a context of {}, expected at least two of each",
                        CountText(text.size(), "token"), most);
  }
  const size_t length = std::min(most - start.size(), text.size());  // of the text in a sequence
  const size_t row_bytes = (vocabulary == 0 ? kLargeVocabulary : vocabulary) * sizeof(float);
  const size_t positions = start.size() + length - 1;
  const size_t wanted =
      std::clamp<size_t>(kMaxQualityBytes / row_bytes / positions, 1, kMostQualitySequences);
  const size_t count = std::min(wanted, std::max<size_t>(1, text.size() / length));
  std::vector<std::vector<uint32_t>> sequences;
  for (size_t i = 0; i < count; ++i) {
    const size_t begin = count == 1 ? 0 : i * (text.size() - length) / (count - 1);
    std::vector<uint32_t> ids = start;
    ids.insert(ids.end(), text.begin() + static_cast<std::ptrdiff_t>(begin),
               text.begin() + static_cast<std::ptrdiff_t>(begin + length));
    sequences.push_back(std::move(ids));
  }
  return sequences;
}

Result<LogitsFile> LogitsFile::Create(const std::string& folder, const std::string& name) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  std::string path = fmt::format("{}/{}.logits-{}", folder, name, getpid());
  TemporariesChange change;
  const ScopedFd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!fd.valid()) return ErrnoError(errno, path);
  change.Add(path);
  return LogitsFile(std::move(path));
}

LogitsFile::~LogitsFile() {
  if (path_.empty()) return;
  TemporariesChange change;
  unlink(path_.c_str());
  change.Remove(path_);
}

Result<DivergenceSummary> CompareLogits(const ScoredLogits& reference, const ScoredLogits& other,
                                        const std::vector<std::vector<uint32_t>>& sequences) {
  TARE_ASSIGN_OR_RETURN(const LogitsReader p, LogitsReader::Open(reference));
  TARE_ASSIGN_OR_RETURN(const LogitsReader q, LogitsReader::Open(other));
  if (reference.scores.positions != other.scores.positions) {
    return InvalidInput("quality: {}, expected {}", CountText(other.scores.positions, "position"),
                        reference.scores.positions);
  }
  const size_t vocabulary = std::min(p.vocabulary(), q.vocabulary());
  Divergence divergence;
  size_t position = 0;
  for (const std::vector<uint32_t>& ids : sequences) {
    for (size_t i = 1; i < ids.size(); ++i) {
      TARE_RETURN_IF_ERROR(
          divergence.Add(p.At(position, vocabulary), q.At(position, vocabulary), ids[i]));
      p.Drop(position);
      q.Drop(position);
      ++position;
    }
  }
  return divergence.Summary();
}

}  // namespace tare
