// SPDX-License-Identifier: MIT
// Receives the rest of an answer whose size is known straight into the caller's buffer, with
// several transfers queued so that the bus is never idle. Used inside the gate of the device.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "drivers/usb/tmc_wire.h"
#include "lib/base/call.h"

namespace visa::drivers::usb {

class LongAnswer {
 public:
  /// The size of one queued transfer, and how many are queued. The kernel's memory for all USB
  /// transfers of the computer is 16 MiB by default; where it is used up, pieces become smaller.
  static constexpr std::size_t kPiece = std::size_t{1} << 20U;
  static constexpr std::size_t kLeastPiece = std::size_t{1} << 16U;
  static constexpr std::size_t kQueued = 4;

  explicit LongAnswer(TmcWire& wire) : wire_(wire) {}

  /// Receives `into.size()` bytes and the short packet after them. The count is what arrived in
  /// order, whatever the outcome. An answer that an unexpected short packet splits is read on.
  UsbEnd receive(std::span<std::byte> into, const Call& call, Deadline until);

  /// After `receive` has got everything: more than the answer came, and no short packet has ended
  /// it.
  bool goes_on() const noexcept { return goes_on_; }

  /// Ends what is running, so that `into` is not used any more.
  void stop() noexcept;

 private:
  struct Piece {
    std::unique_ptr<UsbTransfer> transfer;
    std::size_t at = 0;  // where its bytes begin in `into`
    std::size_t size = 0;
    bool last = false;  // goes to last_, for the bytes that do not fill a packet
  };

  UsbEnd receive_some(std::span<std::byte> into, const Call& call, Deadline until);
  void start(Piece& piece, std::span<std::byte> into);
  bool plan(Piece& piece, std::size_t& next, std::size_t whole);
  std::size_t collect(Piece& piece, UsbEnd end, std::size_t have, std::span<std::byte> into);
  void take_last(const Call& call, Deadline until);

  TmcWire& wire_;
  std::size_t size_ = kPiece;  // of a piece, now
  bool goes_on_ = false;
  std::array<Piece, kQueued> pieces_;
  std::vector<std::byte> last_;
};

}  // namespace visa::drivers::usb
