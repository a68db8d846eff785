// SPDX-License-Identifier: MIT
// The pair of bulk endpoints of one NI adapter: a request, its reply. The adapter knows no numbers
// that would tell which reply belongs to which request, so one lost reply shifts every later one.
// After anything that may have broken a pair, the next exchange first brings the pipe in step
// again: stop request, halts cleared, everything read that is still there.
//
// An exchange that runs out of time or is cancelled is stopped at the adapter, whose reply then
// says how far it came. Where that reply takes longer than kGrace it is owed: the next exchange
// waits for it first, and what was received late is not lost.
//
// One thread at a time, which the controller sees to.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "drivers/gpib/dongle/dongle.h"
#include "drivers/gpib/ni_usb/ni_blocks.h"
#include "drivers/libusb/usb_interface.h"
#include "lib/base/call.h"
#include "lib/base/deadline.h"
#include "lib/base/status.h"

namespace visa::drivers::gpib::ni_usb {

/// How long after its deadline an exchange waits for the reply to its stop.
inline constexpr std::chrono::milliseconds kGrace{20};

/// Where a call ends that has to be tried even if it may not wait.
inline Deadline patience(const Call& call) {
  return call.deadline.is_immediate() ? Deadline::after(kGrace) : call.deadline;
}

/// A reply, valid until the next exchange.
struct Exchanged {
  Status status = Status::success;
  std::span<const std::byte> reply = {};  // whole, where the status is a success
  bool stopped = false;  // the time was over, or the call cancelled: the adapter was told to stop
};

class NiPipe {
 public:
  /// `usb` outlives the pipe.
  NiPipe(usb::UsbInterface& usb, const dongle::Model& model, std::string_view label);

  /// What the next exchange sends, to be filled by the functions of ni_blocks.h. No transfer uses
  /// it, also while one that was given up is running.
  Bytes& request() noexcept { return request_; }

  /// Sends the request and receives its reply, of that shape. Until `until` or the cancel token of
  /// `call`, then it stops the operation. error_io: the adapter answers nonsense; error_tmo,
  /// error_abort: no reply in time, not even to the stop; error_conn_lost.
  Exchanged exchange(Shape shape, std::size_t wanted, Deadline until, Call& call);

  /// Waits for a reply that is owed, if there is one.
  Status settle(Call& call);
  bool in_step() const noexcept { return in_step_ && !owed_; }

  /// Data of a read that had been given up and came after all. The caller takes it before the next
  /// exchange that may have another.
  std::optional<Bytes> take_late() noexcept { return std::exchange(late_, std::nullopt); }
  bool late_ended() const noexcept { return late_ended_; }

  /// A control request to the host; nothing if it fails. For its answer the call waits 100 ms at
  /// most.
  struct Request {
    std::uint8_t type;
    std::uint8_t request;
    std::uint16_t value;
    std::uint16_t index;
    std::size_t length;
  };
  std::optional<Bytes> control(const Request& request, Call& call);

  /// Brings the pipe in step, also after a program that was killed: within the deadline.
  Status recover(Call& call);
  /// What is wrong makes the next exchange do so.
  void lose_step() noexcept { in_step_ = false; }

  const std::string& label() const noexcept { return label_; }

 private:
  struct Received {
    usb::UsbOutcome outcome = usb::UsbOutcome::done;
    Progress progress = Progress::more;
  };

  bool collect_owed(Call& call);
  Received receive(const Call& call, Deadline until, usb::UsbTransfer* before);
  Exchanged stop(Status reason, Call& call);
  void send_stop(Call& call);
  bool has_sent();
  bool drain(Call& call);
  Status fail(usb::UsbOutcome outcome, Call& call);
  std::span<const std::byte> reply() const noexcept { return std::span(reply_).first(count_); }
  void keep_late();

  usb::UsbInterface& usb_;
  const dongle::Model& model_;
  const std::string label_;
  Bytes request_;          // the next one
  Bytes sent_;             // the last one, which a transfer may still be using
  Bytes drained_;          // what nobody asked for
  Bytes reply_;            // of the exchange in progress
  std::size_t count_ = 0;  // received of it
  unsigned empty_ = 0;     // packets without bytes, in a row
  Shape shape_ = Shape::status;
  std::size_t wanted_ = 0;
  bool in_step_ = true;
  bool owed_ = false;  // both transfers are running
  std::optional<Bytes> late_;
  bool late_ended_ = false;
  // Last, so that they end before the buffers do.
  std::unique_ptr<usb::UsbTransfer> out_;
  std::unique_ptr<usb::UsbTransfer> in_;
};

}  // namespace visa::drivers::gpib::ni_usb
