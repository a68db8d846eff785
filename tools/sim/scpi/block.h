// SPDX-License-Identifier: MIT
// Large answers: definite-length blocks (IEEE 488.2 7.7.6) and the pool that bounds their memory.
//
// A slow client keeps the block it asked for alive while the instrument already holds a newer one,
// so the bound has to count the blocks themselves, not the requests. The pool is thread-safe by its
// atomic counter; blocks are immutable once shared.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "tools/sim/base/output_queue.h"

namespace visa::sim {

/// "#<n><length>", what stands before `length` bytes of data. The length has at least `digits` (1
/// to 9) digits, leading zeros among them, as many instruments send it: "#9000000123".
std::string block_header(std::size_t length, std::size_t digits = 1);

class BlockPool {
 public:
  explicit BlockPool(std::size_t limit)
      : used_(std::make_shared<std::atomic<std::size_t>>(0)), limit_(limit) {}

  /// A block of `length` bytes, filled by `fill`; null when the pool's limit does not allow it.
  SharedBytes make(std::size_t length, const std::function<void(std::string&)>& fill);

  std::size_t used() const noexcept { return used_->load(std::memory_order_relaxed); }

 private:
  /// Shared with the blocks, which may outlive the pool in a client's queue.
  std::shared_ptr<std::atomic<std::size_t>> used_;
  std::size_t limit_;
};

}  // namespace visa::sim
