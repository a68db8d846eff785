// SPDX-License-Identifier: MIT
#include "tools/sim/vxi11/vxi11_link.h"

#include <algorithm>

#include "tools/sim/vxi11/vxi11_core.h"
#include "tools/sim/vxi11/vxi11_server.h"

namespace visa::sim {

void Vxi11Device::unlock() {
  holder_ = nullptr;
  const std::vector<Vxi11Core*> waiting = waiters_;
  for (Vxi11Core* const core : waiting) {
    core->try_lock_again();
  }
}

void Vxi11Device::remove_waiter(const Vxi11Core& core) noexcept {
  std::erase(waiters_, &core);
}

Vxi11Link::Vxi11Link(Vxi11Core& core, Vxi11Device& device, std::int32_t id, bool gateway,
                     const std::vector<GpibInterface::Place>& places)
    : core_(core), device_(device), id_(id), gateway_(gateway) {
  if (Instrument* const instrument = device.instrument()) {
    link_.emplace(*instrument, Exchange::strict, static_cast<LinkEvents*>(this));
  } else {
    bus_ = std::make_unique<GpibInterface>(places, static_cast<LinkEvents&>(*this));
  }
  ++device_.links;
  if (logged()) {
    log("open", peer());
  }
}

Vxi11Link::~Vxi11Link() {
  if (logged()) {
    log("close", {});
  }
  --device_.links;
  if (device_.holder() == this) {
    device_.unlock();
  }
}

std::vector<Link*> Vxi11Link::targets() {
  return bus_ != nullptr ? bus_->listeners() : std::vector<Link*>{&*link_};
}

FaultBoard* Vxi11Link::faults() noexcept {
  return device_.instrument() != nullptr ? &device_.instrument()->faults() : nullptr;
}

bool Vxi11Link::service_requested() const noexcept {
  if (link_) {
    return link_->service_requested();
  }
  const auto links = bus_->links();
  return std::any_of(links.begin(), links.end(),
                     [](const Link* one) { return one->service_requested(); });
}

void Vxi11Link::log(std::string_view event, std::string_view bytes) const {
  if (link_) {
    link_->log(event, bytes);
  }
}

void Vxi11Link::on_late_answer() {
  core_.wake_up();
}

void Vxi11Link::on_service_request() {
  core_.server().service_requested(*this);
}

void Vxi11Link::on_drop(bool reset) {
  core_.drop(reset);
}

std::string Vxi11Link::peer() const {
  return core_.peer();
}

}  // namespace visa::sim
