// SPDX-License-Identifier: MIT
// Opening: settings, look-up of the host, portmapper, connect, create_link, all within one
// deadline.
#include "drivers/vxi11/vxi11_driver.h"

#include <chrono>
#include <utility>

#include "drivers/common/connector.h"
#include "drivers/common/resolver.h"
#include "drivers/common/rpc_portmapper.h"
#include "drivers/common/tcp_attributes.h"
#include "drivers/vxi11/vxi11_channel.h"
#include "drivers/vxi11/vxi11_link.h"
#include "drivers/vxi11/vxi11_settings.h"

namespace visa::drivers::vxi11 {
namespace {

/// 4.3.8: the device of a resource name that gives none.
constexpr std::string_view kDefaultDevice = "inst0";

/// Advice for a host without VXI-11: the resource names for its other protocols. A long host name
/// is left out, because viStatusDesc has 256 bytes.
std::string other_names(const spi::OpenRequest& request) {
  constexpr std::size_t kLongHost = 20;
  std::string host = request.name.host;
  if (request.name.host_is_ipv6) host = "[" + host + "]";
  if (host.size() > kLongHost) host = "<host>";
  const bool hislip = request.openable.contains(model::Kind::tcpip_hislip);
  return "no VXI-11? Try TCPIP::" + host + "::5025::SOCKET (raw port) or TCPIP::" + host +
         "::hislip0::INSTR (HiSLIP" + (hislip ? ")" : ": no driver in this build)");
}

/// The grammar allows nearly any device name; only the instrument knows which of them exist.
Status device_refused(std::string_view device, Call& call) {
  constexpr std::size_t kLongDevice = 40;
  std::string detail = "device name \"";
  detail += device.substr(0, kLongDevice);
  detail += device.size() > kLongDevice ? "...\": " : "\": ";
  detail += call.detail.empty() ? "too long for VXI-11" : call.detail;
  return call.fail(Status::error_inv_rsrc_name,
                   detail + "; expected one that it has, such as inst0 or gpib0,5");
}

/// The addresses of the core channel, with the port that is configured or that the portmapper
/// names.
Result<std::vector<Endpoint>> find_core(const spi::OpenRequest& request, const Settings& settings,
                                        Call& call) {
  const model::ResourceName& name = request.name;
  const int port = settings.core_port != 0 ? settings.core_port : settings.portmapper_port;
  auto addresses = resolve(name.host, static_cast<std::uint16_t>(port), call);
  if (!addresses || settings.core_port != 0) return addresses;
  const auto server = find_rpc_server(*addresses, name.host, kVxi11CoreProgram, kVxi11CoreVersion,
                                      call, other_names(request));
  if (!server) return server.status();
  return std::vector{*server};
}

}  // namespace

std::vector<std::string_view> Vxi11Driver::setting_keys() const {
  return Settings::keys();
}

Result<spi::Identity> Vxi11Driver::identify(const spi::OpenRequest& request, Call& call) {
  const auto settings = read_settings(request.settings, call);
  if (!settings) return settings.status();
  std::string key = request.name.key();
  if (settings->core_port != 0) {
    key += " port " + std::to_string(settings->core_port);
  } else if (settings->portmapper_port != kPortmapperPort) {
    key += " portmapper " + std::to_string(settings->portmapper_port);
  }
  return spi::Identity{std::move(key)};
}

Result<std::unique_ptr<spi::Channel>> Vxi11Driver::open(const spi::OpenRequest& request,
                                                        Call& call) {
  const model::ResourceName& name = request.name;
  if (name.has_credential) {
    // The credential must not be sent unencrypted.
    return call.fail(Status::error_nsup_oper,
                     "VXI-11 has no security; leave the credential out of the name");
  }
  const auto settings = read_settings(request.settings, call);
  if (!settings) return settings.status();
  ConnectOptions options;
  options.keepalive = true;  // networks drop idle connections, those of containers after minutes
  options.keepalive_idle = settings->keepalive_idle;
  if (const Status set = apply_initial(request, options); failed(set)) return set;

  const auto servers = find_core(request, *settings, call);
  if (!servers) return servers.status();
  const auto begin = std::chrono::steady_clock::now();
  auto connection = connect_tcp(*servers, name.host, options, call);
  if (!connection) return connection.status();
  auto link = std::make_unique<Link>(*std::move(connection), name.host,
                                     std::chrono::steady_clock::now() - begin, options);
  const std::string device = name.device.empty() ? std::string(kDefaultDevice) : name.device;
  const auto abort_port = static_cast<std::uint16_t>(settings->abort_port);
  if (const Status made = link->create(device, abort_port, call); failed(made)) {
    link->destroy(call);
    return made == Status::error_inv_rsrc_name ? device_refused(device, call) : made;
  }
  return std::unique_ptr<spi::Channel>(std::make_unique<Vxi11Channel>(
      std::move(link), name.host, device, options, settings->interrupt_acknowledge));
}

}  // namespace visa::drivers::vxi11

namespace visa::drivers {

std::unique_ptr<spi::Driver> make_vxi11_driver() {
  return std::make_unique<vxi11::Vxi11Driver>();
}

}  // namespace visa::drivers
