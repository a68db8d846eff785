// SPDX-License-Identifier: MIT
// A connection as its session sees it: one of the session's two channels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "tools/sim/base/timer_source.h"
#include "tools/sim/hislip/hislip_output.h"
#include "tools/sim/hislip/hislip_transport.h"

namespace visa::sim {

/// What becomes of a message whose header has come.
enum class HislipPlan : std::uint8_t {
  wait,     ///< asked again later; nothing more is read until then
  stream,   ///< its payload is taken in pieces
  collect,  ///< it is dealt with when it is whole
  skip,     ///< it is read and forgotten
};

/// None of these destroys the channel or its session.
class HislipChannel {
 public:
  /// The longest payload of a message other than Data and AuthenticationExchange.
  static constexpr std::size_t kMostControl = 256;

  virtual ~HislipChannel() = default;
  /// Who the client is, for people: "127.0.0.1:40000".
  virtual std::string peer() const = 0;
  virtual HislipOutput& output() noexcept = 0;
  /// Sends what is due and TCP takes now.
  virtual void push() = 0;
  /// Goes on in the next round of the loop.
  virtual void wake() = 0;
  /// The connection ends in the next round of the loop.
  virtual void end(bool reset) = 0;
  /// The session is gone: what is in the output goes, then the connection ends.
  virtual void leave() = 0;

  /// The client speaks TLS after the message that is dealt with, the server after what is in the
  /// output. The session hears by on_secured() or on_tls_failed() what came of it.
  virtual void start_tls(HislipHandshake handshake) = 0;
  /// The server says close_notify after what is in the output, unless a fault says otherwise
  /// (`notify` false); on_cleared() follows when the client has said it, too.
  virtual void end_tls(bool notify) = 0;
  /// FatalError is about to be sent, in clear where TLS is not complete.
  virtual void give_up_tls() = 0;
  /// The common name in the client's certificate; empty without one.
  virtual std::string client_name() const = 0;
};

}  // namespace visa::sim
