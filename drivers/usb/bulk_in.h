// SPDX-License-Identifier: MIT
// Reading answers: the request on the bulk-OUT pipe, the answer on the bulk-IN pipe, further
// requests until the message is over. Used inside the gate of the device.
//
// One request asks for the caller's whole count, at least 4 KiB of it: what the instrument sends
// beyond the count is kept for the next read, because many instruments lose data over many small
// requests. A long answer goes straight into the caller's buffer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "drivers/usb/kept_bytes.h"
#include "drivers/usb/long_answer.h"
#include "drivers/usb/tmc_recovery.h"
#include "drivers/usb/tmc_wire.h"
#include "lib/base/call.h"
#include "lib/spi/transfer_rules.h"

namespace visa::drivers::usb {

class BulkIn {
 public:
  /// No request asks for less.
  static constexpr std::size_t kLeastRequested = 4096;
  /// An answer up to this size is received in one transfer.
  static constexpr std::size_t kFirstPiece = 65536;

  BulkIn(TmcWire& wire, Recovery& recovery);

  /// As spi::Channel::read. After a failure the exchange is given up, see Recovery.
  spi::ReadResult read(std::span<std::byte> into, const spi::EndRule& rule, Call& call);

  /// Forgets what was received and not read: a new message makes it void.
  void drop() noexcept { kept_.drop(); }

 private:
  /// One request and its answer. What a failure or the end of the thread leaves behind is stopped
  /// and noted for the recovery.
  struct Exchange {
    BulkIn& owner;
    MessageId id;
    std::uint8_t tag = 0;
    std::size_t most = 0;  // bytes asked for
    Deadline until;
    std::size_t got = 0;   // bytes in the buffer, header included
    bool over = false;     // a wait was given up: nothing more is received
    bool goes_on = false;  // the last receive buffer was filled: no short packet has ended it yet
    UsbOutcome why = UsbOutcome::done;
    bool finished = false;
    ~Exchange();
  };

  Status exchange(std::span<std::byte> into, const spi::EndRule& rule, Call& call,
                  spi::ReadResult& result);
  void note_end(Exchange& now, const UsbEnd& end, std::size_t room) const noexcept;
  std::size_t wanted(std::size_t room, const spi::EndRule& rule) const noexcept;
  std::size_t first_piece(std::size_t most) const noexcept;
  bool is_rest(std::span<const std::byte> piece, bool ended, const Exchange& now) const;
  bool receive_first(Exchange& now, const Call& call);
  bool receive_more(Exchange& now, std::size_t whole, const Call& call);
  Status check(const Exchange& now, const AnswerHeader& header, Call& call) const;
  std::size_t true_size(Exchange& now, const AnswerHeader& header, const Call& call);
  Status give_up(Exchange& now, Call& call);
  Status take(Exchange& now, std::span<std::byte> into, const spi::EndRule& rule, Call& call,
              spi::ReadResult& result);
  Status finish_long(Exchange& now, const AnswerHeader& header, std::span<std::byte> into,
                     Call& call, spi::ReadResult& result);
  void note_missing_packet(const Exchange& now, std::size_t whole);

  TmcWire& wire_;
  Recovery& recovery_;
  const std::unique_ptr<UsbTransfer> request_;
  const std::unique_ptr<UsbTransfer> in_;
  Header header_{};  // of the request, while it is sent
  KeptBytes kept_;
  LongAnswer long_answer_;
};

}  // namespace visa::drivers::usb
