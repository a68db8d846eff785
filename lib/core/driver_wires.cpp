// SPDX-License-Identifier: MIT
// The driver below is asked as viOpen asks it, but without attributes of VI_LOAD_CONFIG and without
// a credential: those are of the name that the program opened.
#include "lib/core/driver_wires.h"

#include <string>
#include <utility>

namespace visa::core {

spi::Driver* driver_for(const std::vector<std::unique_ptr<spi::Driver>>& drivers,
                        model::Kind kind) {
  for (const auto& driver : drivers) {
    if (driver->kinds().contains(kind)) return driver.get();
  }
  return nullptr;
}

Result<std::unique_ptr<spi::Channel>> DriverWires::open(const model::ResourceName& name,
                                                        const spi::Settings& settings, Call& call) {
  auto* driver = driver_for(drivers_, name.kind);
  if (driver == nullptr) {
    return call.fail(Status::error_library_nfound,
                     name.canonical() + ": this FreeVISA was built without a driver for " +
                         std::string(model::name(name.kind)));
  }
  model::KindSet openable;
  for (const auto& one : drivers_) openable = openable | one->kinds();
  const std::vector<std::pair<ViAttr, model::AttributeValue>> none;
  return driver->open({name, settings, none, openable, nullptr, nullptr}, call);
}

}  // namespace visa::core
