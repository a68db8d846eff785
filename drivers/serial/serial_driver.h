// SPDX-License-Identifier: MIT
// The driver of ASRL...::INSTR. One object per library; several threads call its methods at the
// same time. The ports belong to the process (SerialPorts).
#pragma once

#include <memory>

#include "lib/spi/driver.h"

namespace visa::drivers {

class SerialDriver final : public spi::Driver {
 public:
  std::string_view name() const noexcept override { return "serial"; }
  model::KindSet kinds() const noexcept override { return model::Kind::asrl_instr; }
  std::vector<std::string_view> setting_keys() const override;
  Result<spi::Identity> identify(const spi::OpenRequest& request, Call& call) override;

  /// The first session on a port opens it with the standard's settings, or with those of
  /// `initial_attributes`; further ones join it and find what is set. Also error_inv_setup,
  /// error_intf_num_nconfig.
  Result<std::unique_ptr<spi::Channel>> open(const spi::OpenRequest& request, Call& call) override;
};

std::unique_ptr<spi::Driver> make_serial_driver();

}  // namespace visa::drivers
