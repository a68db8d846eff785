// SPDX-License-Identifier: MIT
// One client of a SocketWire. Owned by the wire; on the bench's thread only.
//
// Either it reads, or it has output that TCP does not take yet; then it reads nothing more, so a
// client that sends without reading is stopped by TCP and not by our memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tools/sim/event_loop.h"
#include "tools/sim/file_descriptor.h"
#include "tools/sim/link.h"

namespace visa::sim {

class SocketWire;

class SocketConnection : public EventHandler, private LinkEvents {
 public:
  SocketConnection(SocketWire& wire, FileDescriptor socket);
  ~SocketConnection() override;

  void on_events(std::uint32_t events) override;

 private:
  // Each returns false when the connection is over.
  bool serve(std::uint32_t events);
  bool receive();
  bool execute(std::string_view input);
  bool flush();
  bool resume();

  void on_late_answer() override;
  void wait_for(bool output);

  SocketWire& wire_;
  FileDescriptor socket_;
  Link link_;
  std::string held_;  // received, not yet executed because output waits
  bool waits_for_output_ = false;
};

}  // namespace visa::sim
