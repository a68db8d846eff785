// SPDX-License-Identifier: MIT
// Options: --hislip-port N, --no-hislip, --certificates FOLDER.
#include "tools/sim/hislip/hislip_wire.h"

#include <stdexcept>

#include "tools/sim/hislip/hislip_description.h"
#include "tools/sim/hislip/hislip_security_faults.h"
#include "tools/sim/hislip/hislip_server.h"
#include "tools/sim/security/tls.h"

namespace visa::sim {
namespace {

constexpr std::uint32_t kMostPort = 65535;

class HislipKind final : public WireKind {
 public:
  std::string_view name() const noexcept override { return "hislip"; }
  std::string_view alias_suffix() const noexcept override { return "-hislip"; }
  std::span<const FaultKind* const> faults() const noexcept override { return hislip_faults(); }
  const WireOperation* find_operation(std::string_view name) const noexcept override {
    for (const WireOperation& one : kHislipOperations) {
      if (one.name == name) return &one;
    }
    return nullptr;
  }
  bool has_section() const noexcept override { return true; }
  std::unique_ptr<const WireSection> read_section(TableReader& table) const override {
    return read_hislip_description(table);
  }
  std::span<const WireOption> options() const noexcept override {
    static constexpr WireOption kOptions[] = {
        {.name = "--hislip-port",
         .value = "N",
         .help = "port of HiSLIP. Without it 4880, which clients expect; with --port, and with 0, "
                 "one the system chooses, which the resource names then contain.",
         .most = kMostPort},
        {.name = "--no-hislip", .help = "without HiSLIP"},
        {.name = "--certificates",
         .value = "FOLDER",
         .help = "write what clients need for a secure connection by HiSLIP into FOLDER: ca.pem, "
                 "and a client's certificate, client.pem and client.key. They are made anew at "
                 "every start."},
    };
    return kOptions;
  }
  std::unique_ptr<WireServer> open(EventLoop& loop, const WireSettings& settings) const override {
    if (settings.has("--no-hislip")) return nullptr;
    const bool usual = settings.usual_ports && !settings.has("--hislip-port");
    const auto port = usual
                          ? HislipServer::kPort
                          : static_cast<std::uint16_t>(settings.number("--hislip-port", kMostPort));
    const auto folder = settings.value("--certificates");
    if (folder && !tls_available()) throw std::invalid_argument("--certificates: " + tls_missing());
    auto server = std::make_unique<HislipServer>(loop, settings.address, port);
    if (folder) server->authority().write_files(*folder);
    return server;
  }
};

}  // namespace

const WireKind& hislip_wire_kind() noexcept {
  static constexpr HislipKind kKind;
  return kKind;
}

}  // namespace visa::sim
