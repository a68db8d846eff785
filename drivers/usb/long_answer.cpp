// SPDX-License-Identifier: MIT
// Invariant: the queued pieces follow each other in `into` without a gap, in the order in which
// they were started, and the pipe fills them in that order. So when one of them comes short, the
// bytes of those after it are moved down.
#include "drivers/usb/long_answer.h"

#include <algorithm>
#include <chrono>
#include <cstring>

namespace visa::drivers::usb {
namespace {

/// An answer that comes in empty packets for ever is none.
constexpr int kMostEmpty = 16;
/// The empty packet after an answer that fills its last packet comes at once or never.
constexpr std::chrono::milliseconds kLastPacket{100};

}  // namespace

/// The next piece of an answer of `whole` bytes from `next` on. False: everything is queued.
bool LongAnswer::plan(Piece& piece, std::size_t& next, std::size_t whole) {
  const std::size_t packet = wire_.in.packet;
  const std::size_t left = whole - next;
  const std::size_t full = std::min(left, size_) / packet * packet;
  piece.at = next;
  piece.last = full == 0;
  piece.size = piece.last ? left : full;
  next += piece.size;
  return piece.size > 0;
}

void LongAnswer::start(Piece& piece, std::span<std::byte> into) {
  if (piece.transfer == nullptr) piece.transfer = wire_.usb.transfer(wire_.in.address);
  if (piece.last) {
    const std::size_t packet = wire_.in.packet;
    last_.resize(2 * packet);
    piece.transfer->start(
        std::span(last_).first(wire_.quirks.no_short_packet ? packet : 2 * packet), false);
  } else {
    piece.transfer->start(into.subspan(piece.at, piece.size), false);
  }
}

/// Puts what a piece received after the `have` bytes that are there.
std::size_t LongAnswer::collect(Piece& piece, UsbEnd end, std::size_t have,
                                std::span<std::byte> into) {
  // The last piece may hold more than was left for it when a short packet has split the answer.
  const std::size_t most = piece.last ? end.count : std::min(end.count, piece.size);
  if (piece.last) goes_on_ = !wire_.quirks.no_short_packet && end.count == last_.size();
  const std::size_t count = std::min(most, into.size() - have);
  const std::byte* const from = piece.last ? last_.data() : into.data() + piece.at;
  if (count > 0 && from != into.data() + have) std::memmove(into.data() + have, from, count);
  return have + count;
}

// One round: ends when everything came, when a piece failed, or when one came short.
UsbEnd LongAnswer::receive_some(std::span<std::byte> into, const Call& call, Deadline until) {
  std::size_t next = 0;
  std::size_t begun = 0;  // pieces started, and
  std::size_t ended = 0;  // pieces whose end was waited for
  UsbEnd sum;
  const auto begin_more = [&] {
    while (begun - ended < kQueued && plan(pieces_[begun % kQueued], next, into.size())) {
      start(pieces_[begun++ % kQueued], into);
    }
  };
  begin_more();
  while (ended < begun) {
    Piece& piece = pieces_[ended++ % kQueued];
    UsbEnd end = piece.transfer->wait(call, until);
    const UsbOutcome outcome = end.outcome;
    if (outcome == UsbOutcome::timed_out || outcome == UsbOutcome::cancelled) {
      end = piece.transfer->stop();
    }
    sum.count = collect(piece, end, sum.count, into);
    if (outcome == UsbOutcome::done && end.count >= piece.size) {
      begin_more();
      continue;
    }
    sum.outcome = outcome;
    for (; ended < begun; ++ended) {
      Piece& other = pieces_[ended % kQueued];
      sum.count = collect(other, other.transfer->stop(), sum.count, into);
    }
  }
  return sum;
}

void LongAnswer::stop() noexcept {
  for (Piece& piece : pieces_) {
    if (piece.transfer != nullptr) piece.transfer->stop();
  }
}

UsbEnd LongAnswer::receive(std::span<std::byte> into, const Call& call, Deadline until) {
  UsbEnd sum;
  int empty = 0;
  size_ = kPiece;
  goes_on_ = false;
  while (sum.count < into.size()) {
    const UsbEnd end = receive_some(into.subspan(sum.count), call, until);
    sum.count += end.count;
    sum.outcome = end.outcome;
    if (end.outcome == UsbOutcome::no_memory && (size_ > kLeastPiece || end.count > 0)) {
      size_ = std::max(size_ / 2, kLeastPiece);
      continue;
    }
    if (end.outcome != UsbOutcome::done) return sum;
    if (end.count == 0 && ++empty > kMostEmpty) {
      sum.outcome = UsbOutcome::failed;
      return sum;
    }
  }
  if (into.size() % wire_.in.packet == 0 && !wire_.quirks.no_short_packet) take_last(call, until);
  return sum;
}

// The answer is whole without it, so its failure is none. An instrument without it is remembered.
void LongAnswer::take_last(const Call& call, Deadline until) {
  Piece& piece = pieces_.front();
  last_.resize(2 * std::size_t{wire_.in.packet});
  piece.transfer->start(last_, false);
  const UsbEnd end = piece.transfer->wait(call, std::min(until, Deadline::after(kLastPacket)));
  if (end.outcome == UsbOutcome::timed_out || end.outcome == UsbOutcome::cancelled) {
    piece.transfer->stop();
    if (end.outcome == UsbOutcome::timed_out && !until.expired()) learn_missing_packet(wire_);
  }
  goes_on_ = end.outcome == UsbOutcome::done && end.count == last_.size();
}

}  // namespace visa::drivers::usb
