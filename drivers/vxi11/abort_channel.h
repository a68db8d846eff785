// SPDX-License-Identifier: MIT
// The abort channel of one link: device_abort ends the call that is in progress on the core
// channel. The connection is made by the first abort and then kept, because a second abort is
// urgent and saves a round trip that way. Owned by a link; one thread at a time, `wake` from any
// thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "drivers/common/endpoint.h"
#include "drivers/common/rpc_connection.h"
#include "lib/base/call.h"
#include "lib/base/thread_annotations.h"

namespace visa::drivers::vxi11 {

class AbortChannel {
 public:
  enum class Outcome : std::uint8_t {
    delivered,   // the instrument has confirmed it; it will answer the call in progress soon
    refused,     // the instrument does not accept it, now or later
    unanswered,  // no answer in time, or before the call was cancelled
  };

  /// `host` is what the user wrote, for details.
  explicit AbortChannel(std::string host) : host_(std::move(host)) {}

  /// The address at which the instrument listens; port 0: it has no abort channel.
  void listen_at(const Endpoint& where) { where_ = where; }

  Outcome abort(std::uint32_t link, Call& call);

  /// Ends an abort whose call is cancelled.
  void wake() noexcept VISA_EXCLUDES(mutex_);

  void close() noexcept VISA_EXCLUDES(mutex_);

 private:
  Outcome ask(std::uint32_t link, Call& call) VISA_EXCLUDES(mutex_);
  Status connect(Call& call) VISA_EXCLUDES(mutex_);

  std::string host_;
  Endpoint where_;
  // Held only briefly, by the aborting thread while it replaces connection_, by others while they
  // use it.
  Mutex mutex_;
  std::unique_ptr<RpcConnection> connection_;
};

}  // namespace visa::drivers::vxi11
