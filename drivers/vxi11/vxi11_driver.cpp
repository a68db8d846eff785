// SPDX-License-Identifier: MIT
#include "drivers/vxi11/vxi11_driver.h"

#include <chrono>
#include <utility>

#include "drivers/common/connector.h"
#include "drivers/common/resolver.h"
#include "drivers/common/rpc_portmapper.h"
#include "drivers/vxi11/vxi11_channel.h"
#include "drivers/vxi11/vxi11_link.h"
#include "drivers/vxi11/vxi11_settings.h"

namespace visa::drivers::vxi11 {
namespace {

/// 4.3.8: what is meant where the name gives no device.
constexpr std::string_view kDefaultDevice = "inst0";

/// Initial values count before the device is touched: they go onto the socket before it connects.
Status apply_initial(const spi::OpenRequest& request, ConnectOptions& options) {
  for (const auto& [id, value] : request.initial_attributes) {
    if (id == VI_ATTR_TCPIP_NODELAY) {
      options.nodelay = model::number(value) != 0;
    } else if (id == VI_ATTR_TCPIP_KEEPALIVE) {
      options.keepalive = model::number(value) != 0;
    } else {
      return Status::error_nsup_attr;
    }
  }
  return Status::success;
}

/// Where the core channel listens: as configured, or as the portmapper says.
Result<std::vector<Endpoint>> find_core(const model::ResourceName& name, const Settings& settings,
                                        Call& call) {
  const int port = settings.core_port != 0 ? settings.core_port : settings.portmapper_port;
  auto addresses = resolve(name.host, static_cast<std::uint16_t>(port), call);
  if (!addresses || settings.core_port != 0) return addresses;
  const auto server =
      find_rpc_server(*addresses, name.host, kVxi11CoreProgram, kVxi11CoreVersion, call);
  if (!server) return server.status();
  return std::vector{*server};
}

}  // namespace

spi::Fit Vxi11Driver::fits(const model::ResourceName& resource) const noexcept {
  return resource.kind == model::Kind::tcpip_vxi11 ? spi::Fit::exact : spi::Fit::no;
}

std::vector<std::string_view> Vxi11Driver::setting_keys() const {
  return Settings::keys();
}

Result<std::unique_ptr<spi::Channel>> Vxi11Driver::open(const spi::OpenRequest& request,
                                                        Call& call) {
  const model::ResourceName& name = request.name;
  if (name.has_credential) {
    // A name with a credential must not reach the instrument in the clear.
    return call.fail(Status::error_nsup_oper,
                     "VXI-11 has no security; leave the credential out of the name");
  }
  const auto settings = read_settings(request.settings, call);
  if (!settings) return settings.status();
  ConnectOptions options;
  options.keepalive = true;  // idle links are dropped on the way, by containers after minutes
  options.keepalive_idle = settings->keepalive_idle;
  if (const Status set = apply_initial(request, options); failed(set)) return set;

  const auto servers = find_core(name, *settings, call);
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
    return made;
  }
  Vxi11Channel::Origin origin{name.host, device, options.nodelay, options.keepalive,
                              settings->interrupt_acknowledge};
  return std::unique_ptr<spi::Channel>(
      std::make_unique<Vxi11Channel>(std::move(link), std::move(origin)));
}

}  // namespace visa::drivers::vxi11

namespace visa::drivers {

std::unique_ptr<spi::Driver> make_vxi11_driver() {
  return std::make_unique<vxi11::Vxi11Driver>();
}

}  // namespace visa::drivers
