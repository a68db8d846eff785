// SPDX-License-Identifier: MIT
// A search by sysfs takes a millisecond, so nothing is remembered.
#include "drivers/serial/serial_finder.h"

#include <utility>

#include "drivers/common/setting_reader.h"
#include "drivers/serial/port_list.h"
#include "drivers/serial/port_names.h"

namespace visa::drivers {
namespace {

constexpr std::string_view kSearch = "search";

}  // namespace

std::vector<std::string_view> SerialFinder::setting_keys() const {
  return {kSearch};
}

void SerialFinder::find(const spi::FindScope& scope, Call& call, spi::DescriptorSink& sink) {
  bool search = true;
  SettingReader reader(scope.settings, call);
  reader.flag(kSearch, search);
  if (!search || !scope.openable.contains(model::Kind::asrl_instr)) return;
  const spi::BoardSettings none;
  const auto& boards = scope.boards == nullptr ? none : *scope.boards;
  for (const auto& port : serial::list_ports(call)) {
    auto name = model::parse_resource_name(serial::listed_name(port, boards));
    if (!name) continue;
    spi::Descriptor descriptor{*std::move(name), {}};
    descriptor.known.emplace(VI_ATTR_INTF_INST_NAME, model::AttributeValue(serial::text_of(port)));
    sink.found(std::move(descriptor));
  }
}

std::unique_ptr<spi::Finder> make_serial_finder() {
  return std::make_unique<SerialFinder>();
}

}  // namespace visa::drivers
