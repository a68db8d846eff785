// SPDX-License-Identifier: MIT
// The way to an 82357's firmware and back. A request that has a reply and its reply are a pair: one
// that is lost or cut off would shift all later ones, so a pair is never left half done in good
// times, and after a broken one nothing is sent until `settle` has put the pipe in step again.
//
// The adapter has no timer: at the deadline of a call, or when it is cancelled, this aborts the
// transfer at the adapter. The bulk-in transfer of a read stays pending meanwhile, because what the
// firmware has collected comes through it.
//
// Owned by the controller. `write` and `read` (of registers) from any thread, the rest from the
// thread inside the bus; `wake` from any.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/common/gate.h"
#include "drivers/gpib/agilent_usb/agilent_message.h"
#include "drivers/gpib/agilent_usb/agilent_reports.h"
#include "drivers/libusb/usb_interface.h"
#include "lib/base/call.h"
#include "lib/base/status.h"
#include "lib/spi/transfer_rules.h"

namespace visa::drivers::gpib::agilent {

struct Endpoints {
  std::uint8_t out = 0;
  std::uint8_t in = 0;
  std::uint8_t interrupt = 0;
  std::size_t interrupt_size = 8;  // bytes of a packet
};

class AgilentPipe {
 public:
  /// The most bytes of one request for or with data.
  static constexpr std::size_t kPiece = 16384;

  AgilentPipe(std::unique_ptr<usb::UsbInterface> usb, const Endpoints& endpoints, std::string name);
  ~AgilentPipe();
  AgilentPipe(const AgilentPipe&) = delete;
  AgilentPipe& operator=(const AgilentPipe&) = delete;

  /// Listens to the interrupt endpoint, and drops what a predecessor that was killed has left.
  Status start(Call& call);
  void close() noexcept;
  void wake() noexcept;
  const std::string& name() const noexcept { return name_; }
  bool gone() const noexcept { return usb_->gone(); }
  AgilentReports& reports() noexcept { return reports_; }
  /// Listens to the interrupt endpoint again where that has ended: `settle` does so, too.
  Status listen_again(Call& call);
  /// Waits for the adapter itself.
  void pause(const Call& call, std::chrono::milliseconds time);

  /// At most kMostWrites.
  Status write(std::span<const RegisterWrite> writes, Call& call);
  /// As many values as addresses, at most kMostReads.
  Status read(std::span<const std::uint8_t> addresses, std::span<std::uint8_t> values, Call& call);

  /// Data or commands, by `flags`; at most kPiece. How many went out before a failure nobody knows:
  /// the count is then 0. After error_tmo and error_abort the adapter has given the transfer up.
  spi::WriteResult send(std::span<const std::byte> data, std::uint8_t flags, Call& call);

  struct Received {
    Status status = Status::success;
    std::size_t count = 0;
    std::uint8_t end = 0;  // kEnd...
  };
  /// Data from the talker, at most kPiece; with error_tmo and error_abort those that came until
  /// then.
  Received receive(std::span<std::byte> into, std::optional<std::uint8_t> termchar, Call& call);

  /// False: nothing can be asked before `settle`.
  bool in_step() const noexcept { return step_ == Step::none && !late_; }
  /// Goes on putting the pipe in step. error_tmo: not done within the deadline; the next call goes
  /// on.
  Status settle(Call& call);
  struct LateData {
    std::vector<std::byte> bytes = {};
    std::uint8_t end = 0;  // kEnd...
  };
  /// What a read that was given up has brought after all.
  std::optional<LateData> take_late() noexcept;
  /// True once after the pipe was put in step: what the adapter does on the bus is not known.
  bool take_mended() noexcept;

 private:
  enum class Step : std::uint8_t { none, flush, drain_flushed, abort, drain_aborted };
  struct Late {
    std::size_t wanted;
    Deadline until;
  };

  /// What `run` returns. A thread that is ended by force inside it leaves no transfer running, and
  /// the pipe out of step.
  template <class Run>
  auto unless_broken_off(Run&& run);
  usb::UsbOutcome listen();
  void restart_reports(Call& call);
  bool end_halts(Call& call);
  usb::UsbEnd pair(std::size_t room, Call& call);
  bool append_part(std::size_t& have, std::size_t room, Call& call);
  Status exchange(std::size_t values, std::size_t& count, Call& call);
  Status exchange_now(std::size_t values, std::size_t& count, Call& call);
  spi::WriteResult send_now(std::span<const std::byte> data, std::uint8_t flags, Call& call);
  Received receive_now(std::span<std::byte> into, std::optional<std::uint8_t> termchar, Call& call);
  usb::UsbEnd end_of_request(bool heard, Deadline until, Call& call);
  usb::UsbEnd abort(bool flush, Call& call);
  bool has_sent(std::uint32_t size, Deadline until, const Call& call);
  spi::WriteResult give_up_sending(Status status, Call& call);
  usb::UsbEnd end_of_aborted_read(std::size_t wanted, Call& call);
  Status settle_late(Call& call);
  Status take_step(Call& call);
  Status drain(Call& call);
  Status unfinished(Call& call);
  Status fail(usb::UsbOutcome outcome, std::string_view doing, Call& call);
  Status out_of_step(Call& call);

  const std::unique_ptr<usb::UsbInterface> usb_;
  const Endpoints endpoints_;
  const std::string name_;
  AgilentReports reports_;
  Gate gate_;  // around each pair
  // The buffers outlive the transfers.
  std::vector<std::byte> out_bytes_;
  std::vector<std::byte> in_bytes_;
  std::unique_ptr<usb::UsbTransfer> out_;
  std::unique_ptr<usb::UsbTransfer> in_;

  Step step_ = Step::none;
  std::optional<Deadline> quiet_;  // the drain in progress ends then, unless something comes
  unsigned drained_ = 0;           // replies that it has dropped
  bool mended_ = false;
  bool said_silent_ = false;  // that the interrupt endpoint is out
  std::optional<Late> late_;  // a read that was aborted and has not ended yet
  std::optional<LateData> late_data_;
};

}  // namespace visa::drivers::gpib::agilent
