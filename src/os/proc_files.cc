#include "os/proc_files.h"

#include <fcntl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>

#include "os/scoped_fd.h"

namespace tare {
namespace {

constexpr size_t kMaxDescendants = 4096;
constexpr uint64_t kKib = 1024;

std::string_view TrimLeft(std::string_view text) {
  const size_t start = text.find_first_not_of(" \t");
  return start == std::string_view::npos ? std::string_view() : text.substr(start);
}

// Takes the number at the start of text (after blanks) away from it.
std::optional<uint64_t> TakeNumber(std::string_view& text, int base = 10) {
  text = TrimLeft(text);
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return value;
}

bool TakeChar(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

std::string_view TakeLine(std::string_view& text) {
  const size_t newline = text.find('\n');
  const std::string_view line = text.substr(0, newline);
  text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
  return line;
}

// The value of the line `name:   123 kB`, in bytes.
std::optional<uint64_t> FieldBytes(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    std::string_view line = TakeLine(text);
    if (!line.starts_with(name) || line.substr(name.size(), 1) != ":") continue;
    line.remove_prefix(name.size() + 1);
    const std::optional<uint64_t> kib = TakeNumber(line);
    if (!kib || *kib > UINT64_MAX / kKib) return std::nullopt;
    return *kib * kKib;
  }
  return std::nullopt;
}

std::string ProcPath(pid_t pid, std::string_view name) {
  return fmt::format("/proc/{}/{}", pid, name);
}

// "7f00-7f10 r--p 00001000 08:01 1234   /path"
std::optional<FileMapping> ParseMapping(std::string_view line) {
  FileMapping mapping;
  const auto begin = TakeNumber(line, 16);
  if (!begin || !TakeChar(line, '-')) return std::nullopt;
  const auto end = TakeNumber(line, 16);
  line = TrimLeft(line);
  if (!end || line.size() < 5) return std::nullopt;
  line.remove_prefix(4);  // permissions
  const auto offset = TakeNumber(line, 16);
  const auto major_number = TakeNumber(line, 16);
  if (!offset || !major_number || !TakeChar(line, ':')) return std::nullopt;
  const auto minor_number = TakeNumber(line, 16);
  const auto inode = TakeNumber(line);
  if (!minor_number || !inode || *inode == 0 || *end < *begin) return std::nullopt;
  mapping = {*begin, *end, *offset,
             makedev(static_cast<unsigned>(*major_number), static_cast<unsigned>(*minor_number)),
             *inode};
  return mapping;
}

}  // namespace

std::optional<StatusMemory> ParseStatus(std::string_view text) {
  const auto rss = FieldBytes(text, "VmRSS");
  const auto high_water = FieldBytes(text, "VmHWM");
  const auto anon = FieldBytes(text, "RssAnon");
  const auto file = FieldBytes(text, "RssFile");
  const auto shmem = FieldBytes(text, "RssShmem");
  const auto swap = FieldBytes(text, "VmSwap");
  if (!rss || !high_water || !anon || !file || !shmem || !swap) return std::nullopt;
  return StatusMemory{*rss, *high_water, *anon, *file, *shmem, *swap};
}

std::optional<RollupMemory> ParseRollup(std::string_view text) {
  const auto rss = FieldBytes(text, "Rss");
  const auto pss = FieldBytes(text, "Pss");
  const auto clean = FieldBytes(text, "Private_Clean");
  const auto dirty = FieldBytes(text, "Private_Dirty");
  const auto swap = FieldBytes(text, "Swap");
  if (!rss || !pss || !clean || !dirty || !swap) return std::nullopt;
  return RollupMemory{*rss, *pss, *clean + *dirty, *swap};
}

std::optional<StatmMemory> ParseStatm(std::string_view text, uint64_t page_bytes) {
  const auto total = TakeNumber(text);
  const auto resident = TakeNumber(text);
  const auto shared = TakeNumber(text);
  if (!total || !resident || !shared) return std::nullopt;
  return StatmMemory{*resident * page_bytes, *shared * page_bytes};
}

std::vector<FileMapping> ParseMaps(std::string_view text) {
  std::vector<FileMapping> mappings;
  while (!text.empty()) {
    if (const auto mapping = ParseMapping(TakeLine(text))) mappings.push_back(*mapping);
  }
  return mappings;
}

std::optional<StatusMemory> ReadStatus(pid_t pid) {
  const Result<std::string> text = ReadSmallFile(ProcPath(pid, "status"));
  return text.ok() ? ParseStatus(*text) : std::nullopt;
}

std::optional<RollupMemory> ReadRollup(pid_t pid) {
  const Result<std::string> text = ReadSmallFile(ProcPath(pid, "smaps_rollup"));
  return text.ok() ? ParseRollup(*text) : std::nullopt;
}

std::optional<uint64_t> ReadDiskBytes(pid_t pid) {
  const Result<std::string> text = ReadSmallFile(ProcPath(pid, "io"));
  constexpr std::string_view kName = "\nread_bytes:";
  const size_t at = text.ok() ? text->find(kName) : std::string::npos;
  if (at == std::string::npos) return std::nullopt;
  std::string_view rest = std::string_view(*text).substr(at + kName.size());
  return TakeNumber(rest);
}

std::vector<pid_t> ChildrenOf(pid_t pid) {
  std::vector<pid_t> children;
  std::error_code error;  // the process may end under our eyes
  std::filesystem::directory_iterator task(ProcPath(pid, "task"), error);
  for (; !error && task != std::filesystem::directory_iterator(); task.increment(error)) {
    const Result<std::string> text = ReadSmallFile(task->path().string() + "/children");
    if (!text.ok()) continue;
    std::string_view rest = *text;
    while (const auto child = TakeNumber(rest)) children.push_back(static_cast<pid_t>(*child));
  }
  return children;
}

std::vector<pid_t> DescendantsOf(pid_t pid) {
  std::vector<pid_t> found = ChildrenOf(pid);
  for (size_t i = 0; i < found.size() && found.size() < kMaxDescendants; ++i) {
    const std::vector<pid_t> children = ChildrenOf(found[i]);
    found.insert(found.end(), children.begin(), children.end());
  }
  return found;
}

bool ResetHighWater(pid_t pid) {
  const ScopedFd fd(open(ProcPath(pid, "clear_refs").c_str(), O_WRONLY | O_CLOEXEC));
  return fd.valid() && write(fd.get(), "5", 1) == 1;
}

}  // namespace tare
