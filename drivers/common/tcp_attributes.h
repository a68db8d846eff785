// SPDX-License-Identifier: MIT
// The attributes that every wire over TCP answers alike (SOCKET, VXI-11, HiSLIP): address, host
// name, port, TCP_NODELAY and keepalive. A channel class inherits it and names the members in its
// own table of bindings. As thread-safe as the channel's attribute calls need: one at a time.
#pragma once

#include <string>

#include "drivers/common/connector.h"
#include "drivers/common/endpoint.h"
#include "lib/base/call.h"
#include "lib/base/result.h"
#include "lib/model/attribute_value.h"
#include "lib/spi/driver.h"

namespace visa::drivers {

/// The initial attributes of an open go onto the socket before it connects. error_nsup_attr: one
/// that no TCP socket has.
Status apply_initial(const spi::OpenRequest& request, ConnectOptions& options);

class TcpAttributes {
 protected:
  /// `host` is what the resource name says, `options` what the socket was connected with.
  TcpAttributes(Endpoint peer, std::string host, const ConnectOptions& options);
  ~TcpAttributes() = default;

  Result<model::AttributeValue> address(Call& call);
  /// The name the session was opened by; "" where it was opened by an address.
  Result<model::AttributeValue> hostname(Call& call);
  Result<model::AttributeValue> port(Call& call);
  Result<model::AttributeValue> nodelay(Call& call);
  Result<model::AttributeValue> keepalive(Call& call);
  Status set_nodelay(const model::AttributeValue& value, Call& call);
  Status set_keepalive(const model::AttributeValue& value, Call& call);

  const Endpoint& peer() const noexcept { return peer_; }
  const std::string& host() const noexcept { return host_; }

 private:
  /// Sets the option on the connection that carries the session now, and on those after it.
  virtual Status apply_nodelay(bool on, Call& call) = 0;
  virtual Status apply_keepalive(bool on, Call& call) = 0;

  const Endpoint peer_;
  const std::string host_;
  bool nodelay_;
  bool keepalive_;
};

}  // namespace visa::drivers
