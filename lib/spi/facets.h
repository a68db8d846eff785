// SPDX-License-Identifier: MIT
// Operations that only some wires have, in groups that a channel may offer (style rule 9). A null
// pointer means that the wire has none of that group. A facet lives as long as its channel.
#pragma once

#include <cstdint>
#include <string_view>

#include "lib/base/call.h"
#include "lib/base/status.h"
#include "lib/spi/bus_facets.h"
#include "lib/spi/register_facets.h"

namespace visa::spi {

/// The low-level buffers of byte streams, which viFlush and viSetBuf reach with VI_IO_IN_BUF and
/// VI_IO_OUT_BUF.
class BufferFacet {
 public:
  virtual ~BufferFacet() = default;
  /// Drops bytes that were received but not read yet, in the library and in the system, without
  /// waiting.
  virtual Status discard_input(Call& call) = 0;
  /// Waits until all written bytes have left, or drops them.
  virtual Status flush_output(bool discard, Call& call) = 0;
  /// A size hint in bytes. warn_nsup_buf when the buffer cannot have that size.
  virtual Status resize(bool input, std::uint32_t size, Call& call) = 0;
};

/// VI_GPIB_REN_* of viGpibControlREN as a type.
enum class RenMode : std::uint16_t {
  deassert = 0,
  assert_ren = 1,
  deassert_gtl = 2,
  assert_address = 3,
  assert_llo = 4,
  assert_address_llo = 5,
  address_gtl = 6,
};

/// The remote and local state of one device: GPIB, VXI-11, HiSLIP, USB.
class RemoteLocalFacet {
 public:
  virtual ~RemoteLocalFacet() = default;
  /// The core makes one call at a time and none during a transfer. error_inv_mode: this wire cannot
  /// do that.
  virtual Status control_ren(RenMode mode, Call& call) = 0;
};

/// Which lock of the instrument is meant.
enum class RemoteLockKind : std::uint8_t { exclusive, shared };

/// A lock that the instrument itself keeps, so that other computers see it. Not nested: for each
/// kind the core takes it at the first viLock of a session, after the library has granted its own
/// lock, and gives it back at the last viUnlock. The core makes one of these calls at a time,
/// possibly during transfers.
class RemoteLockFacet {
 public:
  virtual ~RemoteLockFacet() = default;
  /// Whether the instrument has locks of this kind; every instrument with this facet has exclusive
  /// ones. VXI-11: exclusive only. HiSLIP: both.
  virtual bool carries(RemoteLockKind kind) const noexcept = 0;
  /// Waits until `call.deadline`: error_rsrc_locked where that is immediate, else error_tmo;
  /// error_abort on cancel. `key` is the access key of the shared group, "" for exclusive. On
  /// failure the session does not hold it.
  virtual Status lock(RemoteLockKind kind, std::string_view key, Call& call) = 0;
  /// Succeeds also when the instrument has dropped the lock already. After error_tmo, error_abort
  /// and error_alloc the session still holds the lock, and the core may call again. After any other
  /// failure it counts as gone, for the core and for the driver, which must not take it again.
  virtual Status unlock(RemoteLockKind kind, Call& call) = 0;
};

/// What only serial lines need to be told.
class SerialFacet {
 public:
  virtual ~SerialFacet() = default;
  /// VI_ATTR_TERMCHAR, before VI_EVENT_ASRL_TERMCHAR is enabled; it cannot change until the event
  /// is disabled.
  virtual void watch_termchar(std::uint8_t termchar) noexcept = 0;
};

/// What one channel offers; null when its wire has none of that group.
struct Facets {
  BufferFacet* buffers = nullptr;
  SerialFacet* serial = nullptr;
  RemoteLocalFacet* remote_local = nullptr;
  RemoteLockFacet* remote_lock = nullptr;
  GpibBusFacet* gpib = nullptr;
  UsbControlFacet* usb = nullptr;
  DeviceCommandFacet* commands = nullptr;
  TriggerRoutingFacet* triggers = nullptr;
  BackplaneFacet* backplane = nullptr;
  RegisterFacet* registers = nullptr;
  WindowFacet* window = nullptr;
  SharedMemoryFacet* memory = nullptr;
};

}  // namespace visa::spi
