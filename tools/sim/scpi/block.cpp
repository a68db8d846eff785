// SPDX-License-Identifier: MIT
// IEEE 488.2 7.7.6: a number of digits, the length, the data. The pool counts a block until the
// last holder has let it go.
#include "tools/sim/scpi/block.h"

namespace visa::sim {

std::string block_header(std::size_t length, std::size_t digits) {
  std::string number = std::to_string(length);
  if (number.size() < digits) number.insert(0, digits - number.size(), '0');
  return "#" + std::to_string(number.size()) + number;
}

SharedBytes BlockPool::make(std::size_t length, const std::function<void(std::string&)>& fill) {
  // Gives back what it has taken from the pool, whatever throws on the way.
  struct Counted {
    std::shared_ptr<std::atomic<std::size_t>> used;
    std::size_t length = 0;
    std::string bytes;
    ~Counted() { used->fetch_sub(length, std::memory_order_relaxed); }
  };
  auto counted = std::make_shared<Counted>();
  counted->used = used_;
  std::size_t used = used_->load(std::memory_order_relaxed);
  do {
    if (length > limit_ || used > limit_ - length) return nullptr;
  } while (!used_->compare_exchange_weak(used, used + length, std::memory_order_relaxed));
  counted->length = length;
  counted->bytes.resize(length);
  fill(counted->bytes);
  return {counted, &counted->bytes};
}

}  // namespace visa::sim
