// SPDX-License-Identifier: MIT
// A first receive asks for a header and for what follows it, because an answer usually comes whole.
// Once the length is known, no receive takes more than the payload and the next header.
#include "drivers/hislip/message_reader.h"

#include <algorithm>
#include <cstring>

namespace visa::drivers::hislip {
namespace {

constexpr std::size_t kScratch = std::size_t{16} * 1024;

/// A call that does not wait throws away at most this much: the peer may send without end.
constexpr std::size_t kMostDiscarded = std::size_t{4} * 1024 * 1024;

iovec piece_of(std::span<std::byte> bytes) noexcept {
  return {bytes.data(), bytes.size()};
}

std::size_t at_most(std::uint64_t limit, std::size_t count) noexcept {
  return static_cast<std::size_t>(std::min<std::uint64_t>(limit, count));
}

/// How many bytes go to the caller: through `stop` if it is there, else all.
std::size_t through(std::span<const std::byte> bytes, std::optional<std::byte> stop) noexcept {
  if (!stop || bytes.empty()) return bytes.size();
  const void* found = std::memchr(bytes.data(), std::to_integer<int>(*stop), bytes.size());
  if (found == nullptr) return bytes.size();
  return static_cast<std::size_t>(static_cast<const std::byte*>(found) - bytes.data()) + 1;
}

bool is_data(const Header& header) noexcept {
  return header.type == MessageType::data || header.type == MessageType::data_end;
}

}  // namespace

bool MessageReader::take_ahead(std::span<std::byte> into, std::size_t& count) noexcept {
  count = std::min(into.size(), ahead_.size() - ahead_begin_);
  if (count == 0) return false;
  std::memcpy(into.data(), ahead_.data() + ahead_begin_, count);
  ahead_begin_ += count;
  if (ahead_begin_ == ahead_.size()) {
    ahead_.clear();
    ahead_begin_ = 0;
  }
  return true;
}

void MessageReader::keep(std::span<const std::byte> bytes, bool in_front) {
  const auto place =
      in_front ? ahead_.begin() + static_cast<std::ptrdiff_t>(ahead_begin_) : ahead_.end();
  ahead_.insert(place, bytes.begin(), bytes.end());
}

/// Keeps what follows `stop` for the next read; returns how many bytes precede it.
std::size_t MessageReader::keep_behind(std::span<const std::byte> bytes,
                                       std::optional<std::byte> stop) {
  const std::size_t count = through(bytes, stop);
  if (count < bytes.size()) keep(bytes.subspan(count), true);
  return count;
}

Status MessageReader::accept_header(Call& call) {
  have_ = 0;
  const auto header = decode(bytes_);
  poor_ = !header.has_value();
  if (poor_) {
    return call.fail(Status::error_io,
                     stream_.peer() +
                         ": the peer sends something else than HiSLIP messages; close this session "
                         "and check the port of the name");
  }
  header_ = *header;
  left_ = header->length;
  if (is_data(header_)) last_data_ = header_.parameter;
  return Status::success;
}

Status MessageReader::next(std::span<std::byte> direct, std::optional<std::byte> stop,
                           std::size_t& placed, Call& call) {
  placed = 0;
  if (poor_) return accept_header(call);
  direct = direct.first(std::min(direct.size(), kMostAhead));
  while (have_ < kHeaderSize) {
    const std::span<std::byte> rest = std::span(bytes_).subspan(have_);
    std::size_t count = 0;
    if (take_ahead(rest, count)) {
      have_ += count;
      continue;
    }
    const iovec pieces[] = {piece_of(rest), piece_of(direct)};
    const StreamResult got = stream_.receive_scattered(pieces, call);
    if (failed(got.status)) return got.status;
    have_ += std::min(got.count, rest.size());
    if (got.count <= rest.size()) continue;
    const std::size_t more = got.count - rest.size();
    if (const Status status = accept_header(call); failed(status)) return status;
    const std::size_t own = at_most(left_, more);
    if (own < more) keep(std::span<const std::byte>(direct).subspan(own, more - own), false);
    placed = keep_behind(std::span<const std::byte>(direct).first(own), stop);
    left_ -= placed;
    return Status::success;
  }
  return accept_header(call);
}

StreamResult MessageReader::payload(std::span<std::byte> into, std::optional<std::byte> stop,
                                    Call& call) {
  into = into.first(at_most(left_, into.size()));
  if (const std::size_t kept = ahead_.size() - ahead_begin_; kept > 0) {
    const auto first = std::span<const std::byte>(ahead_).subspan(ahead_begin_);
    std::size_t count = through(first.first(std::min(kept, into.size())), stop);
    take_ahead(into.first(count), count);
    left_ -= count;
    return {Status::success, count};
  }
  if (stop) into = into.first(std::min(into.size(), kMostAhead));
  // The next header comes along where more of the answer follows.
  const bool more = header_.type == MessageType::data && into.size() == left_;
  const iovec pieces[] = {piece_of(into),
                          piece_of(std::span(bytes_).first(more ? kHeaderSize : 0))};
  const StreamResult got = stream_.receive_scattered(std::span(pieces).first(more ? 2 : 1), call);
  if (failed(got.status)) return {got.status, 0};
  const std::size_t own = std::min(got.count, into.size());
  if (stop && own < got.count) {
    // The header follows bytes that may have to be kept, so it is kept, too.
    keep(std::span<const std::byte>(bytes_).first(got.count - own), false);
  } else {
    have_ = got.count - own;
  }
  const std::size_t count = keep_behind(into.first(own), stop);
  left_ -= count;
  return {Status::success, count};
}

Status MessageReader::skip(Call& call) {
  std::array<std::byte, kScratch> scratch;
  for (std::size_t total = 0; left_ > 0;) {
    const StreamResult got = payload(scratch, std::nullopt, call);
    if (failed(got.status)) return got.status;
    total += got.count;
    const bool over =
        call.deadline.is_immediate() ? total >= kMostDiscarded : call.deadline.expired();
    if (over && left_ > 0) return Status::error_tmo;
  }
  return Status::success;
}

Status MessageReader::collect(std::string& kept, std::size_t most, Call& call) {
  std::array<std::byte, kMostText> bytes;
  while (left_ > 0 && kept.size() < most) {
    const auto into = std::span(bytes).first(std::min(bytes.size(), most - kept.size()));
    const StreamResult got = payload(into, std::nullopt, call);
    if (failed(got.status)) return got.status;
    kept.append(reinterpret_cast<const char*>(bytes.data()), got.count);
  }
  return skip(call);
}

/// As much as there is at the moment, at most the size of `into`; a count of 0 where nothing is.
StreamResult MessageReader::take_now(std::span<std::byte> into, Call& call) {
  std::size_t count = 0;
  if (take_ahead(into, count)) return {Status::success, count};
  return stream_.receive_now(into, call);
}

Result<bool> MessageReader::discard_arrived(Call& call) {
  std::array<std::byte, kScratch> scratch;
  for (std::size_t total = 0; total < kMostDiscarded;) {
    if (left_ > 0 && !is_data(header_)) return true;
    const std::span<std::byte> into = left_ > 0 ? std::span(scratch).first(at_most(left_, kScratch))
                                                : std::span(bytes_).subspan(have_);
    const StreamResult got = take_now(into, call);
    if (failed(got.status)) return got.status;
    if (got.count == 0) return false;
    total += got.count;
    if (left_ > 0) {
      left_ -= got.count;
      continue;
    }
    have_ += got.count;
    if (have_ < kHeaderSize) continue;
    if (const Status status = accept_header(call); failed(status)) return status;
    if (!is_data(header_)) return true;
  }
  return false;
}

}  // namespace visa::drivers::hislip
