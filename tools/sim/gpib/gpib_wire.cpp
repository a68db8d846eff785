// SPDX-License-Identifier: MIT
// One adapter for all instruments: a program sees them as GPIB0.
#include "tools/sim/gpib/gpib_wire.h"

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "tools/sim/engine/instrument.h"
#include "tools/sim/gpib/gpib_adapter.h"
#include "tools/sim/gpib/gpib_bus.h"
#include "tools/sim/gpib/gpib_carriers.h"
#include "tools/sim/gpib/gpib_faults.h"
#include "tools/sim/net/listener.h"
#include "tools/sim/tables/table_reader.h"

namespace visa::sim {
namespace {

constexpr std::uint16_t kUsualPort = 1234;
constexpr std::uint32_t kMostPort = 65535;

struct GpibDescription : WireSection {
  std::optional<GpibPlace> place;
};

/// What the adapters say of themselves.
std::string version_of(AdapterKind kind, bool serial) {
  if (kind == AdapterKind::ar488) return "AR488 GPIB controller, ver. 0.53.04";
  return serial ? "Prologix GPIB-USB Controller version 6.107"
                : "Prologix GPIB-ETHERNET Controller version 01.06.06.00";
}

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
  GpibServer(EventLoop& loop, AdapterKind kind, const std::string& address, std::uint16_t port)
      : bus_(loop),
        adapter_(bus_, kind, version_of(kind, false)),
        address_(address),
        tcp_(std::make_unique<GpibTcpPort>(loop, adapter_, address, port)) {}
  GpibServer(EventLoop& loop, AdapterKind kind, std::string file)
      : bus_(loop), adapter_(bus_, kind, version_of(kind, true)) {
    if (file == "-") {
      file = (std::filesystem::temp_directory_path() / "freevisa-gpib-XXXXXX").string();
      if (::mkdtemp(file.data()) == nullptr) {
        throw std::system_error(errno, std::generic_category(), file);
      }
      own_folder_ = file;
      file += "/adapter";
    }
    file = std::filesystem::absolute(file).lexically_normal().string();
    serial_ = std::make_unique<GpibSerialPort>(loop, adapter_, file);
  }
  ~GpibServer() override {
    serial_.reset();
    std::error_code ignored;
    if (!own_folder_.empty()) std::filesystem::remove_all(own_folder_, ignored);
  }
  GpibServer(const GpibServer&) = delete;
  GpibServer& operator=(const GpibServer&) = delete;

  std::unique_ptr<Wire> serve(Instrument& instrument, const WireSection* section,
                              std::uint16_t) override {
    const auto* const said = static_cast<const GpibDescription*>(section);
    const auto place = said == nullptr ? std::nullopt : said->place;
    return std::make_unique<GpibWire>(*this, bus_.add(instrument, place));
  }
  std::string configuration() const override {
    const std::string target = serial_ != nullptr ? "prologix-serial://" + serial_->path()
                                                  : "prologix://" + resource_host(address_) + ":" +
                                                        std::to_string(tcp_->port());
    return "[[interface]]\nname = \"GPIB0\"\nadapter = \"" + target + "\"\n";
  }

  std::size_t clients() const noexcept {
    return serial_ != nullptr ? (serial_->connected() ? 1U : 0U) : tcp_->clients();
  }
  const GpibAdapter& adapter() const noexcept { return adapter_; }

 private:
  GpibBus bus_;
  GpibAdapter adapter_;
  std::string address_;
  std::unique_ptr<GpibTcpPort> tcp_;
  std::string own_folder_;
  std::unique_ptr<GpibSerialPort> serial_;
};

std::size_t GpibWire::clients() const noexcept {
  return server_.clients();
}

Wire::State GpibWire::state() const {
  return {{"saves", server_.adapter().saves()}, {"unknown", server_.adapter().unknown()}};
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
    static constexpr std::string_view kAdapters[] = {"prologix", "ar488"};
    static constexpr WireOption kOptions[] = {
        {.name = "--gpib",
         .value = "ADAPTER",
         .help =
             "all instruments are on one GPIB bus too, with an adapter of this kind: prologix or "
             "ar488",
         .words = kAdapters},
        {.name = "--gpib-port",
         .value = "N",
         .help = "TCP port of the adapter; without it 1234, or one the system chooses",
         .most = kMostPort},
        {.name = "--gpib-serial",
         .value = "FILE",
         .help = "the adapter is at a serial port of that name instead; \"-\": one in a folder for "
                 "temporary files"},
    };
    return kOptions;
  }
  std::unique_ptr<WireServer> open(EventLoop& loop, const WireSettings& settings) const override {
    const auto wanted = settings.value("--gpib");
    if (!wanted) return nullptr;
    const AdapterKind kind = *wanted == "ar488" ? AdapterKind::ar488 : AdapterKind::prologix;
    if (const auto file = settings.value("--gpib-serial")) {
      return std::make_unique<GpibServer>(loop, kind, *file);
    }
    auto port = static_cast<std::uint16_t>(settings.number("--gpib-port", kMostPort));
    if (!settings.has("--gpib-port") && settings.usual_ports) port = kUsualPort;
    return std::make_unique<GpibServer>(loop, kind, settings.address, port);
  }
};

}  // namespace

const WireKind& gpib_wire_kind() noexcept {
  static constexpr GpibKind kKind;
  return kKind;
}

}  // namespace visa::sim
