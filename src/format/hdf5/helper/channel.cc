#include "format/hdf5/helper/channel.h"

#include <hdf5.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace tare {
namespace {

constexpr int kSocket = 0;
constexpr size_t kFlushBytes = size_t{64} << 10;
constexpr size_t kMaxDetail = 200;

herr_t KeepDescription(unsigned /*depth*/, const H5E_error2_t* error, void* detail) {
  static_cast<std::string*>(detail)->assign(error->desc == nullptr ? "" : error->desc);
  return 1;  // the innermost is enough
}

void WriteFully(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(kSocket, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) ::_exit(Hdf5Channel::kExitBroken);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
}

}  // namespace

void Hdf5Channel::Send(std::span<const std::byte> bytes) {
  pending_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (pending_.size() >= kFlushBytes) Flush();
}

void Hdf5Channel::Flush() {
  WriteFully(pending_);
  pending_.clear();
}

void Hdf5Channel::SendData(std::span<const std::byte> elements) {
  while (!elements.empty()) {
    const auto piece = elements.first(std::min(elements.size(), kHdf5MaxData));
    Send(Hdf5WireWriter().Put(Hdf5Record::kData).Put(static_cast<uint32_t>(piece.size())).bytes());
    Flush();
    WriteFully({reinterpret_cast<const char*>(piece.data()), piece.size()});
    elements = elements.subspan(piece.size());
  }
}

void Hdf5Channel::SendEnd(uint32_t count) {
  Send(Hdf5WireWriter().Put(Hdf5Record::kEnd).Put(count).bytes());
  Flush();
}

std::string Hdf5Channel::ReceiveText() {
  std::string text(Receive<uint16_t>(), '\0');
  ReceiveExactly(std::as_writable_bytes(std::span(text)));
  return text;
}

void Hdf5Channel::ReceiveExactly(std::span<std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t got = ::read(kSocket, bytes.data(), bytes.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) ::_exit(kExitBroken);
    bytes = bytes.subspan(static_cast<size_t>(got));
  }
}

void Hdf5Channel::Fail(Hdf5Problem problem, std::string_view name, std::string detail) {
  if (detail.empty()) H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, KeepDescription, &detail);
  Send(Hdf5WireWriter()
           .Put(Hdf5Record::kProblem)
           .Put(problem)
           .Text(name.substr(0, kHdf5MaxName))
           .Text(detail.substr(0, kMaxDetail))
           .bytes());
  Flush();
  ::_exit(kExitProblem);
}

}  // namespace tare
