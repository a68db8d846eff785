// SPDX-License-Identifier: MIT
// The driver of GPIB<n>::pad[::sad]::INSTR and GPIB<n>::INTFC. One object per library; several
// threads call its methods at the same time. The buses belong to the process: sessions of one
// adapter share it, under whatever board numbers.
#pragma once

#include <memory>

#include "lib/spi/driver.h"

namespace visa::drivers::gpib {

class GpibDriver final : public spi::Driver {
 public:
  std::string_view name() const noexcept override { return "gpib"; }
  model::KindSet kinds() const noexcept override {
    return model::Kind::gpib_instr | model::Kind::gpib_intfc;
  }
  std::vector<std::string_view> setting_keys() const override;
  Result<spi::Identity> identify(const spi::OpenRequest& request, Call& call) override;

  /// The first session on a board opens its adapter. Nothing is sent to the instrument. Also
  /// error_inv_setup, error_intf_num_nconfig.
  Result<std::unique_ptr<spi::Channel>> open(const spi::OpenRequest& request, Call& call) override;
};

}  // namespace visa::drivers::gpib

namespace visa::drivers {

std::unique_ptr<spi::Driver> make_gpib_driver();

}  // namespace visa::drivers
