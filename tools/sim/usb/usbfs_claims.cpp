// SPDX-License-Identifier: MIT
// Invariant: no interface is both claimed and attached.
#include "tools/sim/usb/usbfs_claims.h"

#include <set>
#include <utility>

namespace visa::sim {

UsbfsClaims::State UsbfsClaims::state(std::uint8_t interface,
                                      const UsbfsClient& client) const noexcept {
  const auto found = claims_.find(interface);
  if (found != claims_.end()) return found->second == &client ? State::own : State::busy;
  return attached_.find(interface) != attached_.end() ? State::busy : State::free;
}

bool UsbfsClaims::release(std::uint8_t interface, const UsbfsClient& client) {
  const auto found = claims_.find(interface);
  if (found == claims_.end() || found->second != &client) return false;
  claims_.erase(found);
  return true;
}

void UsbfsClaims::forget(const UsbfsClient& client) {
  std::erase_if(claims_, [&client](const auto& one) { return one.second == &client; });
}

std::size_t UsbfsClaims::holders() const {
  std::set<const UsbfsClient*> all;
  for (const auto& one : claims_) all.insert(one.second);
  return all.size();
}

const UsbfsClient* UsbfsClaims::holder(std::uint8_t interface) const noexcept {
  const auto found = claims_.find(interface);
  return found != claims_.end() ? found->second : nullptr;
}

const std::string& UsbfsClaims::kernel_driver(std::uint8_t interface) const noexcept {
  static const std::string kNone;
  const auto found = attached_.find(interface);
  return found != attached_.end() ? found->second : kNone;
}

bool UsbfsClaims::detach(std::uint8_t interface) {
  const auto found = attached_.find(interface);
  if (found == attached_.end()) return false;
  detached_[interface] = std::move(found->second);
  attached_.erase(found);
  if (on_driver_changed) on_driver_changed(interface, false);
  return true;
}

UsbfsClaims::Attached UsbfsClaims::attach(std::uint8_t interface) {
  if (holder(interface) != nullptr || attached_.find(interface) != attached_.end()) {
    return Attached::busy;
  }
  const auto found = detached_.find(interface);
  if (found == detached_.end()) return Attached::nothing;
  attached_[interface] = std::move(found->second);
  detached_.erase(found);
  if (on_driver_changed) on_driver_changed(interface, true);
  return Attached::done;
}

}  // namespace visa::sim
