// SPDX-License-Identifier: MIT
// device_write and device_read (B.6.3, B.6.4). A read is over when the reply says END or names the
// termination character and the caller listens to that, or when the caller's count is there; a
// reply that stops for another reason is followed by another device_read. What a reply has beyond
// the caller's count is for his next read.
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

/// 6.1.2, of an instrument that does not look for the termination character itself: some ignore
/// termchrset and never say END either, and what follows such a byte would be waited for in vain.
bool ends_by_termchar(std::span<const std::byte> data, const spi::EndRule& rule) noexcept {
  return rule.termchar_enabled && !data.empty() && data.back() == std::byte{rule.termchar};
}

/// Whether a timeout of the instrument is one of the call: it may have a limit of its own.
bool last_word(const Call& call) noexcept {
  return call.deadline.is_immediate() || call.deadline.expired();
}

}  // namespace

spi::ReadResult Link::read(std::span<std::byte> into, const spi::EndRule& rule, Call& call) {
  if (into.empty()) return {};
  const GatePass pass(gate_, call);
  if (const Status status = enter(pass, call); failed(status)) return {status};
  if (const Status status = begin(call); failed(status)) return {status};
  if (const Status status = settle(call, Rest::deliver); failed(status)) return {status};
  spi::ReadResult result;
  if ((owed_ || kept_.pending()) && deliver_rest(into, rule, result, call)) return result;
  return read_on(into, rule, result.count, call);
}

/// What a read before has left: the bytes kept, then those still in the connection. True where that
/// is all of this read.
bool Link::deliver_rest(std::span<std::byte> into, const spi::EndRule& rule,
                        spi::ReadResult& result, Call& call) {
  Call waiting(call, pace(call, true).until);
  for (bool streamed = false;;) {
    bool termchar = false;
    result.count += kept_.hand_out(into.subspan(result.count), rule, termchar);
    const bool all = kept_.empty() && !owed_;
    if (all && kept_.flaw().empty() && stops(kept_.reason(), rule, result.reason)) {
      kept_.clear();
      return true;
    }
    result.reason = termchar ? spi::StopReason::termchar : spi::StopReason::count;
    if (termchar || result.count == into.size()) return true;
    if (all) break;
    result.status = streamed && waiting.deadline.expired()
                        ? late(Status::error_tmo, waiting)
                        : stream(into.subspan(result.count), rule, result, waiting);
    streamed = true;
    if (failed(result.status)) {
      call.detail = std::move(waiting.detail);
      return true;
    }
  }
  if (!kept_.flaw().empty())
    result.status = call.fail(Status::error_io, name_ + ": " + kept_.flaw());
  kept_.clear();
  return failed(result.status);
}

/// More of the reply that is owed: straight to the caller, or by way of kept_ where a termination
/// character may be in it.
Status Link::stream(std::span<std::byte> into, const spi::EndRule& rule, spi::ReadResult& result,
                    Call& call) {
  const std::size_t left = owed_->data_size - owed_->count;
  StreamResult moved;
  if (rule.termchar_enabled) {
    const auto room = kept_.room(left);
    moved = rpc_->take_some(room, call);
    kept_.unused(room.size() - moved.count);
  } else {
    moved = rpc_->take(into.first(std::min(into.size(), left)), call);
    result.count += moved.count;
  }
  owed_->count += moved.count;
  if (failed(moved.status)) return late(moved.status, call);
  const bool cut = moved.count < (rule.termchar_enabled ? 1 : std::min(into.size(), left));
  if (cut) kept_.spoil("the instrument sent a reply that is cut short");
  if (cut || owed_->count == owed_->data_size) close_owed();
  return Status::success;
}

spi::ReadResult Link::read_on(std::span<std::byte> into, const spi::EndRule& rule,
                              std::size_t count, Call& call) {
  spi::ReadResult result{Status::success, count, spi::StopReason::count};
  Pace pace = this->pace(call, true);
  while (result.count < into.size()) {
    const auto rest = into.subspan(result.count);
    Exchange ex{Procedure::device_read, kReadResults};
    ex.room = rest.first(std::min(rest.size(), kMostRequested));
    RpcRequest request(core(Procedure::device_read));
    request.arguments()
        .word(id_)
        .word(static_cast<std::uint32_t>(ex.room.size()))
        .word(pace.io_timeout)
        .word(0)  // lock_timeout: a foreign lock is told at once
        .word(rule.termchar_enabled ? kTermCharSet : 0)
        .word(rule.termchar_enabled ? rule.termchar : 0);
    result.status = exchange(ex, request, {}, pace.until, call);
    result.count += ex.count;
    if (failed(result.status)) return result;
    const bool whole = !owed_;  // else there is more of it than was asked for
    if (ex.error() == kNoError && whole && stops(ex.words[1], rule, result.reason)) return result;
    const bool answered = ex.error() == kNoError || ex.error() == kIoTimeout;
    if (answered && ends_by_termchar(ex.room.first(ex.count), rule)) {
      result.reason = spi::StopReason::termchar;
      return result;
    }
    if (!may_go_on(ex, call)) {
      result.status = instrument_error(ex, call);
      return result;
    }
    result.reason = spi::StopReason::count;
    if (result.count == into.size()) return result;
    if (result.status = go_on(ex, pace, call); failed(result.status)) return result;
  }
  return result;
}

/// Whether the transfer goes on after this reply: it says nothing against it, or speaks of a limit
/// of the instrument's own.
bool Link::may_go_on(const Exchange& ex, const Call& call) noexcept {
  if (ex.error() == kIoTimeout) return !last_word(call);
  return ex.error() == kNoError || strayed(ex);
}

/// After an exchange that did not end the transfer: what the next one has to be done in.
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
  if (const Status status = enter(pass, call); failed(status)) return {status};
  if (const Status status = begin(call); failed(status)) return {status};
  if (const Status status = settle(call, Rest::drop); failed(status)) return {status};
  kept_.clear();  // the answer to an earlier question
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
    if (!may_go_on(ex, call)) {
      result.status = instrument_error(ex, call);
      return result;
    }
    if (result.count == data.size()) return result;
    if (ex.error() == kNoError && taken == 0) {
      result.status = call.fail(Status::error_io, name_ +
                                                      ": the instrument takes no data and gives no "
                                                      "reason");
      return result;
    }
    if (result.status = go_on(ex, pace, call); failed(result.status)) return result;
  }
  return result;
}

}  // namespace visa::drivers::vxi11
