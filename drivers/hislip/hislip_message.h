// SPDX-License-Identifier: MIT
// The messages of HiSLIP (IVI-6.1, table 4): their types and the header of 16 bytes that each
// begins with. Pure; values.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace visa::drivers::hislip {

enum class MessageType : std::uint8_t {
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
  start_tls = 28,  // from here on: HiSLIP 2.0, secure connection
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

struct Header {
  MessageType type = MessageType::error;
  std::uint8_t control = 0;     // what it means depends on the type
  std::uint32_t parameter = 0;  // likewise
  std::uint64_t length = 0;     // bytes of payload that follow the header
};

inline constexpr std::size_t kHeaderSize = 16;
using HeaderBytes = std::array<std::byte, kHeaderSize>;

HeaderBytes encode(const Header& header) noexcept;

/// Nothing when the bytes do not begin with "HS" (2.3: a poorly formed header). Any type passes:
/// the reader of a message decides what it does with types it does not know.
std::optional<Header> decode(std::span<const std::byte, kHeaderSize> bytes) noexcept;

/// A payload of one 64-bit number (AsyncMaximumMessageSize).
std::array<std::byte, 8> encode_size(std::uint64_t size) noexcept;
std::uint64_t decode_size(std::span<const std::byte, 8> bytes) noexcept;

/// The message id of the first message of a session and after each device clear (3.1.2).
inline constexpr std::uint32_t kFirstId = 0xFFFFFF00;
inline constexpr std::uint32_t kIdStep = 2;
/// What "the last message" is before there was one.
inline constexpr std::uint32_t kNoId = kFirstId - kIdStep;
/// A server sends it with Data whose query it cannot name yet.
inline constexpr std::uint32_t kUnknownId = 0xFFFFFFFF;

/// Control code, bit 0, of Data, DataEND, Trigger, AsyncStatusQuery, AsyncStartTLS and AsyncEndTLS:
/// the program has taken the last byte of an answer since the flag was sent last.
inline constexpr std::uint8_t kRmtDelivered = 1;

/// Feature bits of InitializeResponse and of the device clear messages.
inline constexpr std::uint8_t kOverlap = 1;
inline constexpr std::uint8_t kEncryptionMandatory = 2;
inline constexpr std::uint8_t kInitialEncryption = 4;

/// Control code of AsyncInitializeResponse: the server can be spoken to by TLS.
inline constexpr std::uint8_t kSecureConnection = 1;
/// Control code of AuthenticationResult.
inline constexpr std::uint8_t kAuthenticated = 1;
/// FatalError: the secure connection failed.
inline constexpr std::uint8_t kFatalSecurity = 5;

/// Versions as major << 8 | minor.
inline constexpr std::uint16_t kVersion20 = 0x0200;

/// The longest text of a peer (an error, a lock string) that we keep; the rest is skipped.
inline constexpr std::size_t kMostText = 256;

}  // namespace visa::drivers::hislip
