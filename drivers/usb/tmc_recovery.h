// SPDX-License-Identifier: MIT
// Brings host and instrument back in step after a message that was given up: by a timeout, a
// cancelled call, a stall or a broken answer. USBTMC 1.0, 4.2.1.2 to 4.2.1.7.
//
// The call that gave up spends at most kAfterwards on it; what is left is done by the next
// operation, before anything else is sent. An abort that fails twice is followed by a device clear.
// So an answer to the message that was given up never reaches a later call. Used inside the gate of
// the device.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "drivers/usb/tmc_wire.h"
#include "lib/base/call.h"
#include "lib/base/status.h"

namespace visa::drivers::usb {

class Recovery {
 public:
  /// The longest time that a failed operation adds to its deadline.
  static constexpr std::chrono::milliseconds kAfterwards{150};

  explicit Recovery(TmcWire& wire);

  /// The message sent with this tag was given up. Nothing is running on its endpoint.
  void note_out(std::uint8_t tag) noexcept { note(Step::abort_out, tag); }
  /// The answer to the request with this tag was given up, likewise.
  void note_in(std::uint8_t tag) noexcept { note(Step::abort_in, tag); }
  /// Begins with what was noted, for kAfterwards at most; a cancelled call does not end it.
  void begin();

  /// Does what is left to do. success: in step. error_tmo, error_abort: not yet; the next call goes
  /// on. error_conn_lost: unplugged. error_io: the instrument refuses to be cleared.
  Status settle(Call& call) { return step_ == Step::none ? Status::success : run(call); }

  /// Device clear: INITIATE_CLEAR and what belongs to it.
  Status clear(Call& call);

 private:
  enum class Step : std::uint8_t { none, abort_out, abort_in, clear };
  enum class Progress : std::uint8_t { done, later, failed };

  void note(Step step, std::uint8_t tag) noexcept;
  Status run(Call& call);
  Progress abort_out(const Call& call, Deadline until);
  Progress abort_in(const Call& call, Deadline until);
  Progress check_abort_in(const Call& call, Deadline until);
  Progress drain(const Call& call, Deadline until);
  Progress check_clear(const Call& call, Deadline until);
  Progress ask(TmcRequest request, std::uint8_t endpoint, std::uint16_t tag,
               std::span<std::byte> reply, const Call& call, Deadline until);
  Progress clear_halt(std::uint8_t endpoint, const Call& call, Deadline until);
  Progress progress_of(UsbOutcome outcome) const noexcept;

  TmcWire& wire_;
  const std::unique_ptr<UsbTransfer> in_;
  std::vector<std::byte> drained_;
  Step step_ = Step::none;
  std::uint8_t tag_ = 0;
  unsigned tries_ = 0;
};

}  // namespace visa::drivers::usb
