// SPDX-License-Identifier: MIT
// One bus for all instruments: a program sees it as GPIB0.
#include "tools/sim/gpib/gpib_wire.h"

#include <memory>
#include <string>
#include <vector>

#include "tools/sim/engine/instrument.h"
#include "tools/sim/gpib/gpib_bus.h"
#include "tools/sim/gpib/gpib_faults.h"
#include "tools/sim/gpib/gpib_front.h"
#include "tools/sim/tables/table_reader.h"

namespace visa::sim {
namespace {

constexpr std::uint32_t kMostPort = 65535;

struct GpibDescription : WireSection {
  std::optional<GpibPlace> place;
};

class GpibServer;

class GpibWire final : public Wire {
 public:
  GpibWire(GpibServer& server, const GpibPlace& place) : server_(server), place_(place) {}
  std::string resource_name() const override {
    std::string name = "GPIB0::" + std::to_string(place_.primary);
    if (place_.secondary) name += "::" + std::to_string(*place_.secondary);
    return name + "::INSTR";
  }
  std::size_t clients() const noexcept override;
  State state() const override;

 private:
  GpibServer& server_;
  const GpibPlace place_;
};

class GpibServer final : public WireServer {
 public:
  GpibServer(EventLoop& loop, const WireSettings& settings)
      : bus_(loop), front_(make_gpib_front(loop, bus_, settings)) {}

  std::unique_ptr<Wire> serve(Instrument& instrument, const WireSection* section,
                              std::uint16_t) override {
    const auto* const said = static_cast<const GpibDescription*>(section);
    const auto place = said == nullptr ? std::nullopt : said->place;
    return std::make_unique<GpibWire>(*this, bus_.add(instrument, place));
  }
  std::string configuration() const override {
    const std::string target = front_->target();
    if (target.empty()) return {};
    return "[[interface]]\nname = \"GPIB0\"\nadapter = \"" + target + "\"\n";
  }
  std::vector<std::string> environment() const override { return front_->environment(); }
  std::vector<std::string> remarks() const override {
    std::string line = "gpib";
    for (const std::string& one : front_->environment()) line += " " + one;
    return line == "gpib" ? std::vector<std::string>() : std::vector<std::string>{line};
  }
  const GpibFront& front() const noexcept { return *front_; }

 private:
  GpibBus bus_;
  std::unique_ptr<GpibFront> front_;
};

std::size_t GpibWire::clients() const noexcept {
  return server_.front().clients();
}

Wire::State GpibWire::state() const {
  return server_.front().state();
}

class GpibKind final : public WireKind {
 public:
  std::string_view name() const noexcept override { return "gpib"; }
  std::string_view alias_suffix() const noexcept override { return "-gpib"; }
  std::span<const FaultKind* const> faults() const noexcept override { return gpib_faults(); }
  const WireOperation* find_operation(std::string_view name) const noexcept override {
    return find_gpib_operation(name);
  }
  bool has_section() const noexcept override { return true; }
  std::unique_ptr<const WireSection> read_section(TableReader& table) const override {
    auto said = std::make_unique<GpibDescription>();
    if (const auto text = table.text("address")) {
      said->place = parse_gpib_place(*text);
      if (!said->place) {
        table.mistake("address", "expected an address as in \"5\" or \"5,2\", 0 to 30");
      }
    }
    return said;
  }
  std::span<const WireOption> options() const noexcept override {
    static const WireOption kOptions[] = {
        {.name = "--gpib",
         .value = "ADAPTER",
         .help = "all instruments are on one GPIB bus too, with an adapter of this kind: prologix, "
                 "ar488, enet100 (NI's GPIB-ENET/100), or kernel: the board /dev/gpib0 of PROGRAM, "
                 "which sees no other devices then; needs umockdev",
         .words = gpib_front_names()},
        {.name = "--gpib-port",
         .value = "N",
         .help = "TCP port of the adapter; without it 1234, of an enet100 5000, or one the system "
                 "chooses",
         .most = kMostPort},
        {.name = "--gpib-serial",
         .value = "FILE",
         .help = "the adapter is at a serial port of that name instead; \"-\": one in a folder for "
                 "temporary files"},
    };
    return kOptions;
  }
  std::unique_ptr<WireServer> open(EventLoop& loop, const WireSettings& settings) const override {
    if (!settings.has("--gpib")) return nullptr;
    return std::make_unique<GpibServer>(loop, settings);
  }
};

}  // namespace

const WireKind& gpib_wire_kind() noexcept {
  static constexpr GpibKind kKind;
  return kKind;
}

}  // namespace visa::sim
