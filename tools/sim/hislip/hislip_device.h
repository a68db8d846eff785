// SPDX-License-Identifier: MIT
// An instrument under its sub-address: its lock, its remote and local state, its sessions. Plain
// data; owned by the HislipRegistry, on the bench's thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tools/sim/engine/instrument.h"
#include "tools/sim/hislip/hislip_description.h"
#include "tools/sim/hislip/hislip_lock.h"
#include "tools/sim/security/sasl.h"
#include "tools/sim/security/tls.h"

namespace visa::sim {

/// IVI-6.1 table 18, as it is at the start.
struct HislipRemote {
  bool enabled = true;
  bool lockout = false;
  bool remote = false;

  /// `code`: 0 to 6, the modes of viGpibControlREN. False for any other.
  bool control(std::uint8_t code) noexcept;
};

struct HislipDevice {
  HislipDevice(std::string device_name, Instrument& served, HislipDescription what)
      : name(std::move(device_name)),
        instrument(served),
        description(std::move(what)),
        encryption(description.encryption) {}

  const std::string name;  ///< "hislip0"
  Instrument& instrument;
  const HislipDescription description;
  HislipLock lock;
  HislipRemote remote;
  std::vector<HislipLockUser*> sessions;

  HislipEncryption encryption;
  TlsAuthority* authority = nullptr;       ///< outlives the device; null where there is no TLS
  std::unique_ptr<SaslAccounts> accounts;  ///< likewise
  std::string tls_error;                   ///< what failed last

  /// The bits of a feature bitmap that say how it is encrypted.
  std::uint8_t encryption_bits() const noexcept;

  /// Lets the sessions go on that another's lock kept out.
  void lock_changed();
};

}  // namespace visa::sim
