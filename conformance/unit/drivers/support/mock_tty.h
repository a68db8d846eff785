// SPDX-License-Identifier: MIT
// A USB serial port in a mock of the system: sysfs by umockdev, the node a pseudo-terminal whose
// instrument's side the test has, the modem lines answered here. The driver finds, opens and uses
// it in this process and in its children. One at a time per process; any thread.
//
// It needs the umockdev library when it is built, and when it is run its preload library after
// realpath_of_nodes (ctest sets LD_PRELOAD). Tests skip where something is `missing`.
#pragma once

#include <memory>
#include <string>

namespace visa::test {

class MockTty {
 public:
  static constexpr char kNode[] = "/dev/ttyUSB7";
  static constexpr char kById[] = "/dev/serial/by-id/usb-FTDI_Toy_serial_S7-if00-port0";

  /// Why it cannot be used here; null where it can.
  static const char* missing();

  MockTty();
  ~MockTty();
  MockTty(const MockTty&) = delete;
  MockTty& operator=(const MockTty&) = delete;

  void plug();
  /// The port hangs up, node and entry in sysfs vanish.
  void unplug();

  void send(const std::string& bytes) const;
  /// `size` bytes, or what came of them within the patience of tests.
  std::string receive(std::size_t size) const;

  /// TIOCM_*: what the instrument asserts; what this computer does.
  void set_inputs(int lines);
  int outputs() const;
  /// How often a program opened the port.
  int opened() const;

 private:
  struct Self;
  std::unique_ptr<Self> self_;
};

}  // namespace visa::test
