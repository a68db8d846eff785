// SPDX-License-Identifier: MIT
// The driver of TCPIP::host::port::SOCKET. One object per library; stateless, so any thread.
#pragma once

#include <memory>

#include "lib/spi/driver.h"

namespace visa::drivers {

class SocketDriver final : public spi::Driver {
 public:
  std::string_view name() const noexcept override { return "socket"; }
  model::KindSet kinds() const noexcept override { return model::Kind::tcpip_socket; }
  std::vector<std::string_view> setting_keys() const override;

  /// Also returns error_inv_setup for an invalid transport setting.
  Result<std::unique_ptr<spi::Channel>> open(const spi::OpenRequest& request, Call& call) override;
};

std::unique_ptr<spi::Driver> make_socket_driver();

}  // namespace visa::drivers
