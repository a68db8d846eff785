// SPDX-License-Identifier: MIT
#include "tools/sim/bench.h"

#include <algorithm>
#include <utility>

#include "tools/sim/described_instrument.h"
#include "tools/sim/socket_wire.h"

namespace visa::sim {

const Bench::Resource& Bench::serve_socket(const std::shared_ptr<const Description>& description,
                                           const std::string& address, std::uint16_t port) {
  auto made = make_instrument(description);
  Instrument& instrument = *made;
  const std::string alias = unused_alias(description->name);
  instrument.set_log(log_, alias);
  auto wire = std::make_unique<SocketWire>(loop_, instrument, address, port);
  loop_.add_timer(instrument);
  instruments_.push_back(std::move(made));
  const Resource& resource = add(instrument, std::move(wire), alias);
  if (vxi11_ != nullptr) {
    add(instrument, vxi11_->add(instrument, description->vxi11), alias + "-vxi11");
  }
  return resource;
}

Vxi11Server& Bench::open_vxi11(const std::string& address, std::uint16_t core_port,
                               std::uint16_t abort_port) {
  vxi11_ = std::make_unique<Vxi11Server>(loop_, address, core_port, abort_port);
  return *vxi11_;
}

const Bench::Resource& Bench::add(Instrument& instrument, std::unique_ptr<Wire> wire,
                                  const std::string& alias) {
  wires_.push_back(std::move(wire));
  Resource resource;
  resource.wire = wires_.back().get();
  resource.instrument = &instrument;
  resource.port = resource.wire->port();
  resource.name = resource.wire->resource_name();
  resource.alias = alias;
  resources_.push_back(std::move(resource));
  return resources_.back();
}

const Bench::Resource* Bench::find(std::string_view alias) const noexcept {
  const auto found = std::find_if(resources_.begin(), resources_.end(),
                                  [alias](const Resource& one) { return one.alias == alias; });
  return found != resources_.end() ? &*found : nullptr;
}

std::string Bench::unused_alias(std::string_view name) const {
  std::string alias(name);
  for (int number = 2; find(alias) != nullptr; ++number) {
    alias = std::string(name) + std::to_string(number);
  }
  return alias;
}

std::string Bench::configuration() const {
  std::string text;
  for (const Resource& resource : resources_) {
    text += "[[resource]]\n";
    text += "name = \"" + resource.name + "\"\n";
    text += "alias = \"" + resource.alias + "\"\n";
    if (const std::string attributes = resource.wire->configuration(); !attributes.empty()) {
      text += "attributes = { " + attributes + " }\n";
    }
    if (const std::string transport = resource.wire->transport(); !transport.empty()) {
      text += "transport = { " + transport + " }\n";
    }
    text += "\n";
  }
  if (!text.empty()) {
    text.pop_back();
  }
  return text;
}

std::size_t Bench::clients() const noexcept {
  std::size_t count = 0;
  for (const auto& wire : wires_) {
    count += wire->clients();
  }
  return count;
}

}  // namespace visa::sim
