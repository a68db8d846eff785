// SPDX-License-Identifier: MIT
// The resources of an instrument stand together, in the order of the wires; its clients' links go
// before it does.
#include "tools/sim/bench/bench.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "tools/sim/description/described_instrument.h"
#include "tools/sim/scpi/loopback_instrument.h"
#include "tools/sim/scpi/pyvisa_instrument.h"

namespace visa::sim {
namespace {

// Maker, model, serial number, version.
std::array<std::string, 4> identity_fields(const Description& description) {
  std::array<std::string, 4> fields;
  std::string_view rest = description.identity;
  if (description.pyvisa_test) rest = PyvisaInstrument::kIdentity;
  if (description.loopback) rest = LoopbackInstrument::kIdentity;
  rest = rest.substr(0, rest.find('\n'));
  for (std::string& field : fields) {
    const std::size_t comma = rest.find(',');
    field = rest.substr(0, comma);
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  }
  return fields;
}

/// As a string of TOML.
std::string in_quotes(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c >= ' ' && c != '\x7f' ? c : '?';
  }
  return result + '"';
}

/// A recording has its plain name on the wire it was recorded on.
std::string alias_suffix(const WireKind& wire, const Description& description) {
  if (!description.recording) return std::string(wire.alias_suffix());
  return wire.name() == description.recording->wire ? "" : "-" + std::string(wire.name());
}

}  // namespace

void Bench::open_all(const WireSettings& settings) {
  for (const WireKind* const kind : wire_kinds_) open(*kind, settings);
}

void Bench::open(std::string_view wire, const WireSettings& settings) {
  for (const WireKind* const kind : wire_kinds_) {
    if (kind->name() == wire) {
      open(*kind, settings);
      return;
    }
  }
  throw std::invalid_argument("the bench has no wire " + std::string(wire));
}

void Bench::open(const WireKind& kind, const WireSettings& settings) {
  if (auto server = kind.open(loop_, settings)) {
    servers_.push_back({&kind, std::move(server)});
  }
}

WireServer* Bench::server(std::string_view wire) const noexcept {
  const auto found = std::find_if(servers_.begin(), servers_.end(),
                                  [wire](const Open& one) { return one.kind->name() == wire; });
  return found != servers_.end() ? found->server.get() : nullptr;
}

const Bench::Resource& Bench::serve(const std::shared_ptr<const Description>& description,
                                    std::uint16_t port) {
  if (servers_.empty()) throw std::logic_error("no wire of the bench is open");
  const std::string alias = unused_alias(description->name);
  instruments_.push_back(make_instrument(description));
  Instrument& instrument = *instruments_.back();
  instrument.set_log(log_, alias);
  if (remark_) {
    instrument.set_remark([remark = remark_, alias](std::string_view text) {
      remark(alias + ": " + std::string(text));
    });
  }
  const std::size_t first = resources_.size();
  const bool on_own_wire =
      description->recording != nullptr && server(description->recording->wire) != nullptr;
  for (const Open& open : servers_) {
    if (on_own_wire && open.kind->name() != description->recording->wire) continue;
    wires_.push_back(open.server->serve(instrument, description->section(*open.kind), port));
    Resource resource;
    resource.wire = wires_.back().get();
    resource.instrument = &instrument;
    resource.description = description;
    resource.port = resource.wire->port();
    resource.name = resource.wire->resource_name();
    resource.wire_name = open.kind->name();
    resource.instrument_alias = alias;
    resource.alias = alias + alias_suffix(*open.kind, *description);
    resources_.push_back(std::move(resource));
  }
  loop_.add_timer(instrument);
  return resources_[first];
}

void Bench::start() {
  for (const Open& open : servers_) open.server->start();
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

// The one on the recorded wire; where that is not open, one whose messages end as they did then.
const Bench::Resource* Bench::stands_for_recorded(const Instrument& instrument) const {
  const Resource* best = nullptr;
  for (const Resource& one : resources_) {
    if (one.instrument != &instrument || !one.description->recording) continue;
    if (one.wire_name == one.description->recording->wire) return &one;
    if (best == nullptr || one.wire_name == "hislip" || one.wire_name == "vxi11") best = &one;
  }
  return best;
}

// The names that a program opens which has been recorded; its own name a resource has anyway.
void Bench::append_recorded_names(std::string& text, const Resource& resource) const {
  const Recording& recording = *resource.description->recording;
  std::string aliases;
  std::string names;
  const auto add = [&](const std::string& name) {
    if (name == resource.name || name == resource.alias) return;
    std::string& list = name.find("::") == std::string::npos ? aliases : names;
    list += (list.empty() ? "" : ", ") + in_quotes(name);
  };
  add(recording.resource);
  for (const std::string& name : recording.opened_as) add(name);
  if (!aliases.empty()) text += "aliases = [" + aliases + "]\n";
  if (!names.empty()) text += "instead_of = [" + names + "]\n";
}

std::string Bench::configuration() const {
  std::string text;
  for (const Open& open : servers_) {
    if (const std::string own = open.server->configuration(); !own.empty()) text += own + "\n";
  }
  for (const Resource& resource : resources_) {
    text += "[[resource]]\n";
    text += "name = \"" + resource.name + "\"\n";
    text += "alias = \"" + resource.alias + "\"\n";
    const auto& recording = resource.description->recording;
    if (&resource == stands_for_recorded(*resource.instrument)) {
      append_recorded_names(text, resource);
    }
    if (const std::string attributes = resource.wire->configuration();
        !attributes.empty() && (!recording || recording->loads_configuration)) {
      text += "attributes = { " + attributes + " }\n";
    }
    if (const std::string transport = resource.wire->transport(); !transport.empty()) {
      text += "transport = { " + transport + " }\n";
    }
    text += "\n";
  }
  if (!text.empty()) text.pop_back();
  return text;
}

std::vector<std::string> Bench::environment() const {
  std::vector<std::string> result;
  for (const Open& open : servers_) {
    const auto own = open.server->environment();
    result.insert(result.end(), own.begin(), own.end());
  }
  return result;
}

std::vector<std::string> Bench::remarks() const {
  std::vector<std::string> result;
  for (const Open& open : servers_) {
    const auto own = open.server->remarks();
    result.insert(result.end(), own.begin(), own.end());
  }
  return result;
}

// VisaAddress is no key of the standard, but what others announce where a device has to be named.
std::vector<MdnsService> Bench::services(const std::string& host) const {
  std::vector<MdnsService> result;
  for (const Resource& resource : resources_) {
    const std::array<std::string, 4> identity = identity_fields(*resource.description);
    for (const Wire::Service& service : resource.wire->services()) {
      MdnsService announced{
          identity[1] + " - " + identity[2] + " (" + resource.instrument_alias + ")",
          service.type,
          service.port,
          {"txtvers=1", "Manufacturer=" + identity[0], "Model=" + identity[1],
           "SerialNumber=" + identity[2], "FirmwareVersion=" + identity[3]}};
      if (!service.device.empty()) {
        announced.text.push_back("VisaAddress=TCPIP0::" + host + "::" + service.device + "::INSTR");
      }
      result.push_back(std::move(announced));
    }
  }
  return result;
}

std::size_t Bench::clients() const noexcept {
  std::size_t count = 0;
  for (const auto& wire : wires_) count += wire->clients();
  return count;
}

}  // namespace visa::sim
