// SPDX-License-Identifier: MIT
// device_write and device_read (B.6.3, B.6.4). A read is over when the reply says END or names the
// termination character and the caller listens to that, or when the caller's count is there; a
// reply that stops for another reason is followed by another device_read.
#include <algorithm>
#include <chrono>
#include <thread>

#include "drivers/vxi11/vxi11_link.h"

namespace visa::drivers::vxi11 {
namespace {

/// The results of device_read before its data: error, reason, length.
constexpr std::size_t kReadResults = 3 * kXdrWord;

/// requestSize is a word, and some servers read it signed.
constexpr std::size_t kMostRequested = 0x7FFFFFFC;

constexpr std::chrono::milliseconds kPause{20};

bool stops(std::uint32_t reason, const spi::EndRule& rule, spi::StopReason& stop) noexcept {
  // END wins (6.1.1). 6.1.5: a termination character nobody asked for is none.
  if ((reason & kReasonEnd) != 0 && !rule.suppress_end) {
    stop = spi::StopReason::end;
    return true;
  }
  stop = spi::StopReason::termchar;
  return (reason & kReasonTermChar) != 0 && rule.termchar_enabled;
}

/// Whether a timeout of the instrument is one of the call: it may have a limit of its own.
bool last_word(const Call& call) noexcept {
  return call.deadline.is_immediate() || call.deadline.expired();
}

}  // namespace

spi::ReadResult Link::read(std::span<std::byte> into, const spi::EndRule& rule, Call& call) {
  if (into.empty()) return {};
  const GatePass pass(gate_, call);
  if (failed(pass.status())) return {pass.status()};
  if (const Status status = begin(call); failed(status)) return {status};
  if (const Status status = settle(call); failed(status)) return {status};
  spi::ReadResult result;
  if (!late_.empty() && deliver_late(into, rule, result)) return result;
  return read_on(into, rule, result.count, call);
}

/// What came too late for the read before. True where that is all of this read.
bool Link::deliver_late(std::span<std::byte> into, const spi::EndRule& rule,
                        spi::ReadResult& result) {
  auto rest = std::span(late_).subspan(late_taken_);
  if (rule.termchar_enabled) {
    const auto end = std::find(rest.begin(), rest.end(), std::byte{rule.termchar});
    if (end != rest.end()) {
      rest = rest.first(static_cast<std::size_t>(end - rest.begin()) + 1);
      result.reason = spi::StopReason::termchar;
    }
  }
  const bool cut = rest.size() > into.size();
  if (cut) {
    rest = rest.first(into.size());
    result.reason = spi::StopReason::count;
  }
  std::copy(rest.begin(), rest.end(), into.begin());
  result.count = rest.size();
  late_taken_ += rest.size();
  const bool all = late_taken_ == late_.size();
  if (all) {
    drop_late();
    late_.shrink_to_fit();
    spi::StopReason stop = result.reason;
    if (stops(late_reason_, rule, stop)) {
      result.reason = stop;
      return true;
    }
  }
  return !all || result.reason == spi::StopReason::termchar || result.count == into.size();
}

spi::ReadResult Link::read_on(std::span<std::byte> into, const spi::EndRule& rule,
                              std::size_t count, Call& call) {
  spi::ReadResult result{Status::success, count, spi::StopReason::count};
  Pace pace = this->pace(call, true);
  while (result.count < into.size()) {
    const auto rest = into.subspan(result.count);
    Exchange ex{Procedure::device_read, kReadResults};
    ex.asked = std::min(rest.size(), kMostRequested);
    ex.room = rest.first(ex.asked);
    RpcRequest request(core(Procedure::device_read));
    request.arguments()
        .word(id_)
        .word(static_cast<std::uint32_t>(ex.asked))
        .word(pace.io_timeout)
        .word(0)  // lock_timeout: a foreign lock is told at once
        .word(rule.termchar_enabled ? kTermCharSet : 0)
        .word(rule.termchar_enabled ? rule.termchar : 0);
    result.status = exchange(ex, request, {}, pace.until, call);
    result.count += ex.count;
    if (failed(result.status)) return result;
    if (ex.error() == kNoError) {
      if (stops(ex.words[1], rule, result.reason)) return result;
    } else if (ex.error() != kIoTimeout || last_word(call)) {
      result.status = instrument_error(ex, call);
      return result;
    }
    result.reason = spi::StopReason::count;
    if (result.count == into.size()) return result;
    if (result.status = go_on(ex, pace, call); failed(result.status)) return result;
  }
  return result;
}

/// Behind an exchange that did not end the transfer: what the next one has to be done in.
Status Link::go_on(const Exchange& ex, Pace& pace, Call& call) {
  // An instrument that does not wait is not asked as often as it can answer.
  if (ex.error() == kIoTimeout && ex.count == 0) {
    const auto asked = std::chrono::milliseconds(pace.io_timeout);
    const bool quick = call.deadline.is_infinite() || call.deadline.remaining() + kPause > asked;
    if (quick)
      std::this_thread::sleep_for(
          std::min<Deadline::Clock::duration>(kPause, call.deadline.remaining()));
  }
  if (const Status status = begin(call); failed(status)) return late(status, call);
  if (!call.deadline.is_immediate()) pace = this->pace(call, false);
  return pace.until.expired() ? late(Status::error_tmo, call) : Status::success;
}

spi::WriteResult Link::write(std::span<const std::byte> data, bool end, Call& call) {
  if (data.empty()) return {};
  const GatePass pass(gate_, call);
  if (failed(pass.status())) return {pass.status()};
  if (const Status status = begin(call); failed(status)) return {status};
  if (const Status status = settle(call); failed(status)) return {status};
  drop_late();  // the answer to an earlier question
  spi::WriteResult result;
  Pace pace = this->pace(call, true);
  while (result.count < data.size()) {
    const auto rest = data.subspan(result.count);
    const auto piece = rest.first(std::min(rest.size(), piece_));
    const bool last = piece.size() == rest.size();
    Exchange ex{Procedure::device_write, 2 * kXdrWord};
    RpcRequest request(core(Procedure::device_write));
    request.arguments()
        .word(id_)
        .word(pace.io_timeout)
        .word(0)
        .word(last && end ? kEnd : 0)
        .word(static_cast<std::uint32_t>(piece.size()));
    result.status = exchange(ex, request, piece, pace.until, call);
    if (failed(result.status)) return result;
    const std::size_t taken = ex.got == 2 ? std::min<std::size_t>(ex.words[1], piece.size()) : 0;
    result.count += taken;
    if (ex.error() != kNoError && (ex.error() != kIoTimeout || last_word(call))) {
      result.status = instrument_error(ex, call);
      return result;
    }
    if (result.count == data.size()) return result;
    if (ex.error() == kNoError && taken == 0) {
      result.status = call.fail(Status::error_io, rpc_.stream().peer() +
                                                      ": the instrument takes no data and gives no "
                                                      "reason");
      return result;
    }
    if (result.status = go_on(ex, pace, call); failed(result.status)) return result;
  }
  return result;
}

}  // namespace visa::drivers::vxi11
