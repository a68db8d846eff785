// SPDX-License-Identifier: MIT
#include "tools/sim/bench.h"

#include <algorithm>
#include <array>
#include <utility>

#include "tools/sim/multimeter.h"
#include "tools/sim/oscilloscope.h"
#include "tools/sim/pyvisa_instrument.h"

namespace visa::sim {
namespace {

template <typename Kind>
std::unique_ptr<Instrument> make() {
  return std::make_unique<Kind>();
}

constexpr std::array kKinds = std::to_array<InstrumentKind>({
    {"pyvisa", "the instrument PyVISA's own tests want: stores a line and sends it back", 5025,
     &make<PyvisaInstrument>},
    {"dmm", "multimeter: MEASure, CONFigure, READ?, ranges, overload", 5026, &make<Multimeter>},
    {"scope", "oscilloscope: CURVe?, records up to 64M points, screenshot as PNG", 5027,
     &make<Oscilloscope>},
});

// What a client on this machine connects to when the bench listens on every address.
std::string reachable(const std::string& address) {
  if (address == "0.0.0.0") {
    return "127.0.0.1";
  }
  if (address.find(':') != std::string::npos) {
    return "[" + (address == "::" ? std::string("::1") : address) + "]";
  }
  return address;
}

}  // namespace

std::span<const InstrumentKind> instrument_kinds() noexcept {
  return kKinds;
}

const InstrumentKind* find_instrument_kind(std::string_view name) noexcept {
  const auto* const found =
      std::find_if(kKinds.begin(), kKinds.end(),
                   [name](const InstrumentKind& kind) { return kind.name == name; });
  return found != kKinds.end() ? found : nullptr;
}

const Bench::Resource& Bench::serve_socket(const InstrumentKind& kind, const std::string& address,
                                           std::uint16_t port) {
  auto instrument = kind.make();
  auto wire = std::make_unique<SocketWire>(loop_, *instrument, address, port);
  loop_.add_timer(*instrument);
  instruments_.push_back(std::move(instrument));
  wires_.push_back(std::move(wire));
  Resource resource;
  resource.port = wires_.back()->port();
  resource.name =
      "TCPIP0::" + reachable(address) + "::" + std::to_string(resource.port) + "::SOCKET";
  resource.alias = unused_alias(kind.name);
  resources_.push_back(std::move(resource));
  return resources_.back();
}

std::string Bench::unused_alias(std::string_view kind) const {
  std::string alias(kind);
  for (int number = 2; std::any_of(resources_.begin(), resources_.end(),
                                   [&alias](const Resource& used) { return used.alias == alias; });
       ++number) {
    alias = std::string(kind) + std::to_string(number);
  }
  return alias;
}

std::string Bench::configuration() const {
  std::string text;
  for (const Resource& resource : resources_) {
    text += "[[resource]]\n";
    text += "name = \"" + resource.name + "\"\n";
    text += "alias = \"" + resource.alias + "\"\n";
    text += "attributes = { VI_ATTR_TERMCHAR_EN = true }\n\n";
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
