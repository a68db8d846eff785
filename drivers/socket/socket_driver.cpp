// SPDX-License-Identifier: MIT
#include "drivers/socket/socket_driver.h"

#include <utility>

#include "drivers/common/connector.h"
#include "drivers/common/resolver.h"
#include "drivers/socket/socket_channel.h"
#include "drivers/socket/socket_settings.h"

namespace visa::drivers {
namespace {

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

}  // namespace

spi::Fit SocketDriver::fits(const model::ResourceName& resource) const noexcept {
  return resource.kind == model::Kind::tcpip_socket ? spi::Fit::exact : spi::Fit::no;
}

std::vector<std::string_view> SocketDriver::setting_keys() const {
  return SocketSettings::keys();
}

Result<std::unique_ptr<spi::Channel>> SocketDriver::open(const spi::OpenRequest& request,
                                                         Call& call) {
  const model::ResourceName& name = request.name;
  if (name.has_credential) {
    // A name with a credential must not reach the instrument in the clear.
    return call.fail(Status::error_nsup_oper,
                     "a raw socket has no security; leave the credential out of the name");
  }
  const Result<SocketSettings> settings = read_socket_settings(request.settings, call);
  if (!settings) return settings.status();
  ConnectOptions options;
  options.keepalive_idle = settings->keepalive_idle;
  options.receive_buffer = settings->receive_buffer;
  options.send_buffer = settings->send_buffer;
  if (const Status set = apply_initial(request, options); failed(set)) return set;

  const Result<std::vector<Endpoint>> addresses = resolve(name.host, name.port, call);
  if (!addresses) return addresses.status();
  Result<Connection> connection = connect_tcp(*addresses, name.host, options, call);
  if (!connection) return connection.status();
  SocketChannel::Origin origin{name.host, options.nodelay, options.keepalive,
                               settings->drain_before_write, settings->close_ends_answer};
  return std::unique_ptr<spi::Channel>(
      std::make_unique<SocketChannel>(*std::move(connection), std::move(origin)));
}

std::unique_ptr<spi::Driver> make_socket_driver() {
  return std::make_unique<SocketDriver>();
}

}  // namespace visa::drivers
