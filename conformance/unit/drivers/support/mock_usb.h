// SPDX-License-Identifier: MIT
// A TmcModel plugged into a mock of the system: sysfs and usbfs by umockdev, so that the driver's
// own libusb finds, opens and uses it, in this process and in its children. One at a time per
// process.
//
// It needs the umockdev library when it is built, and its preload library when it is run (ctest
// sets LD_PRELOAD; by hand: umockdev-wrapper unit_drivers_usb). Tests skip where something is
// `missing`.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "conformance/unit/drivers/support/tmc_model.h"

namespace visa::test {

struct MockPlug {
  /// Locks of other processes of this computer go by the port: each test process has its own.
  std::string port = "1-" + std::to_string(::getpid());
  std::uint8_t address = 2;
  std::string kernel_driver = {};  // bound to interface 0 at first
  bool permitted = true;
};

class MockUsb {
 public:
  /// Why it cannot be used here; null where it can.
  static const char* missing();

  explicit MockUsb(std::unique_ptr<TmcModel> model = std::make_unique<TmcModel>());
  ~MockUsb();
  MockUsb(const MockUsb&) = delete;
  MockUsb& operator=(const MockUsb&) = delete;

  /// Plugs the model in; change the model before. Returns its number.
  TmcModel& model();
  void plug(const MockPlug& how = {});
  /// Every transfer ends, the node and the entry in sysfs vanish.
  void unplug();
  /// Uses the model while no transfer does, and lets waiting transfers try again.
  void with(const std::function<void(TmcModel&)>& use);

  /// Waits until no process has the node open; false after 5 s. A child of fork closes it in its
  /// own time, and umockdev notices that in its own.
  bool closed() const;
  int claims() const;               // interfaces that are claimed now
  std::string driver() const;       // bound to the interface now
  std::string node() const;         // the real path of the device node
  std::uint64_t submitted() const;  // URBs so far
  /// Endpoints whose data toggle was reset on the side of the host, in order.
  std::vector<int> reset() const;

 private:
  struct Self;
  std::unique_ptr<Self> self_;
};

}  // namespace visa::test
