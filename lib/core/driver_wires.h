// SPDX-License-Identifier: MIT
// Opens channels for drivers that run over another wire (spi::Wires). Part of the Library; any
// thread.
#pragma once

#include <memory>
#include <vector>

#include "lib/spi/driver.h"
#include "lib/spi/wires.h"

namespace visa::core {

/// The driver that serves names of this kind; null: this build has none.
spi::Driver* driver_for(const std::vector<std::unique_ptr<spi::Driver>>& drivers, model::Kind kind);

class DriverWires final : public spi::Wires {
 public:
  /// `drivers` outlive this object.
  explicit DriverWires(const std::vector<std::unique_ptr<spi::Driver>>& drivers)
      : drivers_(drivers) {}
  Result<std::unique_ptr<spi::Channel>> open(const model::ResourceName& name,
                                             const spi::Settings& settings, Call& call) override;

 private:
  const std::vector<std::unique_ptr<spi::Driver>>& drivers_;
};

}  // namespace visa::core
