// SPDX-License-Identifier: MIT
// Opens instruments that speak HiSLIP (IVI-6.1): TCPIP::host::hislip0[,port]::INSTR. Any thread.
#pragma once

#include "lib/spi/driver.h"

namespace visa::drivers::hislip {

class HislipDriver final : public spi::Driver {
 public:
  std::string_view name() const noexcept override { return "hislip"; }
  model::KindSet kinds() const noexcept override { return model::Kind::tcpip_hislip; }
  std::vector<std::string_view> setting_keys() const override;

  /// A credential in the name does not make another instrument of it.
  Result<spi::Identity> identify(const spi::OpenRequest& request, Call& call) override;

  /// Also returns error_inv_setup for an invalid transport setting.
  Result<std::unique_ptr<spi::Channel>> open(const spi::OpenRequest& request, Call& call) override;
};

}  // namespace visa::drivers::hislip

namespace visa::drivers {

std::unique_ptr<spi::Driver> make_hislip_driver();

}  // namespace visa::drivers
