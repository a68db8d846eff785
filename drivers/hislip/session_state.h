// SPDX-License-Identifier: MIT
// What both connections of a session need to know: the message ids and the RMT-delivered flag
// (3.1.2 and 3.2.2). Any thread.
#pragma once

#include <atomic>
#include <cstdint>

#include "drivers/hislip/hislip_message.h"

namespace visa::drivers::hislip {

class SessionState {
 public:
  /// The id for the next Data, DataEND or Trigger; from now on it is the last one sent.
  std::uint32_t take_id() noexcept {
    const std::uint32_t id = last_sent_.load(std::memory_order_relaxed) + kIdStep;
    last_sent_.store(id, std::memory_order_relaxed);
    return id;
  }
  /// Takes back the id of a message of which nothing was sent.
  void return_id() noexcept { last_sent_.store(last_sent() - kIdStep, std::memory_order_relaxed); }
  std::uint32_t last_sent() const noexcept { return last_sent_.load(std::memory_order_relaxed); }

  /// The program has taken the last byte of the answer `id`.
  void delivered(std::uint32_t id) noexcept {
    delivered_.store(id, std::memory_order_relaxed);
    rmt_.store(true, std::memory_order_release);
  }
  /// The last answer that the program has taken whole; kNoId before the first.
  std::uint32_t last_delivered() const noexcept {
    return delivered_.load(std::memory_order_relaxed);
  }

  /// The flag for the next message that carries one: set once for each answer.
  std::uint8_t take_rmt() noexcept {
    return rmt_.exchange(false, std::memory_order_acq_rel) ? kRmtDelivered : std::uint8_t{0};
  }
  void return_rmt(std::uint8_t flag) noexcept {
    if (flag != 0) rmt_.store(true, std::memory_order_release);
  }

  bool overlap() const noexcept { return overlap_.load(std::memory_order_acquire); }

  /// After initialization and device clear: everything begins anew, in this mode.
  void restart(bool overlap) noexcept {
    last_sent_.store(kNoId, std::memory_order_relaxed);
    delivered_.store(kNoId, std::memory_order_relaxed);
    rmt_.store(false, std::memory_order_relaxed);
    overlap_.store(overlap, std::memory_order_release);
  }

 private:
  std::atomic<std::uint32_t> last_sent_{kNoId};
  std::atomic<std::uint32_t> delivered_{kNoId};
  std::atomic<bool> rmt_{false};
  std::atomic<bool> overlap_{false};
};

}  // namespace visa::drivers::hislip
