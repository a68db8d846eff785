// SPDX-License-Identifier: MIT
// Exactly one of link_ and bus_ is there, and device_ counts this link as long as it lives.
#include "tools/sim/vxi11/vxi11_link.h"

#include <algorithm>

namespace visa::sim {

Vxi11Link::Vxi11Link(Vxi11LinkOwner& owner, Vxi11Device& device, std::int32_t id, bool gateway,
                     const std::vector<GpibInterface::Place>& places)
    : owner_(owner), device_(device), id_(id), gateway_(gateway) {
  if (Instrument* const instrument = device.instrument()) {
    link_.emplace(*instrument, Exchange::strict, static_cast<LinkEvents*>(this));
  } else {
    bus_ = std::make_unique<GpibInterface>(places, static_cast<LinkEvents&>(*this));
  }
  ++device_.links;
  if (logged()) log("open", peer());
}

Vxi11Link::~Vxi11Link() {
  if (logged()) {
    log("close", {});
  }
  --device_.links;
  if (device_.holder() == this) device_.unlock();
}

std::vector<Link*> Vxi11Link::targets() {
  return bus_ != nullptr ? bus_->listeners() : std::vector<Link*>{&*link_};
}

FaultBoard* Vxi11Link::faults() noexcept {
  return device_.instrument() != nullptr ? &device_.instrument()->faults() : nullptr;
}

bool Vxi11Link::service_requested() const noexcept {
  if (link_) return link_->service_requested();
  const auto links = bus_->links();
  return std::any_of(links.begin(), links.end(),
                     [](const Link* one) { return one->service_requested(); });
}

void Vxi11Link::log(std::string_view event, std::string_view bytes) const {
  if (link_) link_->log(event, bytes);
}

void Vxi11Link::on_late_answer() {
  owner_.wake_up();
}

void Vxi11Link::on_service_request() {
  owner_.pass_service_request(*this);
}

void Vxi11Link::on_drop(bool reset) {
  owner_.drop(reset);
}

std::string Vxi11Link::peer() const {
  return owner_.peer();
}

}  // namespace visa::sim
