// SPDX-License-Identifier: MIT
// What the programs that have a device open share: the device, its claims, the transfers under way
// by whose they are.
//
// Implemented by the UsbfsNode; on the bench's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

#include "tools/sim/usb/usb_device.h"
#include "tools/sim/usb/usbfs_claims.h"

namespace visa::sim {

struct UsbfsOptions {
  bool small_urbs = false;  ///< no transfer of more than 16 KiB, as with old kernels
  std::size_t memory = std::size_t{16} << 20;  ///< of a program's transfers (usbfs_memory_mb)
};

class UsbfsFile {
 public:
  virtual ~UsbfsFile() = default;
  virtual UsbDevice& device() noexcept = 0;
  virtual const UsbfsOptions& options() const noexcept = 0;
  virtual UsbfsClaims& claims() noexcept = 0;
  /// The device was unplugged.
  virtual bool gone() const noexcept = 0;
  /// A number for a transfer of `client`, which gets it back by finish().
  virtual std::uint64_t new_transfer(UsbfsClient& client) = 0;
  /// One of the clients has more finished transfers, or fewer.
  virtual void finished_changed() = 0;
  /// Destroys the client.
  virtual void forget(const UsbfsClient& client) = 0;
};

}  // namespace visa::sim
