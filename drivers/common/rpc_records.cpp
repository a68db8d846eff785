// SPDX-License-Identifier: MIT
// Invariant: the bytes received and not consumed are in_room_, then ahead_, then those still in the
// stream, and each is subtracted from fragment_left_ in the step that delivers it. No length from
// the wire ever sizes memory: ahead_ holds at most what one receive brought.
#include "drivers/common/rpc_records.h"

#include <algorithm>
#include <cstring>

namespace visa::drivers {
namespace {

constexpr std::uint32_t kLastFragment = 0x80000000;
constexpr std::size_t kScratch = std::size_t{16} << 10;

bool over(const Call& call) noexcept {
  return !call.deadline.is_immediate() && call.deadline.expired();
}

iovec piece(std::span<std::byte> bytes) noexcept {
  return {bytes.data(), bytes.size()};
}

}  // namespace

RpcReply RpcRecords::reply(std::uint32_t xid, std::size_t results, std::span<std::byte> room,
                           Call& call) {
  if (!complete_ && !in_record_ && ahead() == 0) {
    Status status = Status::success;
    if (receive_ordinary(xid, results, room, status, call)) return decode(kRpcReplyHeader);
    if (failed(status)) return {status, RpcOutcome::malformed, {}};
  }
  while (!complete_) {
    if (fragment_left_ == 0) {
      if (in_record_ && last_fragment_) {
        in_record_ = false;
        // The record ended early: if it answers this call, it is a reply cut short; else skip it.
        if (!skipping_ && head_size_ >= 2 * kXdrWord) break;
        continue;
      }
      if (const Status status = next_fragment(xid, call); failed(status)) return {status, {}, {}};
      continue;
    }
    if (skipping_) {
      if (const Status status = skip(call); failed(status)) return {status, {}, {}};
      continue;
    }
    const std::size_t step =
        std::min<std::size_t>(header_size() + results - head_size_, fragment_left_);
    const StreamResult got = receive(std::span<std::byte>(head_).subspan(head_size_, step), call);
    head_size_ += got.count;
    if (failed(got.status)) return {got.status, {}, {}};
    skipping_ = head_size_ >= kXdrWord && get_word(head_.data()) != xid;
    complete_ = !skipping_ && head_size_ >= header_size() + results;
  }
  complete_ = true;
  return decode(header_size());
}

// Receives an ordinary reply with one system call: mark and head into `first`, data into `room`.
// False with a successful `status`: the reply is not an ordinary one, and all its bytes are in
// ahead_.
bool RpcRecords::receive_ordinary(std::uint32_t xid, std::size_t results, std::span<std::byte> room,
                                  Status& status, Call& call) {
  std::array<std::byte, kMark + kRpcReplyHeader + kMostResults> first;
  const std::size_t expected = kMark + kRpcReplyHeader + results;
  if (ahead_.size() < kAhead) ahead_.resize(kAhead);
  const iovec pieces[] = {{first.data(), expected}, piece(room), piece(ahead_)};
  const StreamResult got = stream_.receive_scattered(pieces, call);
  status = got.status;
  if (failed(status)) return false;
  const std::size_t in_first = std::min(got.count, expected);
  const std::size_t in_room = std::min(got.count - in_first, room.size());
  begin_ = 0;
  end_ = got.count - in_first - in_room;

  const std::byte* words = first.data();
  const std::uint32_t mark = get_word(words);
  const std::uint32_t size = mark & ~kLastFragment;
  bool ordinary = in_first == expected && size >= expected - kMark;
  // xid, REPLY, accepted, flavour and empty body of the verifier, success. Any flavour will do.
  constexpr std::uint32_t kOrdinary[] = {0, kRpcReply, 0, 0, 0, 0};
  for (std::size_t i = 0; ordinary && i < std::size(kOrdinary); ++i) {
    const std::uint32_t word = get_word(words + kMark + i * kXdrWord);
    ordinary = i == 3 || word == (i == 0 ? xid : kOrdinary[i]);
  }
  if (!ordinary) {
    put_back(room.first(in_room));
    put_back(std::span(first).first(in_first));
    return false;
  }
  head_size_ = expected - kMark;
  std::memcpy(head_.data(), words + kMark, head_size_);
  fragment_left_ = size - static_cast<std::uint32_t>(head_size_);
  last_fragment_ = (mark & kLastFragment) != 0;
  in_record_ = true;
  skipping_ = false;
  complete_ = true;
  in_room_ = room.first(in_room);
  return true;
}

StreamResult RpcRecords::take(std::span<std::byte> into, Call& call) {
  return take_until(into.size(), into, call);
}

StreamResult RpcRecords::take_some(std::span<std::byte> into, Call& call) {
  return take_until(std::min<std::size_t>(1, into.size()), into, call);
}

StreamResult RpcRecords::take_until(std::size_t enough, std::span<std::byte> into, Call& call) {
  std::size_t count = std::min({in_room_.size(), into.size(), std::size_t{fragment_left_}});
  fragment_left_ -= static_cast<std::uint32_t>(count);
  consume_room(count);
  while (count < enough) {
    if (fragment_left_ == 0) {
      if (last_fragment_ || !in_record_) break;
      if (const Status status = need(kMark, call); failed(status)) return {status, count};
      const std::uint32_t mark = get_word(ahead_.data() + begin_);
      begin_ += kMark;
      fragment_left_ = mark & ~kLastFragment;
      last_fragment_ = (mark & kLastFragment) != 0;
      if (over(call)) return {Status::error_tmo, count};  // empty fragments may never end
      continue;
    }
    const std::size_t step = std::min<std::size_t>(into.size() - count, fragment_left_);
    const StreamResult got = receive(into.subspan(count, step), call);
    count += got.count;
    if (failed(got.status)) return {got.status, count};
    if (count < enough && over(call)) return {Status::error_tmo, count};
  }
  return {Status::success, count};
}

void RpcRecords::finish() {
  consume_room(0);
  const std::size_t here = std::min<std::size_t>(ahead(), fragment_left_);
  begin_ += here;
  fragment_left_ -= static_cast<std::uint32_t>(here);
  in_record_ = in_record_ && (fragment_left_ > 0 || !last_fragment_);
  skipping_ = true;
  complete_ = false;
  head_size_ = 0;
}

/// Receives some of the current fragment into `into`, which is at most as long as the fragment.
/// Bytes that arrive after it are kept in ahead_.
StreamResult RpcRecords::receive(std::span<std::byte> into, Call& call) {
  StreamResult got;
  if (ahead() > 0) {
    got.count = std::min(ahead(), into.size());
    std::memcpy(into.data(), ahead_.data() + begin_, got.count);
    begin_ += got.count;
  } else {
    if (ahead_.size() != kAhead) {
      ahead_.resize(kAhead);
      ahead_.shrink_to_fit();  // after an unusual reply it may be as large as a message
    }
    const iovec pieces[] = {piece(into), piece(ahead_)};
    got = stream_.receive_scattered(pieces, call);
    begin_ = 0;
    end_ = got.count > into.size() ? got.count - into.size() : 0;
    got.count = std::min(got.count, into.size());
  }
  fragment_left_ -= static_cast<std::uint32_t>(got.count);
  return got;
}

/// Waits until ahead_ holds `count` bytes.
Status RpcRecords::need(std::size_t count, Call& call) {
  while (ahead() < count) {
    if (begin_ > 0 && ahead() > 0) std::memmove(ahead_.data(), ahead_.data() + begin_, ahead());
    end_ = ahead();
    begin_ = 0;
    if (ahead_.size() < kAhead) ahead_.resize(kAhead);
    const iovec room[] = {piece(std::span(ahead_).subspan(end_))};
    const StreamResult got = stream_.receive_scattered(room, call);
    if (failed(got.status)) return got.status;
    end_ += got.count;
    if (ahead() < count && over(call)) return Status::error_tmo;
  }
  return Status::success;
}

/// Reads the next mark. If the record being skipped never set its last-fragment bit, a fragment
/// that starts with the awaited xid begins a new record.
Status RpcRecords::next_fragment(std::uint32_t xid, Call& call) {
  if (const Status status = need(kMark, call); failed(status)) return status;
  const std::uint32_t mark = get_word(ahead_.data() + begin_);
  const std::uint32_t size = mark & ~kLastFragment;
  if (in_record_ && skipping_ && size >= kRpcReplyHeader) {
    if (const Status status = need(kMark + 2 * kXdrWord, call); failed(status)) return status;
    const std::byte* words = ahead_.data() + begin_ + kMark;
    if (get_word(words) == xid && get_word(words + kXdrWord) == kRpcReply) in_record_ = false;
  }
  begin_ += kMark;
  fragment_left_ = size;
  last_fragment_ = (mark & kLastFragment) != 0;
  if (!in_record_) {
    in_record_ = true;
    skipping_ = false;
    head_size_ = 0;
  }
  return over(call) ? Status::error_tmo : Status::success;
}

/// Skips some of the current fragment.
Status RpcRecords::skip(Call& call) {
  std::array<std::byte, kScratch> scratch;
  const std::size_t step = std::min<std::size_t>(fragment_left_, scratch.size());
  const StreamResult got = receive(std::span<std::byte>(scratch).first(step), call);
  if (failed(got.status)) return got.status;
  return over(call) && fragment_left_ > 0 ? Status::error_tmo : Status::success;
}

/// The first `used` bytes of in_room_ were taken; moves the rest to the front of ahead_.
void RpcRecords::consume_room(std::size_t used) {
  const auto rest = in_room_.subspan(used);
  in_room_ = {};
  put_back(rest);
}

void RpcRecords::put_back(std::span<const std::byte> bytes) {
  if (bytes.empty()) return;
  if (ahead() == 0 && bytes.size() <= ahead_.size()) {
    begin_ = 0;
    end_ = bytes.size();
    std::memcpy(ahead_.data(), bytes.data(), bytes.size());
  } else if (begin_ >= bytes.size()) {
    begin_ -= bytes.size();
    std::memcpy(ahead_.data() + begin_, bytes.data(), bytes.size());
  } else {
    std::vector<std::byte> joined(bytes.begin(), bytes.end());
    joined.insert(joined.end(), ahead_.begin() + static_cast<std::ptrdiff_t>(begin_),
                  ahead_.begin() + static_cast<std::ptrdiff_t>(end_));
    ahead_.swap(joined);
    begin_ = 0;
    end_ = ahead_.size();
  }
}

/// The length of the header, as far as the bytes in head_ tell.
std::size_t RpcRecords::header_size() const noexcept {
  constexpr std::size_t kVerifierSize = 4 * kXdrWord;
  if (head_size_ < kVerifierSize + kXdrWord) return kRpcReplyHeader;
  if (get_word(head_.data() + 2 * kXdrWord) != 0) return kRpcReplyHeader;  // denied: no verifier
  const std::size_t verifier = get_word(head_.data() + kVerifierSize);
  return verifier > kMostAuthBytes ? kRpcReplyHeader
                                   : kRpcReplyHeader + verifier + xdr_padding(verifier);
}

RpcReply RpcRecords::decode(std::size_t header) const noexcept {
  const auto head = std::span<const std::byte>(head_).first(head_size_);
  XdrReader reader(head);
  RpcReply reply;
  reply.outcome = get_rpc_reply(reader).outcome;
  if (reply.outcome == RpcOutcome::success && head_size_ > header) {
    reply.results = head.subspan(header);
  }
  return reply;
}

}  // namespace visa::drivers
