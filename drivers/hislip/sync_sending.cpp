// SPDX-License-Identifier: MIT
// Sending on the synchronous connection. In synchronized mode a message makes what the instrument
// still sends worthless, and an instrument that is busy sending it takes nothing; so while a send
// is stuck, those answers are thrown away.
#include <algorithm>
#include <chrono>

#include "drivers/hislip/sync_channel.h"

namespace visa::drivers::hislip {
namespace {

using namespace std::chrono_literals;

/// How long a send is stuck before arrived answers are thrown away, and from then on between two
/// looks.
constexpr auto kStuck = 50ms;

/// The piece size for an instrument whose limit leaves no room for a payload.
constexpr std::size_t kSmallPiece = 1024;

}  // namespace

void SyncChannel::set_message_limit(std::uint64_t size) noexcept {
  // Some instruments count the header, some do not; this suits both.
  const std::uint64_t piece = size > kHeaderSize ? size - kHeaderSize : kSmallPiece;
  piece_ = static_cast<std::size_t>(std::min<std::uint64_t>(piece, kMostPiece));
}

Status SyncChannel::drop_arrived(Call& call) {
  if (unhandled_) return Status::success;
  const Result<bool> stopped = in_.discard_arrived(call);
  if (!stopped) return stopped.status();
  unhandled_ = *stopped;
  return Status::success;
}

/// Repeats `attempt(Call&)` until it ends otherwise than by the short time it is given.
template <class Attempt>
Status SyncChannel::push(Attempt&& attempt, Call& call) {
  if (state_.overlap() && clearing_ == Clearing::no) return attempt(call);
  for (;;) {
    Call piece(call, std::min(call.deadline, Deadline::after(kStuck)));
    const Status status = attempt(piece);
    if (status != Status::error_tmo || call.deadline.expired()) {
      if (!piece.detail.empty()) call.detail = std::move(piece.detail);
      return status;
    }
    if (const Status dropped = drop_arrived(call); failed(dropped)) return dropped;
  }
}

/// Sends the rest of a message that an earlier call left unfinished.
Status SyncChannel::finish_message(Call& call) {
  return push([&](Call& piece) { return out_.finish(piece); }, call);
}

/// The id and the flag of a message, given back if nothing of it was sent, also where the thread is
/// ended by force.
struct SyncChannel::Numbering {
  Numbering(SessionState& of, const bool& sent) noexcept
      : state(of), begun(sent), rmt(of.take_rmt()), id(of.take_id()) {}
  ~Numbering() {
    if (begun) return;
    state.return_id();
    state.return_rmt(rmt);
  }
  Numbering(const Numbering&) = delete;
  Numbering& operator=(const Numbering&) = delete;

  SessionState& state;
  const bool& begun;
  const std::uint8_t rmt;
  const std::uint32_t id;
};

/// `begun`: the instrument gets all of the message, if need be with a later one.
Status SyncChannel::send(MessageType type, std::span<const std::byte> payload, bool& begun,
                         Call& call) {
  begun = false;
  Status status = finish_message(call);
  if (ok(status)) {
    const Numbering number(state_, begun);
    const Header header{type, number.rmt, number.id, 0};
    status = push(
        [&](Call& piece) {
          if (begun) return out_.finish(piece);
          const MessageWriter::Sent sent = out_.send(header, payload, piece);
          begun = sent.begun;
          return sent.status;
        },
        call);
  }
  if (status != Status::error_tmo || call.deadline.is_immediate()) return status;
  return call.fail(status,
                   stream_->peer() +
                       ": the instrument does not take the data; is it busy, or does another "
                       "program hold the lock?");
}

/// 3.1.2, rules 3 and 4: an answer that was not read is given up, and after an Interrupted nothing
/// is sent before its AsyncInterrupted has come.
Status SyncChannel::prepare_send(Call& call) {
  if (state_.overlap()) return Status::success;
  inside_ = false;
  if (static_cast<int>(interrupted_ - async_->interrupted()) <= 0) return Status::success;
  const Status status = async_->await_interrupted(interrupted_, call);
  if (status != Status::error_tmo) return status;
  return call.fail(status, stream_->peer() +
                               ": the instrument interrupted an answer and has not said so on its "
                               "asynchronous connection; viClear brings both in step");
}

spi::WriteResult SyncChannel::write(std::span<const std::byte> data, bool end, Call& call) {
  const Entry entry(*this, Entry::Kind::write, call);
  if (failed(entry.status())) return {entry.status()};
  if (const Status status = prepare_send(call); failed(status)) return {status};
  std::size_t count = 0;
  do {
    const auto piece = data.subspan(count, std::min(data.size() - count, piece_.load()));
    const bool last = count + piece.size() == data.size();
    bool begun = false;
    const Status status =
        send(last && end ? MessageType::data_end : MessageType::data, piece, begun, call);
    if (begun) count += piece.size();
    if (failed(status)) return {status, count};
    const bool over = !call.deadline.is_immediate() && call.deadline.expired();
    if (over && count < data.size()) {
      return {call.fail(Status::error_tmo, stream_->peer() +
                                               ": the time was over before all data was sent; "
                                               "VI_ATTR_TMO_VALUE is the time for the whole write"),
              count};
    }
  } while (count < data.size());
  return {Status::success, count};
}

Status SyncChannel::trigger(Call& call) {
  const Entry entry(*this, Entry::Kind::write, call);
  if (failed(entry.status())) return entry.status();
  if (const Status status = prepare_send(call); failed(status)) return status;
  bool begun = false;
  return send(MessageType::trigger, {}, begun, call);
}

}  // namespace visa::drivers::hislip
