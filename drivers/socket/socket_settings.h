// SPDX-License-Identifier: MIT
// The transport settings of a raw socket:
//   keepalive_idle_s    seconds of silence before the system probes the peer; a dead one is noticed
//                       after about twice that. Counts while VI_ATTR_TCPIP_KEEPALIVE is on.
//   drain_before_write  true: a message drops what was received before it and not read, so that an
//                       answer that came after its timeout is not taken for the next one. Costs one
//                       system call a write; reads and writes then no longer overlap.
//   close_ends_answer   true: where the instrument closes the connection in an orderly way behind
//                       (a part of) an answer, that is the end of the answer: VI_SUCCESS, whatever
//                       VI_ATTR_SUPPRESS_END_EN says. Whatever comes after it is
//                       VI_ERROR_CONN_LOST. For instruments and programs that send one answer a
//                       connection. A reset is no close.
//   receive_buffer, send_buffer   bytes in the system; by default it sizes them itself.
// A value type.
#pragma once

#include <string_view>
#include <vector>

#include "lib/base/call.h"
#include "lib/base/result.h"
#include "lib/spi/driver.h"

namespace visa::drivers {

struct SocketSettings {
  int keepalive_idle = 0;
  bool drain_before_write = false;
  bool close_ends_answer = false;
  int receive_buffer = 0;
  int send_buffer = 0;

  static std::vector<std::string_view> keys();
};

/// error_inv_setup, and a detail with key and range, where a value cannot be meant.
Result<SocketSettings> read_socket_settings(const spi::Settings& settings, Call& call);

}  // namespace visa::drivers
