// SPDX-License-Identifier: MIT
// Invariant: nodelay_ and keepalive_ say what the connection really uses; they change only after
// the system has accepted the option.
#include "drivers/common/tcp_attributes.h"

#include <utility>

namespace visa::drivers {
namespace {

model::AttributeValue boolean(bool value) {
  return std::uint64_t{value ? 1u : 0u};
}

}  // namespace

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

TcpAttributes::TcpAttributes(Endpoint peer, std::string host, const ConnectOptions& options)
    : peer_(peer),
      host_(std::move(host)),
      nodelay_(options.nodelay),
      keepalive_(options.keepalive) {}

Result<model::AttributeValue> TcpAttributes::address(Call&) {
  return model::AttributeValue(peer_.numeric());
}

Result<model::AttributeValue> TcpAttributes::hostname(Call&) {
  return model::AttributeValue(is_numeric_host(host_) ? std::string() : host_);
}

Result<model::AttributeValue> TcpAttributes::port(Call&) {
  return model::AttributeValue(std::uint64_t{peer_.port()});
}

Result<model::AttributeValue> TcpAttributes::nodelay(Call&) {
  return boolean(nodelay_);
}

Result<model::AttributeValue> TcpAttributes::keepalive(Call&) {
  return boolean(keepalive_);
}

Status TcpAttributes::set_nodelay(const model::AttributeValue& value, Call& call) {
  const bool on = model::number(value) != 0;
  const Status set = apply_nodelay(on, call);
  if (ok(set)) nodelay_ = on;
  return set;
}

Status TcpAttributes::set_keepalive(const model::AttributeValue& value, Call& call) {
  const bool on = model::number(value) != 0;
  const Status set = apply_keepalive(on, call);
  if (ok(set)) keepalive_ = on;
  return set;
}

}  // namespace visa::drivers
