// SPDX-License-Identifier: MIT
// Registers programs with the portmapper of this machine (Debian's rpcbind), over its local
// transport or over loopback, and takes them out again at the end.
//
// Owned by a wire that is on the bench. It waits, for kPatience at most an exchange, so it is made
// before the bench runs and goes after that.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "tools/sim/rpc/portmapper.h"

namespace visa::sim {

class RpcbindRegistration {
 public:
  static constexpr std::chrono::seconds kPatience{2};

  /// `address`: where the bench listens. `socket`: of the local transport; where it does not
  /// answer, port 111 of loopback is tried. Throws std::runtime_error with a text for people when
  /// the portmapper is not there or refuses.
  RpcbindRegistration(std::vector<Portmapper::Mapping> mappings, const std::string& address,
                      std::string socket = "/run/rpcbind.sock");
  ~RpcbindRegistration();
  RpcbindRegistration(const RpcbindRegistration&) = delete;
  RpcbindRegistration& operator=(const RpcbindRegistration&) = delete;

 private:
  bool change(bool set, const Portmapper::Mapping& mapping) const;
  bool change_by_local_transport(bool set, const Portmapper::Mapping& mapping) const;
  bool change_by_loopback(bool set, const Portmapper::Mapping& mapping) const;
  void remove_all() noexcept;

  std::vector<Portmapper::Mapping> mappings_;
  std::string address_;
  std::string socket_;
};

}  // namespace visa::sim
