// SPDX-License-Identifier: MIT
// The attributes that all wires over TCP have in common (SOCKET, VXI-11, HiSLIP): address, host
// name, port, TCP_NODELAY and keepalive. A channel class inherits this class and names its members
// in its own table of bindings. Not thread-safe: the core makes one attribute call of a channel at
// a time.
#pragma once

#include <string>

#include "drivers/common/connector.h"
#include "drivers/common/endpoint.h"
#include "lib/base/call.h"
#include "lib/base/result.h"
#include "lib/model/attribute_value.h"
#include "lib/spi/driver.h"

namespace visa::drivers {

/// Puts the initial attributes of an open into the options, which are set before the socket
/// connects. error_nsup_attr: an attribute that no TCP socket has.
Status apply_initial(const spi::OpenRequest& request, ConnectOptions& options);

class TcpAttributes {
 protected:
  /// `host` is the host field of the resource name; `options` are those the socket was connected
  /// with.
  TcpAttributes(Endpoint peer, std::string host, const ConnectOptions& options);
  ~TcpAttributes() = default;

  Result<model::AttributeValue> address(Call& call);
  /// The host name the session was opened by; "" if it was opened by an address.
  Result<model::AttributeValue> hostname(Call& call);
  Result<model::AttributeValue> port(Call& call);
  Result<model::AttributeValue> nodelay(Call& call);
  Result<model::AttributeValue> keepalive(Call& call);
  Status set_nodelay(const model::AttributeValue& value, Call& call);
  Status set_keepalive(const model::AttributeValue& value, Call& call);

  const Endpoint& peer() const noexcept { return peer_; }
  const std::string& host() const noexcept { return host_; }

 private:
  /// Sets the option on the present connection of the session, and on those that replace it.
  virtual Status apply_nodelay(bool on, Call& call) = 0;
  virtual Status apply_keepalive(bool on, Call& call) = 0;

  const Endpoint peer_;
  const std::string host_;
  bool nodelay_;
  bool keepalive_;
};

}  // namespace visa::drivers
