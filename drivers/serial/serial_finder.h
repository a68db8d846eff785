// SPDX-License-Identifier: MIT
// Finds the serial ports of this computer for viFindRsrc. One object per library; any thread.
#pragma once

#include <memory>

#include "lib/spi/finder.h"

namespace visa::drivers {

/// Its setting: `search`, false to list no ports but those of the configuration.
class SerialFinder final : public spi::Finder {
 public:
  std::string_view name() const noexcept override { return "serial"; }
  std::vector<std::string_view> setting_keys() const override;
  model::Interface covers() const noexcept override { return model::Interface::asrl; }
  void find(const spi::FindScope& scope, Call& call, spi::DescriptorSink& sink) override;
};

std::unique_ptr<spi::Finder> make_serial_finder();

}  // namespace visa::drivers
