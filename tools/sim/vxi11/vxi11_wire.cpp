// SPDX-License-Identifier: MIT
// Options: --vxi11-port N, the core channel's port, with N+1 for the abort channel; --portmapper N,
// "rpcbind" (the one of this machine) or "off"; --no-vxi11.
#include "tools/sim/vxi11/vxi11_wire.h"

#include "tools/sim/vxi11/vxi11_faults.h"
#include "tools/sim/vxi11/vxi11_procedure.h"
#include "tools/sim/vxi11/vxi11_server.h"

namespace visa::sim {
namespace {

constexpr std::uint32_t kMostPort = 65535;
constexpr std::uint32_t kMostFirst = kMostPort - 1;  // the abort channel has the next

class Vxi11Kind final : public WireKind {
 public:
  std::string_view name() const noexcept override { return "vxi11"; }
  std::string_view alias_suffix() const noexcept override { return "-vxi11"; }
  std::span<const FaultKind* const> faults() const noexcept override { return vxi11_faults(); }
  const WireOperation* find_operation(std::string_view name) const noexcept override;
  bool has_section() const noexcept override { return true; }
  std::unique_ptr<const WireSection> read_section(TableReader& table) const override {
    return read_vxi11_description(table);
  }
  std::span<const WireOption> options() const noexcept override;
  std::unique_ptr<WireServer> open(EventLoop& loop, const WireSettings& settings) const override;
};

// The procedures of VXI-11, and those of the portmapper by which clients find it.
const WireOperation* Vxi11Kind::find_operation(std::string_view name) const noexcept {
  for (const RpcProcedure& one : kVxi11Procedures) {
    if (one.name == name) return &one;
  }
  for (const RpcProcedure* const one : {&kGetport, &kDump}) {
    if (one->name == name) return one;
  }
  return nullptr;
}

std::span<const WireOption> Vxi11Kind::options() const noexcept {
  static constexpr std::string_view kWords[] = {"rpcbind", "off"};
  static constexpr WireOption kOptions[] = {
      {.name = "--vxi11-port",
       .value = "N",
       .help = "port of VXI-11's core channel; its abort channel has N+1. Without it the system "
               "chooses them; the configuration names them, so no portmapper is needed.",
       .most = kMostFirst},
      {.name = "--portmapper",
       .value = "N|rpcbind|off",
       .help = "port of the bench's own portmapper (0: one the system chooses, the default). Other "
               "programs ask port 111, which root may open. \"rpcbind\" registers with the "
               "portmapper of this machine instead; \"off\": none",
       .most = kMostPort,
       .words = kWords},
      {.name = "--no-vxi11", .help = "without VXI-11"},
  };
  return kOptions;
}

std::unique_ptr<WireServer> Vxi11Kind::open(EventLoop& loop, const WireSettings& settings) const {
  if (settings.has("--no-vxi11")) return nullptr;
  const std::string portmapper = settings.value("--portmapper").value_or("0");
  const bool own = portmapper != "off" && portmapper != "rpcbind";
  const auto port = own ? settings.number("--portmapper", kMostPort) : 0;
  const auto first = settings.number("--vxi11-port", kMostFirst);
  auto server =
      std::make_unique<Vxi11Server>(loop, settings.address, static_cast<std::uint16_t>(first),
                                    static_cast<std::uint16_t>(first == 0 ? 0 : first + 1));
  if (own) {
    server->open_portmapper(static_cast<std::uint16_t>(port));
  } else if (portmapper == "rpcbind") {
    server->register_at_start();
  }
  return server;
}

}  // namespace

const WireKind& vxi11_wire_kind() noexcept {
  static constexpr Vxi11Kind kKind;
  return kKind;
}

}  // namespace visa::sim
