// SPDX-License-Identifier: MIT
// Opening: settings and initial attributes first, then the name look-up and the connect, so that a
// wrong setting is reported without a byte on the wire.
#include "drivers/socket/socket_driver.h"

#include <utility>

#include "drivers/common/connector.h"
#include "drivers/common/resolver.h"
#include "drivers/common/tcp_attributes.h"
#include "drivers/socket/socket_channel.h"
#include "drivers/socket/socket_settings.h"

namespace visa::drivers {

std::vector<std::string_view> SocketDriver::setting_keys() const {
  return SocketSettings::keys();
}

Result<std::unique_ptr<spi::Channel>> SocketDriver::open(const spi::OpenRequest& request,
                                                         Call& call) {
  const model::ResourceName& name = request.name;
  if (name.has_credential) {
    // The credential must not be sent unencrypted.
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
  return std::unique_ptr<spi::Channel>(
      std::make_unique<SocketChannel>(*std::move(connection), name.host, options, *settings));
}

std::unique_ptr<spi::Driver> make_socket_driver() {
  return std::make_unique<SocketDriver>();
}

}  // namespace visa::drivers
