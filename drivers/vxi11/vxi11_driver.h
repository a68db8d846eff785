// SPDX-License-Identifier: MIT
// The driver of TCPIP::host[::inst0]::INSTR: VXI-11 instruments and gateways (gpib0,5). One object
// per library; stateless, so any thread.
#pragma once

#include <memory>

#include "lib/spi/driver.h"

namespace visa::drivers::vxi11 {

class Vxi11Driver final : public spi::Driver {
 public:
  std::string_view name() const noexcept override { return "vxi11"; }
  model::KindSet kinds() const noexcept override { return model::Kind::tcpip_vxi11; }
  std::vector<std::string_view> setting_keys() const override;

  /// Another port of the same host is another instrument: forwarded, in a container, on a bench.
  Result<spi::Identity> identify(const spi::OpenRequest& request, Call& call) override;
  /// Also returns error_inv_setup for an invalid transport setting, and the statuses of
  /// create_link: error_inv_rsrc_name, error_rsrc_locked, error_nsup_oper, error_system_error.
  Result<std::unique_ptr<spi::Channel>> open(const spi::OpenRequest& request, Call& call) override;
};

}  // namespace visa::drivers::vxi11

namespace visa::drivers {

std::unique_ptr<spi::Driver> make_vxi11_driver();

}  // namespace visa::drivers
