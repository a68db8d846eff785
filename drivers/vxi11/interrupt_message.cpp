// SPDX-License-Identifier: MIT
// Invariant: every byte leaves held_ once, as part of a request or counted in noise_, so a peer
// that sends anything else reaches kMost.
#include "drivers/vxi11/interrupt_message.h"

#include <algorithm>

namespace visa::drivers::vxi11 {
namespace {

/// Every call begins with mark, xid, CALL, RPC version, program.
constexpr std::size_t kBeginning = 5 * kXdrWord;

constexpr std::size_t kMark = kXdrWord;

/// A shortened handle must still be too long to match by chance.
constexpr std::size_t kLeastHandle = 16;

std::uint32_t word(std::span<const std::byte> data, std::size_t index) noexcept {
  return get_word(data.data() + index * kXdrWord);
}

bool begins(std::span<const std::byte> data) noexcept {
  return word(data, 2) == kRpcCall && word(data, 3) == kRpcVersion &&
         word(data, 4) == kInterruptProgram;
}

}  // namespace

bool ServiceRequest::carries(const std::array<std::byte, kHandleSize>& whole) const noexcept {
  return handle_size >= kLeastHandle &&
         std::equal(handle.begin(), handle.begin() + static_cast<std::ptrdiff_t>(handle_size),
                    whole.begin());
}

std::array<std::byte, kXdrWord + kRpcReplyHeader> acknowledgement(const ServiceRequest& request) {
  std::array<std::byte, kXdrWord + kRpcReplyHeader> reply;
  XdrWriter writer(reply);
  writer.word(0x80000000 | kRpcReplyHeader).word(request.xid).word(kRpcReply);
  writer.word(0).word(0).word(0).word(0);
  return reply;
}

bool InterruptMessages::add(std::span<const std::byte> data) {
  held_.insert(held_.end(), data.begin(), data.end());
  return noise_ + held_.size() <= kMost;
}

void InterruptMessages::drop(std::size_t count) {
  held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(count));
  noise_ += count;
}

/// Drops the bytes before the first call, so that no byte is searched twice.
bool InterruptMessages::find_call() {
  const std::span<const std::byte> held(held_);
  std::size_t at = 0;
  while (at + kBeginning <= held.size() && !begins(held.subspan(at))) ++at;
  drop(at);
  return held_.size() >= kBeginning;
}

std::optional<ServiceRequest> InterruptMessages::next() {
  while (find_call()) {
    const std::span<const std::byte> held(held_);
    XdrReader reader(held.subspan(kMark));
    ServiceRequest request;
    request.xid = reader.word();
    for (int i = 0; i < 4; ++i) reader.word();  // CALL, RPC version, program, version
    const std::uint32_t procedure = reader.word();
    for (int i = 0; i < 2; ++i) {  // credentials, verifier
      reader.word();
      reader.opaque(kMostAuthBytes);
    }
    const std::size_t size = reader.word();
    const bool complete = reader.good();
    // The record may end before the handle does; the handle is then what the record holds of it.
    const std::size_t record = word(held, 0) & 0x7FFFFFFF;
    const std::size_t in_record = record > reader.offset() ? record - reader.offset() : size;
    const std::size_t wanted = std::min({size, in_record, kHandleSize});
    const auto rest = complete ? reader.rest() : std::span<const std::byte>{};
    const bool hopeless = !complete && held.size() > kMark + 2 * (2 * kXdrWord + kMostAuthBytes);
    if (hopeless || (complete && procedure != kDeviceIntrSrq)) {
      drop(kBeginning);
      continue;
    }
    // Do not wait for the last word: it may never come (pyvisa-py's issue 620).
    if (!complete || rest.size() + kXdrWord < wanted) return std::nullopt;
    request.handle_size = std::min(wanted, rest.size());
    std::copy_n(rest.begin(), request.handle_size, request.handle.begin());
    drop(kMark + reader.offset() + request.handle_size);
    noise_ = 0;
    return request;
  }
  return std::nullopt;
}

}  // namespace visa::drivers::vxi11
