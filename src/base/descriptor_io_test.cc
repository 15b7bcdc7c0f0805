#include "base/descriptor_io.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <thread>

namespace tare {
namespace {

std::span<const std::byte> AsBytes(std::string_view text) { return std::as_bytes(std::span(text)); }

// A pipe with two non-blocking ends, as a parent process may pass it.
class NonBlockingPipe {
 public:
  NonBlockingPipe() { EXPECT_EQ(pipe2(ends_.data(), O_NONBLOCK | O_CLOEXEC), 0); }
  ~NonBlockingPipe() {
    CloseReadEnd();
    CloseWriteEnd();
  }
  NonBlockingPipe(const NonBlockingPipe&) = delete;
  NonBlockingPipe& operator=(const NonBlockingPipe&) = delete;

  int read_end() const { return ends_[0]; }
  int write_end() const { return ends_[1]; }
  void CloseReadEnd() { Close(ends_[0]); }
  void CloseWriteEnd() { Close(ends_[1]); }

 private:
  static void Close(int& fd) {
    if (fd >= 0) close(fd);
    fd = -1;
  }
  std::array<int, 2> ends_;
};

// More than a pipe holds, so that both sides must wait for each other.
std::string LongText() {
  std::string text;
  while (text.size() < 1 << 20) text += "line " + std::to_string(text.size()) + "\n";
  return text;
}

TEST(DescriptorIoTest, WaitsForANonBlockingPipe) {
  NonBlockingPipe pipe;
  const std::string text = LongText();
  int reason = -1;
  std::thread writer([&] {
    reason = WriteFully(pipe.write_end(), AsBytes(text));
    pipe.CloseWriteEnd();
  });
  std::string got;
  std::array<std::byte, 1000> chunk;
  ssize_t bytes;
  while ((bytes = ReadSome(pipe.read_end(), chunk)) > 0) {
    got.append(reinterpret_cast<const char*>(chunk.data()), static_cast<size_t>(bytes));
  }
  writer.join();
  EXPECT_EQ(bytes, 0);
  EXPECT_EQ(reason, 0);
  EXPECT_EQ(got, text);
}

TEST(DescriptorIoTest, AReaderThatHasGoneIsAnError) {
  NonBlockingPipe pipe;
  pipe.CloseReadEnd();
  const auto before = signal(SIGPIPE, SIG_IGN);
  EXPECT_EQ(WriteFully(pipe.write_end(), AsBytes("text")), EPIPE);
  signal(SIGPIPE, before);
}

TEST(DescriptorIoTest, OtherFailuresAreNotTriedAgain) {
  std::array<std::byte, 4> bytes;
  EXPECT_EQ(WriteFully(-1, AsBytes("text")), EBADF);
  EXPECT_EQ(ReadSome(-1, bytes), -1);
  EXPECT_EQ(errno, EBADF);
}

TEST(DescriptorIoTest, AFullDiskIsSaidSo) {
  const int fd = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(fd, 0);
  const Status status = WriteAll(fd, AsBytes("text"), "out.gguf");
  ::close(fd);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), ErrorCode::kIo);
  EXPECT_EQ(status.error().message(),
            "out.gguf: cannot be written: No space left on device (errno 28); free some space or "
            "write to another disk");
}

}  // namespace
}  // namespace tare
