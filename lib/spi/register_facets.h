// SPDX-License-Identifier: MIT
// Registers, mapped windows and shared memory of a bus (VPP-4.3 6.3), in groups that a channel may
// offer through spi::Facets. The core calls each method, except those of a window, from one thread
// at a time and never during a transfer; no method waits longer than `call.deadline`.
#pragma once

#include <cstddef>
#include <cstdint>

#include "lib/base/call.h"
#include "lib/base/result.h"
#include "lib/base/status.h"

namespace visa::spi {

/// The size of one element, in bytes.
enum class Width : std::uint8_t { one = 1, two = 2, four = 4, eight = 8 };

/// An address space (VI_A16_SPACE, VI_LOCAL_SPACE, ...) and an offset in it, in bytes.
struct BusPlace {
  std::uint16_t space;
  std::uint64_t offset;
};

/// How a register access is done, from the session's attributes. The core reads the attributes, the
/// driver follows the rule.
struct RegisterRule {
  std::int32_t source_increment = 1;       // VI_ATTR_SRC_INCREMENT, in elements
  std::int32_t destination_increment = 1;  // VI_ATTR_DEST_INCREMENT
  std::uint16_t source_order = 0;        // VI_ATTR_SRC_BYTE_ORDER: VI_BIG_ENDIAN, VI_LITTLE_ENDIAN
  std::uint16_t destination_order = 0;   // VI_ATTR_DEST_BYTE_ORDER
  std::uint16_t source_access = 0;       // VI_ATTR_SRC_ACCESS_PRIV
  std::uint16_t destination_access = 0;  // VI_ATTR_DEST_ACCESS_PRIV
  bool dma_allowed = true;               // VI_ATTR_DMA_ALLOW_EN
};

/// Statuses: error_inv_space, error_inv_offset, error_nsup_offset, error_nsup_width,
/// error_nsup_align_offset, error_berr, error_inv_length.
class RegisterFacet {
 public:
  virtual ~RegisterFacet() = default;
  /// viIn8 to viIn64: the value in the low bytes.
  virtual Result<std::uint64_t> in(BusPlace place, Width width, const RegisterRule& rule,
                                   Call& call) = 0;
  virtual Status out(BusPlace place, Width width, std::uint64_t value, const RegisterRule& rule,
                     Call& call) = 0;
  /// viMoveIn, viMoveOut: `count` elements in the caller's memory, in this machine's byte order.
  virtual Status move_in(BusPlace from, Width width, std::size_t count, void* into,
                         const RegisterRule& rule, Call& call) = 0;
  virtual Status move_out(BusPlace to, Width width, std::size_t count, const void* from,
                          const RegisterRule& rule, Call& call) = 0;
  /// viMove, viMoveAsync: `count` elements of the source's width. VI_LOCAL_SPACE offsets are
  /// addresses in this process.
  virtual Status move(BusPlace from, Width from_width, BusPlace to, Width to_width,
                      std::size_t count, const RegisterRule& rule, Call& call) = 0;
};

/// One window at a time per session: error_window_mapped, error_window_nmapped.
class WindowFacet {
 public:
  virtual ~WindowFacet() = default;
  /// viMapAddress: the address by which peek and poke, or the program itself, reach the window.
  /// `suggested` may be null.
  virtual Result<void*> map(BusPlace place, std::uint64_t size, void* suggested, Call& call) = 0;
  virtual Status unmap(Call& call) = 0;
  /// While a window is mapped, the attributes that shape it are read-only. Any thread.
  virtual bool mapped() const noexcept = 0;
  /// viPeek, viPoke: when `address` is outside the window, nothing is touched and peek gives 0. Any
  /// thread, at any time; never waits.
  virtual std::uint64_t peek(const void* address, Width width) noexcept = 0;
  virtual void poke(void* address, Width width, std::uint64_t value) noexcept = 0;
};

/// Memory of a device that programs share (viMemAlloc, viMemFree).
class SharedMemoryFacet {
 public:
  virtual ~SharedMemoryFacet() = default;
  /// An offset in the device's memory. error_mem_nshared, error_alloc, error_inv_size.
  virtual Result<std::uint64_t> allocate(std::uint64_t size, Call& call) = 0;
  /// error_inv_offset: `offset` did not come from `allocate`. error_window_mapped.
  virtual Status free(std::uint64_t offset, Call& call) = 0;
};

}  // namespace visa::spi
