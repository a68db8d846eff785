// SPDX-License-Identifier: MIT
// Operations that only some wires have, in groups a channel may offer (style rule 9). A null
// pointer means the wire has none of that group. The facet lives as long as its channel.
#pragma once

#include <cstdint>
#include <string_view>

#include "lib/base/call.h"
#include "lib/base/status.h"
#include "lib/spi/bus_facets.h"
#include "lib/spi/register_facets.h"

namespace visa::spi {

/// Low-level buffers that viFlush and viSetBuf reach with VI_IO_IN_BUF and VI_IO_OUT_BUF: byte
/// streams.
class BufferFacet {
 public:
  virtual ~BufferFacet() = default;
  /// Drops what was received and not read yet, in the library and in the system, without waiting.
  virtual Status discard_input(Call& call) = 0;
  /// Waits until what was written has left, or drops it.
  virtual Status flush_output(bool discard, Call& call) = 0;
  /// A size hint in bytes. warn_nsup_buf where the size cannot be had.
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
  /// One at a time, not beside a transfer. error_inv_mode: what this wire cannot do.
  virtual Status control_ren(RenMode mode, Call& call) = 0;
};

/// Which lock of the instrument is meant.
enum class RemoteLockKind : std::uint8_t { exclusive, shared };

/// A lock the instrument itself knows, so that other computers see it. Not nested: of each kind the
/// core takes it for the first viLock of a session, after its own was granted, and gives it back
/// with the last. Beside transfers, but one of these calls at a time.
class RemoteLockFacet {
 public:
  virtual ~RemoteLockFacet() = default;
  /// Whether the instrument knows locks of this kind. VXI-11: exclusive only. HiSLIP: both.
  virtual bool carries(RemoteLockKind kind) const noexcept = 0;
  /// Waits until `call.deadline`: error_rsrc_locked where that is immediate, else error_tmo;
  /// error_abort on cancel. `key` is the access key of the shared group, "" for exclusive. On
  /// failure the session does not hold it.
  virtual Status lock(RemoteLockKind kind, std::string_view key, Call& call) = 0;
  /// Success also where the lock has gone already.
  virtual Status unlock(RemoteLockKind kind, Call& call) = 0;
};

/// What one channel offers; null where its wire has none of that group.
struct Facets {
  BufferFacet* buffers = nullptr;
  RemoteLocalFacet* remote_local = nullptr;
  RemoteLockFacet* remote_lock = nullptr;
  GpibBusFacet* gpib = nullptr;
  UsbControlFacet* usb = nullptr;
  TriggerRoutingFacet* triggers = nullptr;
  BackplaneFacet* backplane = nullptr;
  RegisterFacet* registers = nullptr;
  WindowFacet* window = nullptr;
  SharedMemoryFacet* memory = nullptr;
};

}  // namespace visa::spi
