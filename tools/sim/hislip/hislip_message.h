// SPDX-License-Identifier: MIT
// The messages of HiSLIP (IVI-6.1, table of message types) and how a stream of bytes is cut into
// them. Pure: bytes to structures and back.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tools/sim/base/output_queue.h"
#include "tools/sim/engine/faults.h"

namespace visa::sim {

enum class HislipType : std::uint8_t {
  initialize = 0,
  initialize_response = 1,
  fatal_error = 2,
  error = 3,
  async_lock = 4,
  async_lock_response = 5,
  data = 6,
  data_end = 7,
  device_clear_complete = 8,
  device_clear_acknowledge = 9,
  async_remote_local_control = 10,
  async_remote_local_response = 11,
  trigger = 12,
  interrupted = 13,
  async_interrupted = 14,
  async_maximum_message_size = 15,
  async_maximum_message_size_response = 16,
  async_initialize = 17,
  async_initialize_response = 18,
  async_device_clear = 19,
  async_service_request = 20,
  async_status_query = 21,
  async_status_response = 22,
  async_device_clear_acknowledge = 23,
  async_lock_info = 24,
  async_lock_info_response = 25,
  get_descriptors = 26,
  get_descriptors_response = 27,
  start_tls = 28,
  async_start_tls = 29,
  async_start_tls_response = 30,
  end_tls = 31,
  async_end_tls = 32,
  async_end_tls_response = 33,
  get_sasl_mechanism_list = 34,
  get_sasl_mechanism_list_response = 35,
  authentication_start = 36,
  authentication_exchange = 37,
  authentication_result = 38,
};
inline constexpr std::uint8_t kHislipFirstVendor = 128;

/// Codes of FatalError.
enum class HislipFatal : std::uint8_t {
  unidentified = 0,
  poorly_formed = 1,
  channels = 2,  ///< used before both channels exist
  initialization = 3,
  too_many_clients = 4,
  secure_connection = 5,  ///< not available, or missing
};

/// Codes of Error.
enum class HislipError : std::uint8_t {
  unidentified = 0,
  message_type = 1,
  control_code = 2,
  vendor = 3,
  too_large = 4,
  authentication = 5,
};

/// The id of a client's first message, and of the server's in overlap mode; the next is 2 more.
inline constexpr std::uint32_t kHislipFirstId = 0xFFFFFF00;
/// What counts as the last one before there was any.
inline constexpr std::uint32_t kHislipNoId = kHislipFirstId - 2;

inline constexpr std::uint16_t kHislipVersion1 = 0x0100;
inline constexpr std::uint16_t kHislipVersion2 = 0x0200;

/// Features in the control codes of InitializeResponse and of a device clear.
inline constexpr std::uint8_t kHislipOverlapped = 1;
inline constexpr std::uint8_t kHislipMandatoryEncryption = 2;
inline constexpr std::uint8_t kHislipInitialEncryption = 4;
/// In that of AsyncInitializeResponse.
inline constexpr std::uint8_t kHislipSecureCapable = 1;
/// Where a message says what was delivered.
inline constexpr std::uint8_t kHislipRmtDelivered = 1;

struct HislipHeader {
  std::uint8_t type = 0;
  std::uint8_t control = 0;
  std::uint32_t parameter = 0;
  std::uint64_t length = 0;  ///< of the payload

  HislipType kind() const noexcept { return static_cast<HislipType>(type); }
};

inline constexpr std::size_t kHislipHeaderBytes = 16;
using HislipHeaderBytes = std::array<char, kHislipHeaderBytes>;
HislipHeaderBytes hislip_bytes(const HislipHeader& header) noexcept;

/// A message of the server on its way to the wire. A value.
struct HislipMessage {
  HislipType type = HislipType::error;
  std::uint8_t control = 0;
  std::uint32_t parameter = 0;
  OutputQueue payload = {};
};
OutputQueue hislip_payload(std::string_view text);
/// The eight bytes of a maximum message size.
std::string hislip_size_bytes(std::uint64_t size);
std::uint64_t hislip_size(std::string_view bytes) noexcept;

/// Cuts a stream: a header, then its payload in whatever pieces it comes. Stores nothing but an
/// unfinished header.
class HislipReader {
 public:
  /// Takes bytes off the front of `input` until the header is complete; true then. Before the next
  /// header its payload has to be taken.
  bool read_header(std::string_view& input) noexcept;
  /// Of a complete header: it begins with "HS".
  bool well_formed() const noexcept { return bytes_[0] == 'H' && bytes_[1] == 'S'; }
  const HislipHeader& header() const noexcept { return header_; }
  /// Bytes of the payload that have not been taken.
  std::uint64_t left() const noexcept { return left_; }
  /// The part of `input` that belongs to the payload.
  std::string_view payload(std::string_view input) const noexcept;
  /// `count` bytes of payload() have been dealt with.
  void take(std::string_view& input, std::size_t count) noexcept;
  /// The message is done with.
  void next() noexcept { have_ = 0; }

 private:
  HislipHeaderBytes bytes_{};
  std::size_t have_ = 0;
  HislipHeader header_;
  std::uint64_t left_ = 0;
};

/// What clients ask for and what answers them, by name: a fault's key `procedure`. The answer goes
/// by the name of the message that it answers.
inline constexpr std::array<WireOperation, 22> kHislipOperations = {{
    {"initialize"},
    {"async_initialize"},
    {"async_maximum_message_size"},
    {"data"},
    {"trigger"},
    {"async_status_query"},
    {"async_device_clear"},
    {"device_clear_complete"},
    {"async_lock"},
    {"async_lock_info"},
    {"async_remote_local_control"},
    {"get_descriptors"},
    {"async_service_request", true},
    {"interrupted", true},
    {"async_interrupted", true},
    {"start_tls"},
    {"async_start_tls"},
    {"end_tls"},
    {"async_end_tls"},
    {"get_sasl_mechanism_list"},
    {"authentication_start"},
    {"authentication_exchange"},
}};
/// Null for a type that no operation belongs to (Error, what is unknown).
constexpr const WireOperation* hislip_operation(HislipType type) noexcept {
  constexpr std::uint8_t kNone = 255;
  // In the order of HislipType.
  constexpr std::array<std::uint8_t, 39> kPlaces = {
      0,  0, kNone, kNone, 8, 8, 3,  3,  7,  7,  10, 10, 4,  13, 14, 2,  2,  1,  1, 6,
      12, 5, 5,     6,     9, 9, 11, 11, 15, 16, 16, 17, 18, 18, 19, 19, 20, 21, 21};
  const auto index = static_cast<std::size_t>(type);
  return index < kPlaces.size() && kPlaces[index] != kNone ? &kHislipOperations[kPlaces[index]]
                                                           : nullptr;
}
/// "AsyncStatusQuery", for the log; "message 77" for what has no name.
std::string hislip_type_name(std::uint8_t type);

}  // namespace visa::sim
