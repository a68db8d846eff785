// SPDX-License-Identifier: MIT
// Makes a TCP connection to the first of several addresses that answers, within one deadline for
// all of them: the next address is tried when one fails or has not answered for kStagger (RFC 8305,
// Happy Eyeballs). Free functions: any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "drivers/common/endpoint.h"
#include "lib/base/call.h"
#include "lib/base/child_closed_fd.h"
#include "lib/base/result.h"

namespace visa::drivers {

inline constexpr std::chrono::milliseconds kStagger{250};

/// Set on the socket before it connects.
struct ConnectOptions {
  bool nodelay = true;
  bool keepalive = false;
  /// Seconds of silence before the first keepalive probe; 0: the default of the system.
  int keepalive_idle = 0;
  /// Bytes; 0: the system sizes the buffers itself, as needed.
  int receive_buffer = 0;
  int send_buffer = 0;
  /// What the user can try if the host refuses or is silent, for the detail; empty: the usual
  /// advice. Must live until connect_tcp returns.
  std::string_view advice;
};

/// A connected, blocking socket with the timeouts of TcpStream, and the address it is connected to.
struct Connection {
  ChildClosedFd socket;
  Endpoint peer;
};

/// Connects. `host` is what the user wrote, for details. Of several failures the most informative
/// one is reported: error_rsrc_nfound, error_tmo, error_npermission, error_alloc; error_abort after
/// a cancel.
Result<Connection> connect_tcp(std::span<const Endpoint> addresses, std::string_view host,
                               const ConnectOptions& options, Call& call);

/// Makes the system probe a peer that is silent for `idle` seconds (1 to 32767), and give the
/// connection up after about `idle` seconds more without an answer. False if the system refuses.
bool probe_when_idle(int fd, int idle) noexcept;

/// "192.0.2.1 port 5025", or "scope.lan (192.0.2.1) port 5025" if `host` is a name.
std::string describe_peer(const Endpoint& peer, std::string_view host);

}  // namespace visa::drivers
