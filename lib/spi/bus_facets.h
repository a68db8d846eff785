// SPDX-License-Identifier: MIT
// Operations that only one kind of bus has (VPP-4.3 6.5), in groups that a channel may offer
// through spi::Facets. The core calls each method from one thread at a time and never during a
// transfer; no method waits longer than `call.deadline`. Numbers of the standard (modes, lines)
// arrive as the program gave them; the driver decides which of them its bus has.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "lib/base/call.h"
#include "lib/base/result.h"
#include "lib/base/status.h"
#include "lib/spi/transfer_rules.h"

namespace visa::spi {

/// A GPIB board (INTFC class). The REN line, which devices have as well, is in RemoteLocalFacet.
class GpibBusFacet {
 public:
  virtual ~GpibBusFacet() = default;
  /// viGpibControlATN: VI_GPIB_ATN_*. error_inv_mode, error_nsup_mode, error_ncic.
  virtual Status control_atn(std::uint16_t mode, Call& call) = 0;
  /// viGpibSendIFC: interface clear for at least 100 us; the board is controller afterwards.
  virtual Status send_ifc(Call& call) = 0;
  /// viGpibCommand: sends bytes with ATN asserted. The result's `count` of them went out, whatever
  /// the status is.
  virtual WriteResult command(std::span<const std::byte> bytes, Call& call) = 0;
  /// viGpibPassControl. `secondary` is VI_NO_SEC_ADDR when there is none.
  virtual Status pass_control(std::uint16_t primary, std::uint16_t secondary, Call& call) = 0;
};

/// What a device answers to a command of DeviceCommandFacet: its first bytes.
struct DeviceAnswer {
  std::array<std::byte, 8> bytes{};
  std::size_t size = 0;
};

/// Commands of a VXI-11 server besides those for messages (device_docmd): what a gateway does with
/// its GPIB (VXI-11.2). No exported function reaches it; it serves drivers that run over VXI-11.
class DeviceCommandFacet {
 public:
  virtual ~DeviceCommandFacet() = default;
  /// The most bytes of data that one command may have.
  static constexpr std::size_t kMostData = 128;
  /// Makes command `number`. `data` are items of `item` bytes each, the most significant byte
  /// first. error_nsup_oper: the device has no such command; error_inv_parameter: nor this value.
  virtual Result<DeviceAnswer> device_command(std::uint32_t number, std::uint32_t item,
                                              std::span<const std::byte> data, Call& call) = 0;
};

/// The setup packet of a control transfer on the default pipe.
struct UsbSetup {
  std::uint8_t request_type;
  std::uint8_t request;
  std::uint16_t value;
  std::uint16_t index;
};

class UsbControlFacet {
 public:
  virtual ~UsbControlFacet() = default;
  /// viUsbControlOut. `data` may be empty.
  virtual Status control_out(const UsbSetup& setup, std::span<const std::byte> data,
                             Call& call) = 0;
  /// viUsbControlIn: returns how many bytes came, at most the size of `into`.
  virtual Result<std::size_t> control_in(const UsbSetup& setup, std::span<std::byte> into,
                                         Call& call) = 0;
};

/// Trigger lines of a backplane: VI_TRIG_TTL0 and so on.
class TriggerRoutingFacet {
 public:
  virtual ~TriggerRoutingFacet() = default;
  /// viMapTrigger. success_trig_mapped: the path existed already.
  virtual Status map(std::int16_t source, std::int16_t destination, std::uint16_t mode,
                     Call& call) = 0;
  /// viUnmapTrigger. With VI_TRIG_ALL as destination it removes every path from the source.
  virtual Status unmap(std::int16_t source, std::int16_t destination, Call& call) = 0;
  /// viPxiReserveTriggers: reserves all of them or none; `failed` is the index of the one that was
  /// refused.
  virtual Status reserve(std::span<const std::int16_t> buses, std::span<const std::int16_t> lines,
                         std::int16_t& failed, Call& call) = 0;
};

/// What a VXI backplane and its devices have besides triggers and registers.
class BackplaneFacet {
 public:
  virtual ~BackplaneFacet() = default;
  /// viVxiCommandQuery: VI_VXI_CMD*, VI_VXI_RESP*. Returns the response, or 0 when the mode has
  /// none.
  virtual Result<std::uint32_t> command_query(std::uint16_t mode, std::uint32_t command,
                                              Call& call) = 0;
  /// viAssertUtilSignal: VI_UTIL_ASSERT_*.
  virtual Status assert_utility(std::uint16_t line, Call& call) = 0;
  /// viAssertIntrSignal: VI_ASSERT_*.
  virtual Status assert_interrupt(std::int16_t mode, std::uint32_t status_id, Call& call) = 0;
};

}  // namespace visa::spi
