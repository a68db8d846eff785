// SPDX-License-Identifier: MIT
// Links are made outside of the mutex, because that may take as long as the network wants.
#include "drivers/gpib/gateway/gateway_links.h"

#include <algorithm>
#include <utility>

#include "lib/base/cancel_shield.h"
#include "lib/model/resource_name.h"

namespace visa::drivers::gpib::gateway {

Status GatewayLink::enable(spi::EventSink& sink, Call& call) {
  const MutexLock lock(events_);
  if (enabled_) return Status::success;
  if (closed_) return Status::error_inv_object;
  const Status status = channel_->enable_event(VI_EVENT_SERVICE_REQ, sink, call);
  enabled_ = ok(status);
  return status;
}

void GatewayLink::close(Call& call) noexcept {
  const CancelShield shield;
  const MutexLock lock(events_);
  if (std::exchange(closed_, true)) return;
  if (std::exchange(enabled_, false)) channel_->disable_event(VI_EVENT_SERVICE_REQ, call);
  channel_->close(call);
}

GatewayLinks::GatewayLinks(GatewayTarget target, spi::Settings settings, spi::Wires& wires)
    : target_(std::move(target)), settings_(std::move(settings)), wires_(wires) {}

Result<GatewayLinks::LinkPtr> GatewayLinks::connect(const std::string& device, Call& call) {
  const auto name =
      model::parse_resource_name("TCPIP0::" + target_.host + "::" + device + "::INSTR");
  if (!name) {
    return call.fail(Status::error_inv_setup,
                     "vxi11://" + target_.host + "/" + target_.interface +
                         " names no gateway; write vxi11://HOST or vxi11://HOST/INTERFACE");
  }
  auto channel = wires_.open(*name, settings_, call);
  // The name that a gateway does not understand is of this driver, not of the program.
  if (channel.status() == Status::error_inv_rsrc_name) return Status::error_rsrc_nfound;
  if (!channel) return channel.status();
  return std::make_shared<GatewayLink>(*std::move(channel));
}

Result<GatewayLinks::LinkPtr> GatewayLinks::device(const Address& address, Call& call) {
  {
    const MutexLock lock(mutex_);
    const auto at = devices_.find(address);
    if (at != devices_.end()) return at->second;
  }
  std::string device = target_.interface + "," + std::to_string(address.primary);
  if (address.secondary) device += "," + std::to_string(*address.secondary);
  auto link = connect(device, call);
  if (!link) return link;
  const MutexLock lock(mutex_);
  return devices_[address] = *link;
}

Result<GatewayLinks::LinkPtr> GatewayLinks::board(Call& call) {
  {
    const MutexLock lock(mutex_);
    if (board_ != nullptr) return board_;
  }
  auto link = connect(target_.interface, call);
  if (!link) return link;
  const MutexLock lock(mutex_);
  return board_ = *link;
}

void GatewayLinks::end(const Address& address, Call& call) noexcept {
  LinkPtr link;
  {
    const MutexLock lock(mutex_);
    const auto at = devices_.find(address);
    if (at == devices_.end()) return;
    link = std::move(at->second);
    devices_.erase(at);
  }
  link->close(call);
}

void GatewayLinks::drop(const LinkPtr& link, Call& call) noexcept {
  {
    const MutexLock lock(mutex_);
    // Another thread may be inside the link of the interface; its last user ends the connection.
    if (board_ == link) board_.reset();
    if (std::erase_if(devices_, [&](const auto& one) { return one.second == link; }) == 0) return;
  }
  link->close(call);
}

void GatewayLinks::close(Call& call) noexcept {
  std::map<Address, LinkPtr> devices;
  LinkPtr board;
  {
    const MutexLock lock(mutex_);
    devices.swap(devices_);
    board.swap(board_);
  }
  for (const auto& [address, link] : devices) link->close(call);
  if (board != nullptr) board->close(call);
}

std::vector<GatewayLinks::LinkPtr> GatewayLinks::devices() const {
  const MutexLock lock(mutex_);
  std::vector<LinkPtr> links;
  for (const auto& [address, link] : devices_) links.push_back(link);
  return links;
}

std::vector<Address> GatewayLinks::addresses() const {
  const MutexLock lock(mutex_);
  std::vector<Address> all;
  for (const auto& [address, link] : devices_) all.push_back(address);
  return all;
}

void GatewayLinks::wake() noexcept {
  const MutexLock lock(mutex_);
  for (const auto& [address, link] : devices_) link->channel().wake();
  if (board_ != nullptr) board_->channel().wake();
}

}  // namespace visa::drivers::gpib::gateway
