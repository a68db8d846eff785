// SPDX-License-Identifier: MIT
// Which interface of a device is whose: a program's that has claimed it, the kernel's driver's, or
// nobody's. A program is known by its address.
//
// Owned by a UsbfsNode; on the bench's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace visa::sim {

class UsbfsClient;

class UsbfsClaims {
 public:
  enum class State : std::uint8_t { free, own, busy };

  /// As `client` sees it.
  State state(std::uint8_t interface, const UsbfsClient& client) const noexcept;
  void claim(std::uint8_t interface, const UsbfsClient& client) { claims_[interface] = &client; }
  /// False if it was not this client's.
  bool release(std::uint8_t interface, const UsbfsClient& client);
  /// The client has closed the device, or died. The kernel's driver does not come back by that.
  void forget(const UsbfsClient& client);
  bool empty() const noexcept { return claims_.empty(); }
  /// Clients that have claimed something.
  std::size_t holders() const;
  /// Null if none has claimed it.
  const UsbfsClient* holder(std::uint8_t interface) const noexcept;

  /// The kernel's own driver takes an interface.
  void bind(std::uint8_t interface, const std::string& name) { attached_[interface] = name; }
  /// Its name; empty where there is none.
  const std::string& kernel_driver(std::uint8_t interface) const noexcept;
  /// Takes an interface from the kernel's driver; false if it had none.
  bool detach(std::uint8_t interface);
  enum class Attached : std::uint8_t { done, nothing, busy };
  /// Gives it back to the driver it was taken from.
  Attached attach(std::uint8_t interface);
  /// After detach() and attach().
  std::function<void(std::uint8_t interface, bool bound)> on_driver_changed;

 private:
  std::map<std::uint8_t, const UsbfsClient*> claims_;
  std::map<std::uint8_t, std::string> attached_;
  std::map<std::uint8_t, std::string> detached_;
};

}  // namespace visa::sim
