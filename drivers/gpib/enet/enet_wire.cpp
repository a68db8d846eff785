// SPDX-License-Identifier: MIT
// What was received beyond a reply stays for the next one, although a box in step sends no such
// bytes.
#include "drivers/gpib/enet/enet_wire.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cstring>
#include <memory>
#include <utility>

#include "drivers/common/resolver.h"

namespace visa::drivers::gpib::enet {

Result<std::unique_ptr<EnetWire>> EnetWire::connect(const std::string& host, std::uint16_t port,
                                                    Call& call) {
  const auto addresses = resolve(host, port, call);
  if (!addresses) return addresses.status();
  ConnectOptions options;
  options.keepalive = true;
  options.advice = "is the GPIB-ENET/100 on, and no other program using it?";
  auto connection = connect_tcp(*addresses, host, options, call);
  if (!connection) return connection.status();
  const std::string name = describe_peer(connection->peer, host);
  return std::make_unique<EnetWire>(std::move(connection->socket), name);
}

Status EnetWire::send(const Frame& frame, std::span<const std::byte> data, Call& call) {
  // sendmsg(2) reads the bytes only.
  iovec pieces[] = {{const_cast<std::byte*>(frame.data()), frame.size()},
                    {const_cast<std::byte*>(data.data()), data.size()}};
  const std::size_t count = data.empty() ? 1 : 2;
  return stream_.send_gathered(std::span(pieces).first(count), call).status;
}

Status EnetWire::receive(ReplyReader& reply, std::span<std::byte>& into,
                         std::optional<std::uint8_t> termchar, Call& call) {
  for (bool received = false;; received = true) {
    std::span<const std::byte> input(room_.data() + begin_, end_ - begin_);
    reply.take(input, into, termchar);
    begin_ = end_ - input.size();
    if (reply.broken()) {
      return call.fail(Status::error_io,
                       name() +
                           ": the answer is not that of a GPIB-ENET/100; other models have "
                           "other protocols");
    }
    if (reply.done() || reply.marked() || (into.empty() && reply.has_data())) {
      return Status::success;
    }
    begin_ = end_ = 0;  // all of it was used
    // A box that never pauses must not hold the caller.
    if (received && !call.deadline.is_immediate() && call.deadline.expired()) {
      return Status::error_tmo;
    }
    const StreamResult got = stream_.receive(room_, call);
    end_ = got.count;
    if (failed(got.status)) return got.status;
  }
}

void EnetWire::receive_end(ReplyReader& reply, Call& call) {
  std::span<std::byte> nothing;
  for (bool asked = false;; asked = true) {
    std::span<const std::byte> input(room_.data() + begin_, end_ - begin_);
    reply.take(input, nothing, std::nullopt);
    begin_ = end_ - input.size();
    if (asked || reply.done() || reply.broken() || reply.has_data()) return;
    begin_ = 0;
    end_ = stream_.receive_now(room_, call).count;
  }
}

Result<EnetStatus> EnetWire::exchange(const Frame& frame, Call& call) {
  if (const Status status = send(frame, {}, call); failed(status)) return status;
  ReplyReader reply(ReplyKind::status);
  std::span<std::byte> nothing;
  if (const Status status = receive(reply, nothing, std::nullopt, call); failed(status)) {
    return status;
  }
  return reply.status();
}

MainEnd EnetWire::own_end() const noexcept {
  sockaddr_in6 own{};
  socklen_t size = sizeof own;
  if (::getsockname(stream_.fd(), reinterpret_cast<sockaddr*>(&own), &size) != 0) return {};
  const Endpoint end(reinterpret_cast<const sockaddr*>(&own), size);
  MainEnd result;
  result.port = end.port();
  if (end.family() == AF_INET) {
    sockaddr_in old{};
    std::memcpy(&old, &own, sizeof old);
    result.address = ntohl(old.sin_addr.s_addr);
  }
  return result;
}

}  // namespace visa::drivers::gpib::enet
