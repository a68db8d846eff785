// SPDX-License-Identifier: MIT
// The transport settings of a raw socket:
//   keepalive_idle_s    seconds of silence before the system probes the peer; a dead peer is
//   noticed
//                       after about twice that time. In effect while VI_ATTR_TCPIP_KEEPALIVE is on.
//   drain_before_write  true: before a message is sent, bytes that were received and not read are
//                       dropped, so that an answer that came after its timeout is not taken for the
//                       answer to the next message. Costs one system call per write; reads and
//                       writes then no longer overlap.
//   close_ends_answer   true: if the instrument closes the connection in an orderly way after (part
//                       of) an answer, the close ends the answer: VI_SUCCESS, whatever
//                       VI_ATTR_SUPPRESS_END_EN says. Every later transfer is VI_ERROR_CONN_LOST.
//                       For instruments that send one answer per connection. A reset does not count
//                       as a close.
//   receive_buffer, send_buffer   bytes of the system's buffers; by default it sizes them itself.
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

/// error_inv_setup, with key and range in the detail, if a value is invalid.
Result<SocketSettings> read_socket_settings(const spi::Settings& settings, Call& call);

}  // namespace visa::drivers
