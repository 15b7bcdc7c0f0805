#include "cli/read_text.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>

namespace tare {
namespace {

Result<std::string> ReadAll(std::FILE* file, const std::string& name) {
  std::string text;
  char buffer[1 << 16];
  while (true) {
    const size_t n = std::fread(buffer, 1, sizeof(buffer), file);
    text.append(buffer, n);
    if (n == sizeof(buffer)) continue;
    if (std::ferror(file) != 0) return ErrnoError(errno, name);
    return text;
  }
}

}  // namespace

Result<std::string> ReadText(const TextSource& source) {
  if (source.argument) return *source.argument;
  if (!source.file.empty() && source.file != "-") {
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(source.file.c_str(), "rb"),
                                                         &std::fclose);
    if (!file) return ErrnoError(errno, source.file);
    return ReadAll(file.get(), source.file);
  }
  if (source.file.empty() && ::isatty(STDIN_FILENO) == 1) {
    return InvalidInput("no {}: give one as an argument, with -f FILE or on standard input",
                        source.what);
  }
  return ReadAll(stdin, "standard input");
}

}  // namespace tare
