// SPDX-License-Identifier: MIT
// The driver of USB::vendor::product::serial[::interface]::INSTR (USBTMC and USB488 instruments)
// and
// ::RAW (any other interface, without a protocol). One object per library; stateless, so any
// thread.
#pragma once

#include <memory>

#include "lib/spi/driver.h"
#include "lib/spi/finder.h"

namespace visa::drivers::usb {

class UsbDriver final : public spi::Driver {
 public:
  std::string_view name() const noexcept override { return "usb"; }
  model::KindSet kinds() const noexcept override {
    return model::Kind::usb_instr | model::KindSet(model::Kind::usb_raw);
  }
  std::vector<std::string_view> setting_keys() const override;

  /// The port and the interface; looks for the device in sysfs. error_rsrc_nfound.
  Result<spi::Identity> identify(const spi::OpenRequest& request, Call& call) override;

  /// Also returns error_inv_setup for an invalid transport setting.
  Result<std::unique_ptr<spi::Channel>> open(const spi::OpenRequest& request, Call& call) override;
};

}  // namespace visa::drivers::usb

namespace visa::drivers {

std::unique_ptr<spi::Driver> make_usb_driver();
std::unique_ptr<spi::Finder> make_usb_finder();

}  // namespace visa::drivers
