// SPDX-License-Identifier: MIT
// Operations that only some wires have, in groups a channel may offer (style rule 9). A null
// pointer means the wire has none of that group. The facet lives as long as its channel.
#pragma once

#include <chrono>
#include <cstdint>

#include "lib/base/call.h"
#include "lib/base/status.h"

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

/// A lock the instrument itself knows, so that other computers see it. Not nested: the core takes
/// it for the first exclusive viLock of a session, behind its own, and gives it back with the last.
/// Beside transfers, but one of both at a time.
class RemoteLockFacet {
 public:
  virtual ~RemoteLockFacet() = default;
  /// Waits until `call.deadline`: error_rsrc_locked where that is immediate, else error_tmo;
  /// error_abort on cancel. On failure the session does not hold it.
  virtual Status lock(Call& call) = 0;
  /// Success also where the lock has gone already.
  virtual Status unlock(Call& call) = 0;
};

struct Facets {
  BufferFacet* buffers = nullptr;
  RemoteLocalFacet* remote_local = nullptr;
  RemoteLockFacet* remote_lock = nullptr;
};

}  // namespace visa::spi
