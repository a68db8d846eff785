// SPDX-License-Identifier: MIT
// Lists the USB instruments that are plugged in, from sysfs: nothing is opened, and no permission
// is needed. Stateless, so any thread.
#pragma once

#include <string>

#include "lib/spi/finder.h"

namespace visa::drivers::usb {

class UsbFinder final : public spi::Finder {
 public:
  /// `folder`: where the devices are, for tests; "" for the system's place.
  explicit UsbFinder(std::string folder = {}) : folder_(std::move(folder)) {}

  std::string_view name() const noexcept override { return "usb"; }
  model::Interface covers() const noexcept override { return model::Interface::usb; }
  void find(const spi::FindScope& scope, Call& call, spi::DescriptorSink& sink) override;

 private:
  const std::string folder_;
};

}  // namespace visa::drivers::usb
