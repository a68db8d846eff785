// SPDX-License-Identifier: MIT
// Invariant: while owes_ is true exactly one closing line is to come, unless it was lost; then
// out_of_step_ leads to resynchronise before anything else is sent.
#include "drivers/gpib/prologix_link.h"

#include <algorithm>
#include <array>
#include <utility>

namespace visa::drivers::gpib {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kVersion = "++ver\n";
/// An answer whose last byte is the mark is over if nothing comes for that long.
constexpr milliseconds kQuiet{20};
/// No answer of an adapter to a question is longer.
constexpr std::size_t kLongestReply = 4096;
/// Values that a timer gets to tell old answers from new ones; no program's timeout is likely to be
/// one of them.
constexpr int kFirstToken = 2003;
constexpr int kTokens = 990;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

/// Whether `sent` ends with the end of a line. An LF after ESC is data, and of one that went out
/// alone it is not known.
bool ends_line(std::string_view sent) {
  return sent.size() > 1 && sent.back() == '\n' && sent[sent.size() - 2] != '\x1B';
}

/// For loops that end with what the peer sends: it must not hold a call longer than its deadline.
bool too_late(const Call& call) {
  return !call.deadline.is_immediate() && call.deadline.expired();
}

}  // namespace

PrologixLink::PrologixLink(std::unique_ptr<ByteStream> stream, const AdapterDialect& dialect,
                           std::string closing, milliseconds grace)
    : stream_(std::move(stream)),
      dialect_(dialect),
      name_(std::string(dialect.label) + " at " + stream_->peer()),
      grace_(grace),
      answer_(std::move(closing), dialect.end_mark) {}

std::string PrologixLink::timer_line(int milliseconds) {
  const int wanted = std::clamp(milliseconds, 1, kLongestTimer);
  if (wanted == timer_ms_) return {};
  timer_ms_ = wanted;
  return "++read_tmo_ms " + std::to_string(wanted) + "\n";
}

StreamResult PrologixLink::send(std::string_view lines, Call& call) {
  if (out_of_step_) {
    if (const Status status = resynchronise(call); failed(status)) return {status, 0};
  }
  // The rest of a line that went out in part is lost; the second LF is for an ESC at its end.
  std::string ended;
  if (inside_line_) ended = "\n\n" + std::string(lines);
  const std::string_view out = inside_line_ ? ended : lines;
  StreamResult sent = stream_->send(bytes_of(out), call);
  active_ = Deadline::Clock::now();
  if (sent.count > 0) {
    inside_line_ = sent.count < out.size() && !ends_line(out.substr(0, sent.count));
  }
  if (failed(sent.status) && sent.count < out.size()) timer_ms_ = 0;
  if (sent.status == Status::error_tmo) {
    call.fail(sent.status, name_ + ": the adapter does not take the data");
  }
  sent.count -= std::min(sent.count, out.size() - lines.size());
  return sent;
}

Status PrologixLink::start_answer(std::string_view lines, Call& call) {
  return begin(lines, true, call);
}

Status PrologixLink::start_read(std::string_view lines, Call& call) {
  return begin(lines, !dialect_.reads_alone, call);
}

Status PrologixLink::begin(std::string_view lines, bool close, Call& call) {
  std::string all(lines);
  if (close) all += kVersion;
  const StreamResult sent = send(all, call);
  if (sent.count == 0) return sent.status;
  answer_.begin();
  dropped_.clear();
  owes_ = true;
  closing_due_ = !close;
  // Whatever went out, the adapter may answer to.
  if (failed(sent.status)) out_of_step_ = true;
  return sent.status;
}

Result<std::string> PrologixLink::ask(std::string_view lines, Call& call) {
  if (const Status started = start_answer(lines, call); failed(started)) return started;
  std::string reply;
  for (;;) {
    const auto ready = answer_.ready();
    const std::size_t more = std::min(ready.size(), kLongestReply - reply.size());
    reply.append(reinterpret_cast<const char*>(ready.data()), more);
    answer_.consume(ready.size());
    if (!owes_) return reply;
    if (const Status status = receive(call); failed(status)) return status;
    if (owes_ && too_late(call)) {
      return call.fail(Status::error_tmo, name_ + ": the adapter never stops sending");
    }
  }
}

/// When the closing line is lost, if nothing comes before.
Deadline PrologixLink::patience() const {
  const int timer = timer_ms_ > 0 ? timer_ms_ : kLongestTimer;
  return Deadline::at(active_ + milliseconds(timer) + grace_);
}

