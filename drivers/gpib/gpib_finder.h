// SPDX-License-Identifier: MIT
// Finds the GPIB boards and what listens on them for viFindRsrc: the boards that the configuration
// names and those that this computer has. Each board is asked once, for two seconds at most;
// nothing is written to an instrument. One object per library; any thread.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "lib/spi/finder.h"

namespace visa::drivers::gpib {

/// Its setting: `search`, false to list nothing but what the configuration lists.
class GpibFinder final : public spi::Finder {
 public:
  std::string_view name() const noexcept override { return "gpib"; }
  std::vector<std::string_view> setting_keys() const override;
  model::Interface covers() const noexcept override { return model::Interface::gpib; }
  void find(const spi::FindScope& scope, Call& call, spi::DescriptorSink& sink) override;
};

}  // namespace visa::drivers::gpib

namespace visa::drivers {

std::unique_ptr<spi::Finder> make_gpib_finder();

}  // namespace visa::drivers
