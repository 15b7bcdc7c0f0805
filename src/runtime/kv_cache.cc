#include "runtime/kv_cache.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/check.h"
#include "base/checked_math.h"
#include "base/count_text.h"

namespace tare {
namespace {

size_t PageSize() { return static_cast<size_t>(::sysconf(_SC_PAGESIZE)); }

size_t RoundUp(size_t value, size_t step) { return (value + step - 1) / step * step; }

}  // namespace

Result<KvCache> KvCache::Create(std::vector<size_t> slot_elements, size_t max_tokens) {
  KvCache cache;
  cache.max_tokens_ = max_tokens;
  size_t size = 0;
  for (size_t elements : slot_elements) {
    cache.offsets_.push_back(size);
    const auto row = CheckedMul(elements, sizeof(float));
    const auto slot = row ? CheckedMul(*row, max_tokens) : std::nullopt;
    const auto rounded = slot ? CheckedRoundUp(*slot, PageSize()) : std::nullopt;
    const auto next = rounded ? CheckedAdd(size, *rounded) : std::nullopt;
    if (!next) {
      return OutOfMemory("a key/value cache for {} exceeds any memory; use a smaller context",
                         CountText(max_tokens, "token"));
    }
    size = *next;
  }
  cache.slot_elements_ = std::move(slot_elements);
  if (size == 0) return cache;
  void* base = ::mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED) {
    return OutOfMemory(
        "cannot reserve {} bytes of address space for {} of key/value cache; use a smaller context",
        size, CountText(max_tokens, "token"));
  }
  // With huge pages a short text would take the memory of a long one.
  (void)::madvise(base, size, MADV_NOHUGEPAGE);
  cache.base_ = static_cast<std::byte*>(base);
  cache.size_ = size;
  return cache;
}

KvCache::KvCache(KvCache&& other) noexcept { *this = std::move(other); }

KvCache& KvCache::operator=(KvCache&& other) noexcept {
  std::swap(slot_elements_, other.slot_elements_);
  std::swap(offsets_, other.offsets_);
  std::swap(max_tokens_, other.max_tokens_);
  std::swap(reserved_, other.reserved_);
  std::swap(length_, other.length_);
  std::swap(is_long_, other.is_long_);
  std::swap(ids_, other.ids_);
  std::swap(base_, other.base_);
  std::swap(size_, other.size_);
  return *this;
}

KvCache::~KvCache() {
  if (base_ != nullptr) ::munmap(base_, size_);
}

size_t KvCache::committed_bytes() const { return BytesFor(reserved_); }
size_t KvCache::used_bytes() const { return BytesFor(length_); }

size_t KvCache::BytesFor(size_t tokens) const {
  size_t bytes = 0;
  for (size_t elements : slot_elements_) {
    bytes += RoundUp(tokens * elements * sizeof(float), PageSize());
  }
  return bytes;
}

Status KvCache::Reserve(size_t tokens) {
  if (tokens > max_tokens_) {
    return InvalidInput("{} {} not fit the context of {}", CountText(tokens, "token"),
                        tokens == 1 ? "does" : "do", max_tokens_);
  }
  if (tokens <= reserved_) return {};
  const size_t wanted = std::min(max_tokens_, RoundUp(tokens, kBlockTokens));
  for (size_t i = 0; i < offsets_.size(); ++i) {
    const size_t row_bytes = slot_elements_[i] * sizeof(float);
    const size_t begin = reserved_ * row_bytes / PageSize() * PageSize();
    const size_t end = RoundUp(wanted * row_bytes, PageSize());
    if (::mprotect(base_ + offsets_[i] + begin, end - begin, PROT_READ | PROT_WRITE) != 0) {
      return ErrnoError(ENOMEM,
                        fmt::format("cannot allocate {} bytes of key/value cache for {} tokens",
                                    BytesFor(wanted), wanted));
    }
  }
  reserved_ = wanted;
  return {};
}

float* KvCache::slot(size_t index) const {
  TARE_CHECK_LT(index, offsets_.size());
  return reinterpret_cast<float*>(base_ + offsets_[index]);
}

void KvCache::set_length(size_t tokens) {
  TARE_CHECK_LE(tokens, reserved_);
  length_ = tokens;
  ids_.resize(std::min(ids_.size(), tokens));
}

}  // namespace tare
