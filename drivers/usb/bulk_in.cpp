// SPDX-License-Identifier: MIT
// USBTMC 1.0, 3.3: one request is answered by one transfer, which begins with a header and ends
// with a short packet. Invariant: between two calls no transfer is running, and no request is open
// unless the recovery knows of it.
#include "drivers/usb/bulk_in.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>

#include "drivers/libusb/usb_error.h"

namespace visa::drivers::usb {
namespace {

/// The shortest wait for an answer (VI_TMO_IMMEDIATE).
constexpr std::chrono::milliseconds kLeastWait{10};
/// Transfers before the answer that are left of answers before.
constexpr int kMostEmpty = 4;
/// The most that is received at once into the buffer.
constexpr std::size_t kMostReceived = std::size_t{1} << 20U;
/// An answer with a tag so much older than that of the request is one that came late.
constexpr std::uint8_t kMostAge = 16;
/// The longest answer that is received by the length of its block.
constexpr std::size_t kMostBlock = std::size_t{256} << 20U;

/// The size of the IEEE 488.2 block at the start of `bytes`; 0 where there is none.
std::size_t block_size(std::span<const std::byte> bytes) noexcept {
  const auto character = [&](std::size_t at) { return static_cast<char>(bytes[at]); };
  if (bytes.size() < 3 || character(0) != '#') return 0;
  const int digits = character(1) - '0';
  if (digits < 1 || digits > 9) return 0;
  const std::size_t head = 2 + static_cast<std::size_t>(digits);
  if (bytes.size() < head) return 0;
  std::size_t length = 0;
  for (std::size_t at = 2; at < head; ++at) {
    if (character(at) < '0' || character(at) > '9') return 0;
    length = 10 * length + static_cast<std::size_t>(character(at) - '0');
  }
  return std::min(head + length, kMostBlock);
}

}  // namespace

BulkIn::BulkIn(TmcWire& wire, Recovery& recovery)
    : wire_(wire),
      recovery_(recovery),
      request_(wire.usb.transfer(wire.out.address)),
      in_(wire.usb.transfer(wire.in.address)),
      long_answer_(wire) {}

spi::ReadResult BulkIn::read(std::span<std::byte> into, const spi::EndRule& rule, Call& call) {
  spi::ReadResult result;
  if (into.empty()) return result;
  while (!kept_.deliver(into, rule, result)) {
    const std::size_t before = result.count;
    result.status = exchange(into, rule, call, result);
    if (failed(result.status)) return result;
    if (result.count > before || !kept_.empty()) continue;
    if (call.cancelled()) result.status = Status::error_abort;
    if (call.deadline.expired() && !kept_.ended()) {
      result.status = fail(UsbOutcome::timed_out, wire_.label, "reading", call);
    }
    if (failed(result.status)) return result;
  }
  return result;
}

std::size_t BulkIn::wanted(std::size_t room, const spi::EndRule& rule) const noexcept {
  std::size_t most = std::max(room, kLeastRequested);
  // A termination character that the instrument does not look for is looked for in the buffer.
  if (rule.termchar_enabled && !wire_.capabilities.termchar) {
    most = std::min(most, kFirstPiece - kHeaderSize);
  }
  return std::min<std::size_t>(most, wire_.quirks.most_requested);
}

// The size of the first receive buffer. The instrument may add up to a packet less one byte to what
// was asked for; where no short packet ends an answer, only the header tells how long it is.
std::size_t BulkIn::first_piece(std::size_t most) const noexcept {
  const std::size_t packet = wire_.in.packet;
  if (wire_.quirks.no_short_packet) return round_up(kHeaderSize, packet);
  const std::size_t whole = round_up(most + kHeaderSize, packet) + packet;
  return std::min(whole, round_up(kFirstPiece, packet) + packet);
}

/// Whether `piece` is left of an answer before: it is too short for a header, or it is a whole
/// answer
/// (`ended`) to one of the last requests, which came after that was given up.
bool BulkIn::is_rest(std::span<const std::byte> piece, bool ended, const Exchange& now) const {
  if (piece.size() < kHeaderSize) return piece.empty() || wire_.quirks.block_length;
  const AnswerHeader header = read_answer_header(piece.first<kHeaderSize>());
  const auto age = static_cast<std::uint8_t>(now.tag - header.tag);
  return ended && header.answers(now.id, header.tag) && age > 0 && age <= kMostAge;
}

/// Each receive buffer has a packet more than the answer may take, so only one that the instrument
/// may not go on from is filled. Where no short packet ends an answer, full buffers say nothing.
void BulkIn::note_end(Exchange& now, const UsbEnd& end, std::size_t room) const noexcept {
  now.goes_on = !now.over && end.count == room && !wire_.quirks.no_short_packet;
}

// Sends the request and receives the first piece of the answer. False: nothing came in time.
bool BulkIn::receive_first(Exchange& now, const Call& call) {
  const auto buffer = kept_.room(first_piece(now.most)).first(first_piece(now.most));
  request_->start(header_, true);
  for (int empty = 0;; ++empty) {
    in_->start(buffer, false);
    UsbEnd end = in_->wait(call, now.until, request_.get());
    now.why = end.outcome;
    now.over = end.outcome != UsbOutcome::done;
    if (now.over) end = in_->stop();
    now.got = end.count;
    note_end(now, end, buffer.size());
    const bool rest = !now.over && is_rest(buffer.first(end.count), end.count < buffer.size(), now);
    if (!rest || empty == kMostEmpty) return now.got >= kHeaderSize;
  }
}

// Receives until `whole` bytes are in the buffer, and the empty packet after them where they filled
// what there was room for.
bool BulkIn::receive_more(Exchange& now, std::size_t whole, const Call& call) {
  const std::size_t packet = wire_.in.packet;
  int empty = 0;
  while ((now.got < whole || (now.got == whole && now.goes_on)) && !now.over) {
    // In pieces: the instrument may say any length, and memory is for what it sends.
    const std::size_t size = round_up(std::min(whole - now.got, kMostReceived), packet) +
                             (wire_.quirks.no_short_packet ? 0 : packet);
    in_->start(kept_.room(now.got + size, now.got).subspan(now.got, size), false);
    UsbEnd end = in_->wait(call, now.until);
    now.why = end.outcome;
    now.over = end.outcome != UsbOutcome::done;
    if (now.over) end = in_->stop();
    now.got += end.count;
    note_end(now, end, size);
    if (end.count == 0 && !now.over && ++empty == kMostEmpty) {
      now.over = true;
      now.why = UsbOutcome::failed;
    }
  }
  return now.got >= whole;
}

Status BulkIn::check(const Exchange& now, const AnswerHeader& header, Call& call) const {
  const bool right =
      wire_.quirks.any_message_id ? header.tag_is(now.tag) : header.answers(now.id, now.tag);
  if (!right) {
    return call.fail(Status::error_inp_prot_viol,
                     wire_.label + ": the answer belongs to another request (id " +
                         std::to_string(header.id) + ", tag " + std::to_string(header.tag) +
                         " instead of " + std::to_string(now.tag) + "); it was dropped");
  }
  if (header.size > now.most && !wire_.quirks.block_length) {
    return call.fail(Status::error_inp_prot_viol, wire_.label + ": the answer has " +
                                                      std::to_string(header.size) +
                                                      " bytes where " + std::to_string(now.most) +
                                                      " were asked for; it was dropped");
  }
  return Status::success;
}

/// The size of the answer: that of the header, or that of its block where the header is wrong.
std::size_t BulkIn::true_size(Exchange& now, const AnswerHeader& header, const Call& call) {
  if (!wire_.quirks.block_length) return header.size;
  constexpr std::size_t kLongestHead = 11;
  const std::size_t head = std::min<std::size_t>(header.size, kLongestHead);
  if (!receive_more(now, kHeaderSize + head, call)) return header.size;
  const auto buffer = kept_.room(now.got, now.got);
  const std::size_t block = block_size(buffer.subspan(kHeaderSize, now.got - kHeaderSize));
  if (block == 0) return std::min(std::size_t{header.size}, kMostBlock);
  if (block <= header.size) return header.size;
  receive_more(now, kHeaderSize + block, call);
  const std::size_t end = kHeaderSize + block;  // a line feed may follow in the same packet
  const bool line = now.got > end && kept_.room(now.got, now.got)[end] == std::byte{'\n'};
  return block + (line ? 1 : 0);
}

// An answer that is whole while its transfer goes on is kept; the rest has to be aborted, because
// no request may be sent before the end of the answer to the last one (3.2.1.2).
BulkIn::Exchange::~Exchange() {
  const UsbEnd request = owner.request_->stop();
  if (finished && !goes_on) return;
  if (!finished) {
    owner.in_->stop();
    owner.long_answer_.stop();
    owner.kept_.drop();
  }
  if (request.count < kHeaderSize) {
    owner.recovery_.note_out(tag);
  } else {
    owner.recovery_.note_in(tag);
  }
}

// After what came was taken. `now.why` is done where the answer was wrong.
Status BulkIn::give_up(Exchange& now, Call& call) {
  const UsbEnd request = request_->stop();
  if (now.why == UsbOutcome::stalled && request.outcome != UsbOutcome::stalled) {
    wire_.usb.clear_halt(wire_.in.address, call, now.until);
  }
  return now.why == UsbOutcome::done ? Status::error_inp_prot_viol
                                     : fail(now.why, wire_.label, "reading", call);
}

// The wait ended by its deadline although everything is there: this instrument sends no short
// packet.
void BulkIn::note_missing_packet(const Exchange& now, std::size_t whole) {
  if (now.why == UsbOutcome::timed_out && now.got == whole && whole % wire_.in.packet == 0) {
    learn_missing_packet(wire_);
  }
}

Status BulkIn::finish_long(Exchange& now, const AnswerHeader& header, std::span<std::byte> into,
                           Call& call, spi::ReadResult& result) {
  kept_.keep(kHeaderSize, now.got - kHeaderSize, false, false);
  const std::size_t rest = header.size - (now.got - kHeaderSize);
  kept_.deliver(into, spi::EndRule{}, result);
  const UsbEnd end = long_answer_.receive(into.subspan(result.count, rest), call, now.until);
  result.count += end.count;
  if (end.count < rest) {
    now.why = end.outcome;
    return give_up(now, call);
  }
  now.goes_on = long_answer_.goes_on();
  kept_.note_end(header.end, header.termchar);
  return Status::success;
}

Status BulkIn::exchange(std::span<std::byte> into, const spi::EndRule& rule, Call& call,
                        spi::ReadResult& result) {
  if (const Status ready = recovery_.settle(call); failed(ready)) return ready;
  Status status = Status::success;
  bool goes_on = false;
  {
    Exchange now{
        .owner = *this,
        .id = rule.protocol == VI_PROT_USBTMC_VENDOR ? MessageId::vendor_in : MessageId::dev_dep_in,
        .tag = wire_.tag.next(),
        .most = wanted(into.size() - result.count, rule),
        .until = with_least(call.deadline, kLeastWait)};
    const bool by_instrument = rule.termchar_enabled && wire_.capabilities.termchar;
    header_ = request_header(now.id, now.tag, static_cast<std::uint32_t>(now.most),
                             by_instrument ? std::optional(rule.termchar) : std::nullopt);
    status = take(now, into, rule, call, result);
    now.finished = ok(status);
    goes_on = now.goes_on;
  }
  if (failed(status) || goes_on) recovery_.begin();
  return status;
}

// Sends the request and takes the answer.
Status BulkIn::take(Exchange& now, std::span<std::byte> into, const spi::EndRule& rule, Call& call,
                    spi::ReadResult& result) {
  if (!receive_first(now, call)) {
    if (!now.over) call.detail = wire_.label + ": the answer has no header; it was dropped";
    return give_up(now, call);
  }
  const auto bytes = kept_.room(now.got, now.got).first<kHeaderSize>();
  const AnswerHeader header = read_answer_header(bytes);
  if (const Status right = check(now, header, call); failed(right)) return right;
  const std::size_t room = into.size() - result.count;
  if (!now.over && header.size > kFirstPiece && header.size <= room &&
      now.got < kHeaderSize + header.size && !wire_.quirks.block_length) {
    return finish_long(now, header, into, call, result);
  }
  const std::size_t size = true_size(now, header, call);
  const std::size_t whole = kHeaderSize + size;
  if (!receive_more(now, whole, call)) {
    kept_.keep(kHeaderSize, now.got - kHeaderSize, false, false);
    spi::EndRule partial = rule;
    partial.termchar_enabled = false;
    kept_.deliver(into, partial, result);
    return give_up(now, call);
  }
  note_missing_packet(now, whole);
  kept_.keep(kHeaderSize, size, header.end, header.termchar);
  return Status::success;
}

}  // namespace visa::drivers::usb
