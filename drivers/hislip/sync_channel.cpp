// SPDX-License-Identifier: MIT
// Initialization, reads and what a read has to know about messages; sending stands in
// sync_sending.cpp, the device clear in device_clear.cpp.
#include "drivers/hislip/sync_channel.h"

#include <algorithm>
#include <utility>

#include "drivers/hislip/hislip_error.h"

namespace visa::drivers::hislip {
namespace {

/// An operation without time gives up after this many messages that do not end it.
constexpr int kMostMessages = 1000;

bool is_data(MessageType type) noexcept {
  return type == MessageType::data || type == MessageType::data_end;
}

bool is_error(MessageType type) noexcept {
  return type == MessageType::error || type == MessageType::fatal_error;
}

}  // namespace

SyncChannel::SyncChannel(std::unique_ptr<ByteStream> stream, SessionState& state)
    : stream_(std::move(stream)), state_(state), in_(*stream_), out_(*stream_) {}

bool SyncChannel::over(const Call& call, int messages) noexcept {
  return call.deadline.is_immediate() ? messages > kMostMessages
                                      : messages > 0 && call.deadline.expired();
}

void SyncChannel::wake() noexcept {
  reading_.wake();
  writing_.wake();
  stream_->wake();
}

/// Mode and device clear may change while the call waits, so it then takes its gates anew.
Status SyncChannel::Entry::take_gates(SyncChannel& channel, Kind kind, Call& call) {
  const auto must_be_alone = [&] {
    return kind == Kind::clear || !channel.state_.overlap() || channel.clearing_ != Clearing::no;
  };
  for (;;) {
    const bool alone = must_be_alone();
    Status status = Status::success;
    if (alone || kind == Kind::read) status = reading_.emplace(channel.reading_, call).status();
    if (ok(status) && (alone || kind == Kind::write)) {
      status = writing_.emplace(channel.writing_, call).status();
    }
    if (failed(status) || alone || !must_be_alone()) return status;
    writing_.reset();
    reading_.reset();
  }
}

SyncChannel::Entry::Entry(SyncChannel& channel, Kind kind, Call& call)
    : status_(take_gates(channel, kind, call)) {
  if (ok(status_) && kind != Kind::clear && channel.clearing_ != Clearing::no) {
    status_ = channel.continue_clear(call);
  }
  if (ok(status_) && channel.ended_.load(std::memory_order_acquire)) {
    status_ = call.fail(Status::error_conn_lost, channel.stream_->peer() + ": " + channel.fatal_);
  }
}

/// Whether an answer belongs to the last message that was sent (3.1.2, rules 1, 2 and 4).
bool SyncChannel::belongs(const Header& header) const noexcept {
  if (state_.overlap()) return true;
  if (static_cast<int>(async_->interrupted() - interrupted_) > 0) return false;
  return header.parameter == state_.last_sent() ||
         (header.type == MessageType::data && header.parameter == kUnknownId);
}

/// The rest of a message that no read delivers; of an Error or FatalError the text.
Status SyncChannel::pass_over(std::span<const std::byte> placed, Call& call) {
  if (!is_error(in_.header().type)) return in_.skip(call);
  text_.append(reinterpret_cast<const char*>(placed.data()), std::min(placed.size(), kMostText));
  if (const Status status = in_.collect(text_, call); failed(status)) return status;
  return report(call);
}

Status SyncChannel::report(Call& call) {
  const bool fatal = in_.header().type == MessageType::fatal_error;
  std::string text = describe(in_.header(), std::exchange(text_, {}));
  if (fatal && !ended_) {
    fatal_ = text + "; close this session and open it again";
    ended_.store(true, std::memory_order_release);  // for a thread that writes meanwhile
  }
  return call.fail(fatal ? Status::error_conn_lost : Status::error_io,
                   stream_->peer() + ": " + (fatal ? fatal_ : text));
}

/// Goes on to a message that a read delivers. `got` bytes of its payload are in `room`. `count` is
/// what the read has delivered so far: an answer that turns out to be abandoned takes it back.
Status SyncChannel::take_message(std::span<std::byte> room, std::optional<std::byte> stop,
                                 std::size_t& count, std::size_t& got, Call& call) {
  for (int messages = 0; !inside_; ++messages) {
    if (over(call, messages)) return Status::error_tmo;
    got = 0;
    if (!unhandled_) {
      if (in_.left() > 0) {
        if (const Status status = pass_over({}, call); failed(status)) return status;
        continue;
      }
      const auto direct = room.subspan(count);
      if (const Status status = in_.next(direct, stop, got, call); failed(status)) return status;
    }
    unhandled_ = false;
    const Header& header = in_.header();
    inside_ = is_data(header.type) && belongs(header);
    if (inside_) break;
    if (header.type == MessageType::interrupted) ++interrupted_;
    const std::span<const std::byte> placed = room.subspan(count, got);
    const bool abandons = is_data(header.type) || header.type == MessageType::interrupted;
    if (const Status status = pass_over(placed, call); failed(status)) return status;
    if (abandons && !state_.overlap()) count = 0;
  }
  return Status::success;
}

spi::ReadResult SyncChannel::read(std::span<std::byte> into, const spi::EndRule& rule, Call& call) {
  const Entry entry(*this, Entry::Kind::read, call);
  if (failed(entry.status())) return {entry.status()};
  if (into.empty()) return {};
  std::optional<std::byte> stop;
  if (rule.termchar_enabled) stop = std::byte{rule.termchar};
  std::size_t count = 0;
  for (int late = 0;;) {
    std::size_t got = 0;
    Status status =
        late > kMostMessages ? Status::error_tmo : take_message(into, stop, count, got, call);
    if (ok(status) && got == 0 && in_.left() > 0) {
      const StreamResult more = in_.payload(into.subspan(count), stop, call);
      status = more.status;
      got = more.count;
    }
    if (status == Status::error_tmo) status = no_answer(rule, count, call);
    if (failed(status)) return {status, count};
    count += got;
    if (in_.left() == 0) {
      inside_ = false;
      const bool end = in_.header().type == MessageType::data_end;
      if (end) state_.delivered(in_.header().parameter);
      if (end && !rule.suppress_end) return {Status::success, count, spi::StopReason::end};
    }
    if (stop && got > 0 && into[count - 1] == *stop) {
      return {Status::success, count, spi::StopReason::termchar};
    }
    if (count == into.size()) return {Status::success, count, spi::StopReason::count};
    if (call.deadline.expired()) ++late;  // what is there is taken, but the peer may send for ever
  }
}

Status SyncChannel::no_answer(const spi::EndRule& rule, std::size_t count, Call& call) const {
  if (call.deadline.is_immediate()) return Status::error_tmo;
  std::string text = stream_->peer();
  if (count == 0) {
    text += ": no answer in time; was it a query, and does another program hold the lock?";
  } else if (rule.suppress_end) {
    text += ": the answer was shorter than the count, and VI_ATTR_SUPPRESS_END_EN is on";
  } else {
    text += ": the answer did not reach its end in time";
  }
  return call.fail(Status::error_tmo, text);
}

Result<Header> SyncChannel::initialize(const Header& message, std::span<const std::byte> payload,
                                       MessageType answer, Call& call) {
  const MessageWriter::Sent sent = out_.send(message, payload, call);
  if (failed(sent.status)) return sent.status;
  for (int messages = 0;; ++messages) {
    if (over(call, messages)) return Status::error_tmo;
    std::size_t placed = 0;
    if (const Status status = in_.next({}, std::nullopt, placed, call); failed(status)) {
      return status;
    }
    const Header header = in_.header();
    text_.clear();
    if (const Status status = in_.collect(text_, call); failed(status)) return status;
    if (header.type == answer) return header;
    if (is_error(header.type)) {
      return call.fail(open_status(header), stream_->peer() + ": " + describe(header, text_));
    }
  }
}

}  // namespace visa::drivers::hislip
