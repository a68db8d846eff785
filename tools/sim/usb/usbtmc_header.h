// SPDX-License-Identifier: MIT
// The messages of USBTMC 1.0 and its subclass USB488: the header of a bulk transfer, read and
// written, and the requests by name. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "tools/sim/engine/faults.h"

namespace visa::sim {

inline constexpr std::size_t kUsbtmcHeader = 12;  ///< bytes

/// MsgID (USBTMC 1.0 table 2, USB488 table 1).
enum class UsbtmcId : std::uint8_t {
  dev_dep_msg_out = 1,
  dev_dep_msg_in = 2,  ///< from the host: the request for it
  vendor_specific_out = 126,
  vendor_specific_in = 127,  ///< likewise
  trigger = 128,
};

/// What a host puts at the beginning of a bulk transfer.
struct UsbtmcHeader {
  UsbtmcId id = UsbtmcId::dev_dep_msg_out;
  std::uint8_t tag = 0;
  std::uint32_t size = 0;        ///< TransferSize; none with TRIGGER, 0 is no good elsewhere
  std::uint8_t attributes = 0;   ///< bmTransferAttributes
  std::uint8_t termchar = 0;     ///< of a request with that attribute
  bool reserved_is_zero = true;  ///< as it should be

  bool end_of_message() const noexcept { return (attributes & 1U) != 0; }
  bool termchar_enabled() const noexcept { return (attributes & 2U) != 0; }
  /// Data follows the header in the same transfer.
  bool has_data() const noexcept {
    return id == UsbtmcId::dev_dep_msg_out || id == UsbtmcId::vendor_specific_out;
  }
};

/// Why bytes are no header; what a device does about it is to halt the endpoint.
enum class UsbtmcMistake : std::uint8_t { too_short, tag, message_id, size };

/// Reads the first bytes of a transfer.
std::variant<UsbtmcHeader, UsbtmcMistake> parse_usbtmc_header(std::string_view bytes) noexcept;
/// For people.
std::string_view usbtmc_text(UsbtmcMistake mistake) noexcept;

/// The header of an answer.
std::string usbtmc_header_bytes(std::uint8_t id, std::uint8_t tag, std::uint32_t size,
                                std::uint8_t attributes);
/// Zero bytes that follow `size` bytes of data, so that the transfer is a multiple of 4.
constexpr std::size_t usbtmc_padding(std::uint64_t size) noexcept {
  return static_cast<std::size_t>((4 - size % 4) % 4);
}

/// bRequest (USBTMC 1.0 table 15, USB488 table 9).
enum class UsbtmcRequest : std::uint8_t {
  initiate_abort_bulk_out = 1,
  check_abort_bulk_out_status = 2,
  initiate_abort_bulk_in = 3,
  check_abort_bulk_in_status = 4,
  initiate_clear = 5,
  check_clear_status = 6,
  get_capabilities = 7,
  indicator_pulse = 64,
  read_status_byte = 128,
  ren_control = 160,
  go_to_local = 161,
  local_lockout = 162,
};

/// USBTMC_status (USBTMC 1.0 table 16, USB488 table 10).
enum class UsbtmcStatus : std::uint8_t {
  success = 0x01,
  pending = 0x02,
  interrupt_in_busy = 0x20,
  failed = 0x80,
  transfer_not_in_progress = 0x81,
};

/// What faults may be limited to: messages and requests of the host, answers, packets on the
/// interrupt endpoint.
struct UsbtmcOperation {
  unsigned code;
  WireOperation operation;
};
inline constexpr std::array<UsbtmcOperation, 5> kUsbtmcMessages = {{
    {1, {"dev_dep_msg_out"}},
    {2, {"request_dev_dep_msg_in"}},
    {126, {"vendor_specific_out"}},
    {127, {"request_vendor_specific_in"}},
    {128, {"usbtmc_trigger"}},
}};
// Programs ask for the capabilities whenever they open a device: a fault that names no procedure
// spares that request.
inline constexpr std::array<UsbtmcOperation, 12> kUsbtmcRequests = {{
    {1, {"initiate_abort_bulk_out"}},
    {2, {"check_abort_bulk_out_status"}},
    {3, {"initiate_abort_bulk_in"}},
    {4, {"check_abort_bulk_in_status"}},
    {5, {"initiate_clear"}},
    {6, {"check_clear_status"}},
    {7, {"get_capabilities", true}},
    {64, {"indicator_pulse"}},
    {128, {"read_status_byte"}},
    {160, {"ren_control"}},
    {161, {"go_to_local"}},
    {162, {"local_lockout"}},
}};
inline constexpr WireOperation kUsbtmcAnswer{"dev_dep_msg_in"};
inline constexpr WireOperation kUsbtmcInterrupt{"interrupt_in"};

/// Null for what has no name.
constexpr const WireOperation* usbtmc_operation(UsbtmcId from_host) noexcept {
  for (const UsbtmcOperation& one : kUsbtmcMessages) {
    if (one.code == static_cast<unsigned>(from_host)) return &one.operation;
  }
  return nullptr;
}
constexpr const WireOperation* usbtmc_operation(UsbtmcRequest request) noexcept {
  for (const UsbtmcOperation& one : kUsbtmcRequests) {
    if (one.code == static_cast<unsigned>(request)) return &one.operation;
  }
  return nullptr;
}
const WireOperation* find_usbtmc_operation(std::string_view name) noexcept;

}  // namespace visa::sim
