// SPDX-License-Identifier: MIT
// What a session knows of its secure connection (IVI-6.1 2.0): how far both channels are on their
// way into TLS or out of it, and the authentication. Plain data of a HislipSession.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "tools/sim/base/timer_source.h"
#include "tools/sim/security/sasl.h"

namespace visa::sim {

struct HislipSecurity {
  /// Each stage ends with a message of the client, a handshake or both close_notify.
  enum class Stage : std::uint8_t {
    clear,
    async_starting,  ///< the asynchronous channel's handshake
    async_secure,    ///< StartTLS is next on the synchronous channel
    sync_starting,
    secure,
    async_ending,  ///< close_notify on the asynchronous channel
    async_clear,   ///< EndTLS is next
    sync_ending,
  };

  Stage stage = Stage::clear;
  std::optional<Clock::time_point> until;  ///< when the stage has to be over
  bool was_busy = false;                   ///< the last turn was refused so: a clear may help
  bool was_secure = false;                 ///< since the session began
  bool authenticated = false;
  std::string mechanism = {};
  std::unique_ptr<SaslExchange> exchange = nullptr;
  bool endless = false;  ///< a fault: the exchange goes on for ever

  bool settled() const noexcept { return stage == Stage::clear || stage == Stage::secure; }
};

}  // namespace visa::sim
