// SPDX-License-Identifier: MIT
// An open serial port, shared by the sessions of this process (drivers/common/shared_device.h): its
// parts stand beside each other, each with its own header. Any thread.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "drivers/common/shared_device.h"
#include "drivers/serial/line_control.h"
#include "drivers/serial/line_input.h"
#include "drivers/serial/line_output.h"
#include "drivers/serial/port_events.h"
#include "drivers/serial/tty.h"

namespace visa::drivers::serial {

class SerialPort {
 public:
  /// Opens the node for this process alone and gives it `settings`. `keep_lines` as in
  /// SerialSettings. Statuses are those of viOpen; on failure the port is as it was.
  static Result<std::unique_ptr<SerialPort>> open(const std::string& path,
                                                  const LineSettings& settings, bool keep_lines,
                                                  Call& call);

  SerialPort(ChildClosedFd fd, const std::string& path, bool keep_lines)
      : tty(std::move(fd), path),
        events(tty),
        input(tty, events),
        output(tty),
        control(tty, input, output, keep_lines) {}

  /// Output that has not left by the deadline is dropped; the port gets its earlier settings back.
  void close(Call& call) noexcept;

  /// Makes waiting transfers of all sessions look at their cancel tokens.
  void wake() noexcept {
    input.wake();
    output.wake();
  }

  Tty tty;
  PortEvents events;
  LineInput input;
  LineOutput output;
  LineControl control;
};

using SerialPorts = SharedDevices<SerialPort>;

}  // namespace visa::drivers::serial
