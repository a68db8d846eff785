// SPDX-License-Identifier: MIT
// The order at open matters: settings before the lines move and before anything is read.
#include "drivers/serial/serial_port.h"

#include "drivers/serial/modem_lines.h"

namespace visa::drivers::serial {

Result<std::unique_ptr<SerialPort>> SerialPort::open(const std::string& path,
                                                     const LineSettings& settings, bool keep_lines,
                                                     Call& call) {
  auto fd = open_exclusively(path, call);
  if (!fd) return fd.status();
  auto port = std::make_unique<SerialPort>(*std::move(fd), path, keep_lines);
  const Status started = port->control.start(settings, call);
  if (failed(started)) {
    Call now(Deadline::immediate());
    port->close(now);
    return started;
  }
  port->input.start();
  if (!keep_lines) assert_outputs(port->tty);
  return port;
}

void SerialPort::close(Call& call) noexcept {
  output.finish(call);
  control.restore();
  end_exclusive_use(tty.fd());
  tty.close();
}

}  // namespace visa::drivers::serial
