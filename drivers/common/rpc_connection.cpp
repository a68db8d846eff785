// SPDX-License-Identifier: MIT
// Invariant: torn_ is set while a transfer is in progress and reset when it returns, so that forced
// unwinding or an exception leaves it set.
#include "drivers/common/rpc_connection.h"

#include <algorithm>
#include <utility>

namespace visa::drivers {
namespace {

constexpr std::uint32_t kLastFragment = 0x80000000;
constexpr std::byte kPadding[kXdrWord] = {};

iovec piece(std::span<const std::byte> bytes) noexcept {
  return {const_cast<std::byte*>(bytes.data()), bytes.size()};
}

}  // namespace

/// A transfer in progress. If it is destroyed without leave() (forced unwinding, no memory), the
/// state of the connection is unknown and torn_ stays set.
class RpcConnection::Inside {
 public:
  explicit Inside(RpcConnection& connection) : connection_(connection) { connection_.torn_ = true; }
  ~Inside() {
    if (left_) connection_.torn_ = false;
  }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
  void leave() noexcept { left_ = true; }

 private:
  RpcConnection& connection_;
  bool left_ = false;
};

Status RpcConnection::refuse(Call& call) const {
  return call.fail(Status::error_conn_lost,
                   stream_.peer() +
                       ": the connection is out of step with the instrument; clear the device "
                       "(viClear), or close this session and open it again");
}

Status RpcConnection::send(RpcRequest& request, std::span<const std::byte> bulk, Call& call) {
  if (torn_) return refuse(call);
  const std::size_t padding = xdr_padding(bulk.size());
  const std::size_t head = request.writer_.written().size();
  put_word(request.room_.data(),
           kLastFragment | static_cast<std::uint32_t>(head + bulk.size() + padding));
  put_word(request.room_.data() + kXdrWord, ++xid_);
  const std::span<const std::byte> parts[] = {std::span(request.room_).first(kXdrWord + head), bulk,
                                              std::span(kPadding).first(padding)};
  iovec pieces[] = {piece(parts[0]), piece(parts[1]), piece(parts[2])};
  Inside inside(*this);
  const StreamResult sent = stream_.send_gathered(pieces, call);
  reply_owed_ = sent.count > 0;
  const bool left = sent.status == Status::error_tmo || sent.status == Status::error_abort;
  if (left && reply_owed_) keep_unsent(parts, sent.count);
  // After any other failure in the middle the record cannot be completed.
  if (ok(sent.status) || left || !reply_owed_) inside.leave();
  return sent.status;
}

void RpcConnection::keep_unsent(std::span<const std::span<const std::byte>> parts,
                                std::size_t sent) {
  for (const auto part : parts) {
    const std::size_t gone = std::min(sent, part.size());
    sent -= gone;
    unsent_.insert(unsent_.end(), part.begin() + static_cast<std::ptrdiff_t>(gone), part.end());
  }
}

RpcReply RpcConnection::receive(std::size_t results, std::span<std::byte> room, Call& call) {
  if (torn_) return {refuse(call), RpcOutcome::malformed, {}};
  Inside inside(*this);
  if (!unsent_.empty()) {
    const StreamResult sent = stream_.send(unsent_, call);
    unsent_.erase(unsent_.begin(), unsent_.begin() + static_cast<std::ptrdiff_t>(sent.count));
    if (failed(sent.status)) {
      inside.leave();
      return {sent.status, RpcOutcome::malformed, {}};
    }
    unsent_.shrink_to_fit();
  }
  const RpcReply reply = records_.reply(xid_, results, room, call);
  inside.leave();
  return reply;
}

StreamResult RpcConnection::take(std::span<std::byte> into, Call& call) {
  if (torn_) return {refuse(call), 0};
  Inside inside(*this);
  const StreamResult taken = records_.take(into, call);
  inside.leave();
  return taken;
}

StreamResult RpcConnection::take_some(std::span<std::byte> into, Call& call) {
  if (torn_) return {refuse(call), 0};
  Inside inside(*this);
  const StreamResult taken = records_.take_some(into, call);
  inside.leave();
  return taken;
}

void RpcConnection::finish() {
  Inside inside(*this);
  records_.finish();
  reply_owed_ = false;
  inside.leave();
}

}  // namespace visa::drivers
