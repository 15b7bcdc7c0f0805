#ifndef TARE_RUNTIME_KV_CACHE_H_
#define TARE_RUNTIME_KV_CACHE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/error.h"

namespace tare {

// Keys and values of the tokens so far. Each slot (a layer's keys, or its values) is f32
// [tokens, row_elements], token-major.
// Address space for max_tokens is reserved at the start and never moves. Memory is committed in
// blocks of kBlockTokens as tokens come, so that resident memory grows with the tokens in use.
class KvCache {
 public:
  static constexpr size_t kBlockTokens = 64;

  // slot_elements[i]: elements of one token in slot i (K * D).
  // Errors: OutOfMemory if the address space cannot be reserved.
  static Result<KvCache> Create(std::vector<size_t> slot_elements, size_t max_tokens);

  KvCache(KvCache&& other) noexcept;
  KvCache& operator=(KvCache&& other) noexcept;
  KvCache(const KvCache&) = delete;
  KvCache& operator=(const KvCache&) = delete;
  ~KvCache();

  size_t max_tokens() const { return max_tokens_; }
  size_t length() const { return length_; }  // tokens stored
  size_t slots() const { return offsets_.size(); }
  size_t slot_elements(size_t slot) const { return slot_elements_[slot]; }
  size_t committed_bytes() const;  // writable
  size_t used_bytes() const;       // whole pages that hold stored tokens

  // Makes room for `tokens` in every slot.
  // Errors: InvalidInput past max_tokens, OutOfMemory.
  Status Reserve(size_t tokens);

  // Writable for rows [0, reserved tokens). The address never changes.
  float* slot(size_t index) const;

  // Sets the number of stored tokens: after a step, or to go back. Precondition: reserved.
  void set_length(size_t tokens);

  // For models whose rotation depends on the text's length: whether the stored keys are rotated as
  // in long texts, and the stored tokens, by which they can be computed anew.
  bool is_long() const { return is_long_; }
  void set_is_long(bool is_long) { is_long_ = is_long; }
  const std::vector<int32_t>& ids() const { return ids_; }
  void AddIds(std::span<const int32_t> ids) { ids_.insert(ids_.end(), ids.begin(), ids.end()); }

 private:
  KvCache() = default;
  size_t BytesFor(size_t tokens) const;

  std::vector<size_t> slot_elements_;
  std::vector<size_t> offsets_;  // bytes, page-aligned
  size_t max_tokens_ = 0;
  size_t reserved_ = 0;
  size_t length_ = 0;
  bool is_long_ = false;
  std::vector<int32_t> ids_;
  std::byte* base_ = nullptr;
  size_t size_ = 0;
};

}  // namespace tare

#endif  // TARE_RUNTIME_KV_CACHE_H_
