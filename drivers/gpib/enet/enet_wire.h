// SPDX-License-Identifier: MIT
// One TCP connection to a GPIB-ENET/100: frames out, replies in, one at a time. Owned by an
// EnetLink; one thread at a time, `wake` from any.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "drivers/common/connector.h"
#include "drivers/common/tcp_stream.h"
#include "drivers/gpib/enet/enet_frames.h"
#include "lib/base/call.h"
#include "lib/base/result.h"

namespace visa::drivers::gpib::enet {

class EnetWire {
 public:
  /// Statuses of viOpen.
  static Result<std::unique_ptr<EnetWire>> connect(const std::string& host, std::uint16_t port,
                                                   Call& call);
  EnetWire(ChildClosedFd socket, std::string name) : stream_(std::move(socket), std::move(name)) {}

  /// Sends a request, with `data` after it, in one go.
  Status send(const Frame& frame, std::span<const std::byte> data, Call& call);
  /// Receives until the reply is done, `into` is full and more data follow, or the termination
  /// character has come. error_io: the answer is none of this protocol.
  Status receive(ReplyReader& reply, std::span<std::byte>& into,
                 std::optional<std::uint8_t> termchar, Call& call);
  /// Takes what has come of the reply besides data, without waiting.
  void receive_end(ReplyReader& reply, Call& call);
  /// One request and its status.
  Result<EnetStatus> exchange(const Frame& frame, Call& call);

  /// This computer's end; zeros if the system does not say, which the box accepts.
  MainEnd own_end() const noexcept;
  const std::string& name() const noexcept { return stream_.peer(); }
  void wake() noexcept { stream_.wake(); }
  void close() noexcept { stream_.close(); }

 private:
  TcpStream stream_;
  std::array<std::byte, 16384> room_;
  std::size_t begin_ = 0;  // received and not used: [begin_, end_)
  std::size_t end_ = 0;
};

}  // namespace visa::drivers::gpib::enet
