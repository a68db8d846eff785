// SPDX-License-Identifier: MIT
// device_write and device_read (B.6.3, B.6.4). A read ends when the reply reports END or the
// termination character and the caller has asked for that reason, or when the caller's count is
// reached; after a reply that ended for another reason, another device_read follows. Data beyond
// the caller's count are for its next read.
#include <algorithm>
#include <chrono>
#include <thread>

#include "drivers/vxi11/vxi11_link.h"

namespace visa::drivers::vxi11 {
namespace {

/// The results of device_read before its data: error, reason, length.
constexpr std::size_t kReadResults = 3 * kXdrWord;

/// requestSize is a word, and some servers read it as a signed number.
constexpr std::size_t kMostRequested = 0x7FFFFFFC;

constexpr std::chrono::milliseconds kPause{20};

/// More than a peer's receive buffer surely holds while the peer does not read.
constexpr std::size_t kLargeWrite = std::size_t{16} * 1024;

bool stops(std::uint32_t reason, const spi::EndRule& rule, spi::StopReason& stop) noexcept {
  // END comes first (6.1.1). 6.1.5: a termination character that is not enabled does not count.
  if ((reason & kReasonEnd) != 0 && !rule.suppress_end) {
    stop = spi::StopReason::end;
    return true;
  }
  stop = spi::StopReason::termchar;
  return (reason & kReasonTermChar) != 0 && rule.termchar_enabled;
}

/// 6.1.2, for an instrument that does not look for the termination character itself: some ignore
/// termchrset and never report END either, so that a further device_read would wait in vain.
bool ends_by_termchar(std::span<const std::byte> data, const spi::EndRule& rule) noexcept {
  return rule.termchar_enabled && !data.empty() && data.back() == std::byte{rule.termchar};
}

/// Whether a timeout of the instrument ends the call; else the instrument has a shorter limit of
/// its own.
bool last_word(const Call& call) noexcept {
  return call.deadline.is_immediate() || call.deadline.expired();
}

}  // namespace

spi::ReadResult Link::read(std::span<std::byte> into, const spi::EndRule& rule, Call& call) {
  if (into.empty()) return {};
  const GatePass pass(gate_, call);
  if (const Status status = enter(pass, call); failed(status)) return {status};
  if (const Status status = begin(call); failed(status)) return {status};
  if (const Status status = resynchronise(call, Rest::deliver); failed(status)) return {status};
  spi::ReadResult result;
  if ((owed_ || kept_.pending()) && deliver_rest(into, rule, result, call)) return result;
  return read_on(into, rule, result.count, call);
}

/// Delivers what an earlier read has left: the kept bytes, then those still in the connection. True
/// if that completes this read.
bool Link::deliver_rest(std::span<std::byte> into, const spi::EndRule& rule,
                        spi::ReadResult& result, Call& call) {
  Call waiting(call, budget(call, true).until);
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
  if (!kept_.flaw().empty()) {
    result.status = call.fail(Status::error_io, name_ + ": " + kept_.flaw());
  }
  kept_.clear();
  return failed(result.status);
}

/// Receives more of the owed reply: directly into the caller's buffer, or through kept_ if it has
/// to be searched for a termination character.
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
  TimeBudget budget = this->budget(call, true);
  while (result.count < into.size()) {
    const auto rest = into.subspan(result.count);
    Exchange ex{Procedure::device_read, kReadResults};
    ex.room = rest.first(std::min(rest.size(), kMostRequested));
    RpcRequest request(core(Procedure::device_read));
    request.arguments()
        .word(id_)
        .word(static_cast<std::uint32_t>(ex.room.size()))
        .word(budget.io_timeout)
        .word(0)  // lock_timeout: report another link's lock at once
        .word(rule.termchar_enabled ? kTermCharSet : 0)
        .word(rule.termchar_enabled ? rule.termchar : 0);
    result.status = exchange(ex, request, {}, budget.until, call);
    result.count += ex.count;
    if (failed(result.status)) return result;
    const bool whole = !owed_;  // else the reply has more data than was asked for
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
    if (result.status = go_on(ex, budget, call); failed(result.status)) return result;
  }
  return result;
}

/// Whether the transfer may continue after this reply: it reports no error, or a time limit of the
/// instrument's own, or the effect of a stray abort.
bool Link::may_go_on(const Exchange& ex, const Call& call) noexcept {
  if (ex.error() == kIoTimeout) return !last_word(call);
  return ex.error() == kNoError || strayed(ex);
}

/// Computes the time budget of the next exchange of this transfer.
Status Link::go_on(const Exchange& ex, TimeBudget& budget, Call& call) {
  // If the instrument reports its timeout early, pause before asking again.
  if (ex.error() == kIoTimeout && ex.count == 0) {
    const auto asked = std::chrono::milliseconds(budget.io_timeout);
    const bool early = call.deadline.is_infinite() || call.deadline.remaining() + kPause > asked;
    if (early) {
      std::this_thread::sleep_for(
          std::min<Deadline::Clock::duration>(kPause, call.deadline.remaining()));
    }
  }
  if (const Status status = begin(call); failed(status)) return late(status, call);
  if (!call.deadline.is_immediate()) budget = this->budget(call, false);
  return budget.until.expired() ? late(Status::error_tmo, call) : Status::success;
}

spi::WriteResult Link::write(std::span<const std::byte> data, bool end, Call& call) {
  if (data.empty()) return {};
  const GatePass pass(gate_, call);
  if (const Status status = enter(pass, call); failed(status)) return {status};
  if (const Status status = begin(call); failed(status)) return {status};
  // An instrument that still sends an over-long answer takes no large message: neither side would
  // read.
  const Rest rest_of_answer = data.size() > kLargeWrite ? Rest::skip : Rest::drop;
  if (const Status status = resynchronise(call, rest_of_answer); failed(status)) return {status};
  kept_.clear();  // they belong to the answer to an earlier message
  spi::WriteResult result;
  TimeBudget budget = this->budget(call, true);
  while (result.count < data.size()) {
    const auto rest = data.subspan(result.count);
    const auto piece = rest.first(std::min(rest.size(), piece_));
    const bool last = piece.size() == rest.size();
    Exchange ex{Procedure::device_write, 2 * kXdrWord};
    RpcRequest request(core(Procedure::device_write));
    request.arguments()
        .word(id_)
        .word(budget.io_timeout)
        .word(0)
        .word(last && end ? kEnd : 0)
        .word(static_cast<std::uint32_t>(piece.size()));
    result.status = exchange(ex, request, piece, budget.until, call);
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
                                                      "reason; clear the device (viClear)");
      return result;
    }
    if (result.status = go_on(ex, budget, call); failed(result.status)) return result;
  }
  return result;
}

}  // namespace visa::drivers::vxi11
