// SPDX-License-Identifier: MIT
// Invariant: the bytes at hand lie in the buffer's memory; stop_ is `count` unless their last byte
// carries END. A transfer that fails empties the buffer.
//
// The driver is always asked to stop at END or at a pause, because the bytes that have come often
// satisfy the format. Whether such a stop counts as END is the session's rule
// (VI_ATTR_SUPPRESS_END_EN).
#include "lib/format/read_buffer.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace visa::format {
namespace {

using spi::StopReason;

/// With VI_TMO_IMMEDIATE no deadline ends the dropping of bytes, so this count does.
constexpr std::size_t kMostDroppedAtOnce = std::size_t{16} * 1024 * 1024;

/// On a byte stream a read straight into the caller's memory is cut into transfers of this size.
/// That costs little, and each transfer of a long, slow block has its own timeout.
constexpr std::size_t kDirectPiece = std::size_t{1024} * 1024;

bool is_white(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

}  // namespace

void ReadBuffer::set_size(std::uint32_t size) {
  discard();
  std::unique_ptr<char[]> data;
  if (size > kDefaultBufferSize) {
    data = std::make_unique_for_overwrite<char[]>(std::size_t{size} + ByteSource::kKept);
  }
  size_ = size;
  data_ = std::move(data);
}

WireSource::WireSource(ReadBuffer& buffer, FormattedDevice& wire, bool new_message)
    : buffer_(buffer), wire_(wire) {
  const char* const data = buffer_.data_.get();
  const std::string_view rest(data + buffer_.begin_, buffer_.end_ - buffer_.begin_);
  const bool ended = buffer_.stop_ != StopReason::count;
  if (new_message) {
    if (ended && std::all_of(rest.begin(), rest.end(), is_white)) {
      buffer_.discard();
      return;
    }
    drop_newline_ = buffer_.block_tail_ && rest.empty();
    buffer_.block_tail_ = buffer_.open_ = false;
  } else if (rest.empty()) {
    buffer_.stop_ = StopReason::count;  // the previous call has consumed its END
    return;
  }
  set_at_hand(rest.data(), rest.data() + rest.size(), ended);
}

WireSource::~WireSource() {
  const auto rest = at_hand();
  buffer_.begin_ = rest.empty() ? 0 : static_cast<std::size_t>(rest.data() - buffer_.data_.get());
  buffer_.end_ = buffer_.begin_ + rest.size();
  if (rest.empty()) buffer_.stop_ = StopReason::count;
}

// With the rule "last bit", only the driver finds the last byte (its highest bit set), and it
// reports END for that and for a pause alike. So there a pause must not stop the read.
spi::EndRule WireSource::asked() const {
  auto rule = wire_.rule;
  if (!rule.last_bit) rule.suppress_end = false;
  return rule;
}

bool WireSource::never_ends() const {
  return wire_.rule.suppress_end && !wire_.rule.last_bit &&
         !(wire_.stream && wire_.rule.termchar_enabled);
}

// A read that was cut by a pause continues under the same deadline, as in viRead.
Status WireSource::open_transfer() {
  if (transfer_left_ == 0) {
    wire_.next_transfer();
    transfer_left_ = transfer_size();
    return Status::success;
  }
  const Deadline deadline = wire_.call.deadline;
  const bool over = deadline.is_immediate() ? dropped_ >= kMostDroppedAtOnce : deadline.expired();
  if (!over) return Status::success;
  return wire_.call.fail(Status::error_tmo,
                         "bytes kept coming, but not what ends the answer; does it end as the "
                         "session expects (VI_ATTR_TERMCHAR_EN, VI_ATTR_SUPPRESS_END_EN)?");
}

spi::ReadResult WireSource::read_from_wire(std::span<std::byte> into, const spi::EndRule& rule) {
  buffer_.block_tail_ = false;
  if (const Status status = open_transfer(); failed(status)) return {status};
  const auto result = wire_.channel.read(into, rule, wire_.call);
  if (dropping()) {
    dropped_ += result.count;
  } else {
    transfer_left_ -= std::min(transfer_left_, result.count);
  }
  return result;
}

WireSource::Fetched WireSource::fetch(std::span<std::byte> into, const spi::EndRule& rule) {
  const auto result = read_from_wire(into, rule);
  Fetched got{result.status, result.count, false};
  // A driver that was asked to stop at a pause takes a pause for the end of the answer. If the
  // answer was still open, the closed connection has cut it, and that ends the answer here.
  const bool closed = result.reason == StopReason::closed && (ok(result.status) || buffer_.open_);
  if (closed) got.status = Status::success;
  if (failed(got.status)) return got;
  buffer_.stop_ = StopReason::count;
  if (closed) {
    got.ended = true;
  } else if (result.reason == StopReason::end) {
    got.ended = !wire_.rule.suppress_end || rule.last_bit;
  } else if (result.reason == StopReason::termchar) {
    got.ended = wire_.stream && rule.termchar_enabled;
  } else if (result.count == 0) {
    got.status = wire_.call.fail(Status::error_io, "the wire delivered nothing and no reason");
  }
  if (got.ended) buffer_.stop_ = result.reason;
  buffer_.open_ = !got.ended;
  return got;
}

void WireSource::nothing_at_hand(bool ended) {
  set_at_hand(buffer_.data_.get(), buffer_.data_.get(), ended);
}

// Drops the newline that followed a block and was left on the wire, and nothing else.
void WireSource::drop_newline() {
  drop_newline_ = false;
  const auto text = at_hand();
  const std::size_t drop = text.starts_with('\n') ? 1 : text.starts_with("\r\n") ? 2 : 0;
  const bool ended = end_at_hand() && drop < text.size();
  set_at_hand(text.data() + drop, text.data() + text.size(), ended);
}

Status WireSource::more() {
  const std::size_t capacity = transfer_size() + kKept;
  if (buffer_.data_ == nullptr) {
    buffer_.data_ = std::make_unique_for_overwrite<char[]>(capacity);
    nothing_at_hand(false);
  }
  char* const data = buffer_.data_.get();
  do {
    const auto rest = at_hand();
    if (!rest.empty()) std::memmove(data, rest.data(), rest.size());
    set_at_hand(data, data + rest.size(), false);
    const std::size_t room = std::min(capacity - rest.size(), transfer_size());
    const auto got = fetch(std::as_writable_bytes(std::span(data + rest.size(), room)), asked());
    if (failed(got.status)) {
      lost_ = {data + rest.size(), got.count};
      nothing_at_hand(false);
      return got.status;
    }
    set_at_hand(data, data + rest.size() + got.count, got.ended);
    if (drop_newline_) drop_newline();
  } while (at_hand().empty() && !end_at_hand());
  return Status::success;
}

void WireSource::end_block() {
  if (!over()) {
    buffer_.block_tail_ = at_hand().empty();
    return;
  }
  if (!wire_.stream || buffer_.stop_ != StopReason::termchar) return;
  nothing_at_hand(false);
  buffer_.stop_ = StopReason::count;
  buffer_.block_tail_ = true;
}

Status WireSource::read(std::span<std::byte> into, Until until, std::size_t& got) {
  got = 0;
  const bool block = until == Until::count;
  auto rule = asked();
  if (block) rule = {.suppress_end = wire_.stream};
  for (;;) {
    const auto text = at_hand().substr(0, into.size() - got);
    if (!text.empty()) std::memcpy(into.data() + got, text.data(), text.size());
    got += text.size();
    consume(text.size());
    if (got == into.size()) {
      if (block) end_block();
      return Status::success;
    }
    if (end_at_hand()) {
      if (!block || !wire_.stream || stop() == StopReason::closed) return Status::success;
      nothing_at_hand(false);  // inside a block on a stream only a closed connection is END
    }
    // The last byte comes through the buffer, together with what ends the message after a block.
    const std::size_t left = into.size() - got;
    if (left <= transfer_size()) {
      const auto status = more();
      if (failed(status)) return status;
      continue;
    }
    const std::size_t most = wire_.stream ? std::max(kDirectPiece, transfer_size()) : left - 1;
    const auto direct = fetch(into.subspan(got, std::min(left - 1, most)), rule);
    got += direct.count;
    count_consumed(direct.count);
    nothing_at_hand(direct.ended);
    if (failed(direct.status) || direct.ended) return direct.status;
  }
}

Status WireSource::drop_message() {
  const bool open = !at_hand().empty() && !end_at_hand() && !never_ends();
  const Dropping dropping(*this);
  consume(at_hand().size());
  while (open && !end_at_hand()) {
    const auto status = more();
    consume(at_hand().size());
    if (failed(status)) return status;
  }
  return Status::success;
}

}  // namespace visa::format
