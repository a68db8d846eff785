// SPDX-License-Identifier: MIT
// What every connection of the bench does with its socket: sends a queue as far as TCP takes it,
// ends by RST, says who is at the other end. Functions without state.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <functional>
#include <span>
#include <string>

#include "tools/sim/base/output_queue.h"

namespace visa::sim {

/// Told of each piece that was sent: where it lay, and how much of that.
using Sent = std::function<void(std::span<const iovec> vectors, std::size_t count)>;

/// One system call for what fits into it, never waits, and leaves the turn to others after a few;
/// what TCP did not take stays in `output`. False when the connection is broken.
bool send_queue(int socket, OutputQueue& output, const Sent& sent = {});

/// The next close() sends RST.
void end_by_reset(int socket) noexcept;

/// "127.0.0.1:40000", "[::1]:40000"; empty when the peer is gone.
std::string peer_name(int socket);

}  // namespace visa::sim
