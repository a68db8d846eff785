// SPDX-License-Identifier: MIT
// The arguments of the calls of VXI-11. A value; views are into the record.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tools/sim/rpc/xdr.h"
#include "tools/sim/vxi11/vxi11_procedure.h"

namespace visa::sim {

/// Bits of `flags`.
inline constexpr std::uint32_t kVxi11WaitLock = 0x01;
inline constexpr std::uint32_t kVxi11End = 0x08;
inline constexpr std::uint32_t kVxi11TermCharSet = 0x80;

struct Vxi11Arguments {
  std::int32_t link = 0;
  std::uint32_t flags = 0;
  std::uint32_t io_timeout = 0;    ///< ms
  std::uint32_t lock_timeout = 0;  ///< ms
  std::string_view data;  ///< of a write or docmd; the handle of enable_srq; a device's name
  std::uint32_t request_size = 0;
  char term_char = 0;
  bool enable = false;  ///< enable_srq; lockDevice of create_link
  std::uint32_t command = 0;
  bool network_order = false;
  std::int32_t data_size = 0;
  std::uint32_t host = 0;  ///< create_intr_chan
  std::uint32_t port = 0;
  std::uint32_t program = 0;
  std::uint32_t version = 0;
  std::uint32_t family = 0;

  /// False if the bytes are not those of such a call. `most`: bytes of data.
  bool read(Vxi11Procedure procedure, XdrReader reader, std::size_t most);
  /// "device_read lid=0 request=20480 io=2000 lock=0 flags=0x80 term=10", for the log.
  std::string text(const RpcProcedure& procedure) const;
};

}  // namespace visa::sim