/// When to close an answer of an adapter that reads alone: it seems to be over, or the adapter's
/// timer has run out.
Deadline PrologixLink::closing_time() const {
  return Deadline::at(active_ + (answer_.marked() ? kQuiet : milliseconds(timer_ms_) + kQuiet));
}

Status PrologixLink::receive(Call& call) {
  if (out_of_step_) {
    const Status status = resynchronise(call);
    return failed(status) ? status : Status::error_io;
  }
  const Deadline limit = closing_due_ ? closing_time() : patience();
  Call part(call, call.deadline.is_immediate() ? call.deadline : std::min(call.deadline, limit));
  const StreamResult got = stream_->receive(answer_.room(), part);
  if (got.count > 0) {
    active_ = Deadline::Clock::now();
    answer_.received(got.count);
    if (answer_.over()) owes_ = false;
    // Something was asked that no answer was waited for: the next answer may not be its own.
    if (answer_.over() && answer_.surplus() > 0) out_of_step_ = true;
    return Status::success;
  }
  if (got.status == Status::error_tmo && closing_due_ && limit.expired()) {
    const Status sent = send(kVersion, call).status;
    closing_due_ = failed(sent);
    return sent;
  }
  if (got.status != Status::error_tmo || closing_due_ || !patience().expired()) {
    call.detail = part.detail;
    return got.status;
  }
  out_of_step_ = true;
  const Status status = resynchronise(call);
  return failed(status) ? status : Status::error_io;
}

Status PrologixLink::resynchronise(Call& call) {
  token_ = (token_ + 1) % kTokens;
  const int value = kFirstToken + token_;
  const std::string token = std::to_string(value);
  std::string lines = inside_line_ ? "\n\n" : "";
  lines += "++read_tmo_ms " + token + "\n++read_tmo_ms\n";
  const StreamResult sent = stream_->send(bytes_of(lines), call);
  active_ = Deadline::Clock::now();
  if (sent.count > 0) inside_line_ = sent.count < lines.size();
  timer_ms_ = 0;
  if (failed(sent.status)) return sent.status;
  const Status status = await_token(token, call);
  if (failed(status)) return status;
  timer_ms_ = value;
  out_of_step_ = false;
  owes_ = closing_due_ = false;
  answer_.begin();
  dropped_.clear();
  return Status::success;
}

/// Whether these bytes are what the end of an answer has: the mark, and a part of the closing line
/// at most.
bool PrologixLink::is_closing(std::string_view dropped) const noexcept {
  if (!dropped.empty() && static_cast<std::uint8_t>(dropped.front()) == dialect_.end_mark) {
    dropped.remove_prefix(1);
  }
  return answer_.closing().find(dropped) != std::string::npos;
}

/// Drops what comes until a line is the token, and finds out whether it was a part of the answer.
Status PrologixLink::await_token(const std::string& token, Call& call) {
  std::array<std::byte, 1024> piece{};
  std::string line;
  if (dropped_.empty()) {
    const auto undecided = answer_.undecided();
    dropped_.assign(reinterpret_cast<const char*>(undecided.data()), undecided.size());
  }
  const std::size_t most = answer_.closing().size() + token.size() + 4;
  for (;;) {
    const StreamResult got = stream_->receive(piece, call);
    if (got.count == 0) {
      if (got.status == Status::error_tmo) {
        call.fail(got.status, name_ +
                                  ": the adapter does not answer; is it still working on an "
                                  "earlier command?");
      }
      return got.status;
    }
    for (const std::byte one : std::span(piece).first(got.count)) {
      const char c = static_cast<char>(one);
      if (dropped_.size() < most) dropped_ += c;
      // Data of an instrument may stand before it on the line. The line end belongs to it.
      if (c == answer_.line_end() && line.ends_with(token)) {
        hole_ = dropped_.size() >= most ||
                !is_closing(std::string_view(dropped_).substr(0, dropped_.rfind(token)));
        return Status::success;
      }
      if (c == answer_.line_end() || c == '\n') {
        line.clear();
      } else if (c != '\r') {
        if (line.size() > token.size()) line.erase(0, 1);
        line += c;
      }
    }
    if (too_late(call)) {
      return call.fail(Status::error_tmo, name_ + ": the adapter never stops sending");
    }
  }
}

}  // namespace visa::drivers::gpib
