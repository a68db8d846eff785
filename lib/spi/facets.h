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

struct Facets {
  BufferFacet* buffers = nullptr;
};

}  // namespace visa::spi
