// SPDX-License-Identifier: MIT
#include "tools/sim/bench/bench.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "tools/sim/description/described_instrument.h"
#include "tools/sim/scpi/pyvisa_instrument.h"
#include "tools/sim/socket/socket_wire.h"

namespace visa::sim {
namespace {

constexpr std::uint16_t kLxiPort = 80;  // of the web page instruments have; the bench has none
constexpr std::uint16_t kPortmapperPort = 111;

// Maker, model, serial number, version.
std::array<std::string, 4> identity_fields(const Description& description) {
  std::array<std::string, 4> fields;
  std::string_view rest = description.pyvisa_test ? PyvisaInstrument::kIdentity
                                                  : std::string_view(description.identity);
  rest = rest.substr(0, rest.find('\n'));
  for (std::string& field : fields) {
    const std::size_t comma = rest.find(',');
    field = rest.substr(0, comma);
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  }
  return fields;
}

}  // namespace

const Bench::Resource& Bench::serve_socket(const std::shared_ptr<const Description>& description,
                                           const std::string& address, std::uint16_t port) {
  auto made = make_instrument(description);
  Instrument& instrument = *made;
  const std::string alias = unused_alias(description->name);
  instrument.set_log(log_, alias);
  auto wire = std::make_unique<SocketWire>(loop_, instrument, address, port);
  loop_.add_timer(instrument);
  instruments_.push_back(std::move(made));
  const Resource& resource = add(instrument, description, std::move(wire), alias);
  if (vxi11_ != nullptr) {
    add(instrument, description, vxi11_->add(instrument, description->vxi11), alias + "-vxi11");
  }
  return resource;
}

Vxi11Server& Bench::open_vxi11(const std::string& address, std::uint16_t core_port,
                               std::uint16_t abort_port) {
  vxi11_ = std::make_unique<Vxi11Server>(loop_, address, core_port, abort_port);
  return *vxi11_;
}

const Bench::Resource& Bench::add(Instrument& instrument,
                                  const std::shared_ptr<const Description>& description,
                                  std::unique_ptr<Wire> wire, const std::string& alias) {
  wires_.push_back(std::move(wire));
  Resource resource;
  resource.wire = wires_.back().get();
  resource.instrument = &instrument;
  resource.description = description;
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

std::vector<MdnsService> Bench::services() const {
  std::vector<MdnsService> result;
  for (const Resource& resource : resources_) {
    const std::array<std::string, 4> identity = identity_fields(*resource.description);
    MdnsService service;
    service.instance = identity[1] + " - " + identity[2] + " (" +
                       resource.alias.substr(0, resource.alias.rfind("-vxi11")) + ")";
    service.text = {"txtvers=1", "Manufacturer=" + identity[0], "Model=" + identity[1],
                    "SerialNumber=" + identity[2], "FirmwareVersion=" + identity[3]};
    service.port = resource.wire->port();
    if (resource.name.ends_with("::SOCKET")) {
      service.type = "_scpi-raw._tcp";
      result.push_back(service);
      service.type = "_lxi._tcp";
      service.port = kLxiPort;
      result.push_back(std::move(service));
    } else if (resource.name.ends_with("::inst0::INSTR")) {
      service.type = "_vxi-11._tcp";
      service.port = vxi11_->portmapper_port() != 0 ? vxi11_->portmapper_port() : kPortmapperPort;
      result.push_back(std::move(service));
    }
  }
  return result;
}

std::size_t Bench::clients() const noexcept {
  std::size_t count = 0;
  for (const auto& wire : wires_) {
    count += wire->clients();
  }
  return count;
}

}  // namespace visa::sim
