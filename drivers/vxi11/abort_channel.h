// SPDX-License-Identifier: MIT
// The abort channel of one link: device_abort ends the call that is in progress on the core
// channel. The connection is made at the first abort and kept: while something is stuck, a round
// trip less counts. Owned by a link; one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "drivers/common/endpoint.h"
#include "drivers/common/rpc_connection.h"
#include "lib/base/call.h"

namespace visa::drivers::vxi11 {

class AbortChannel {
 public:
  enum class Outcome : std::uint8_t {
    delivered,   // the instrument has it: the call in progress is answered soon
    refused,     // it will not take it, now or later
    unanswered,  // not in time
  };

  /// `host` is what the user wrote, for details.
  explicit AbortChannel(std::string host) : host_(std::move(host)) {}

  /// Where the instrument listens; port 0: it has no abort channel.
  void listen_at(const Endpoint& where) { where_ = where; }

  Outcome abort(std::uint32_t link, Call& call);

  void close() noexcept;

 private:
  Outcome ask(std::uint32_t link, Call& call);

  std::string host_;
  Endpoint where_;
  std::unique_ptr<RpcConnection> connection_;
};

}  // namespace visa::drivers::vxi11
