// SPDX-License-Identifier: MIT
// All numbers are big-endian.
#include "tools/sim/hislip/hislip_message.h"

#include <algorithm>

namespace visa::sim {
namespace {

constexpr std::size_t kTypeAt = 2;
constexpr std::size_t kControlAt = 3;
constexpr std::size_t kParameterAt = 4;
constexpr std::size_t kLengthAt = 8;

void put(char* at, std::uint64_t value, std::size_t bytes) noexcept {
  for (std::size_t i = 0; i < bytes; ++i) {
    at[i] = static_cast<char>(static_cast<unsigned char>(value >> (8 * (bytes - 1 - i))));
  }
}

std::uint64_t number(const char* at, std::size_t bytes) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i) value = value << 8U | static_cast<unsigned char>(at[i]);
  return value;
}

constexpr std::array<std::string_view, 39> kNames = {"Initialize",
                                                     "InitializeResponse",
                                                     "FatalError",
                                                     "Error",
                                                     "AsyncLock",
                                                     "AsyncLockResponse",
                                                     "Data",
                                                     "DataEND",
                                                     "DeviceClearComplete",
                                                     "DeviceClearAcknowledge",
                                                     "AsyncRemoteLocalControl",
                                                     "AsyncRemoteLocalResponse",
                                                     "Trigger",
                                                     "Interrupted",
                                                     "AsyncInterrupted",
                                                     "AsyncMaximumMessageSize",
                                                     "AsyncMaximumMessageSizeResponse",
                                                     "AsyncInitialize",
                                                     "AsyncInitializeResponse",
                                                     "AsyncDeviceClear",
                                                     "AsyncServiceRequest",
                                                     "AsyncStatusQuery",
                                                     "AsyncStatusResponse",
                                                     "AsyncDeviceClearAcknowledge",
                                                     "AsyncLockInfo",
                                                     "AsyncLockInfoResponse",
                                                     "GetDescriptors",
                                                     "GetDescriptorsResponse",
                                                     "StartTLS",
                                                     "AsyncStartTLS",
                                                     "AsyncStartTLSResponse",
                                                     "EndTLS",
                                                     "AsyncEndTLS",
                                                     "AsyncEndTLSResponse",
                                                     "GetSaslMechanismList",
                                                     "GetSaslMechanismListResponse",
                                                     "AuthenticationStart",
                                                     "AuthenticationExchange",
                                                     "AuthenticationResult"};

}  // namespace

HislipHeaderBytes hislip_bytes(const HislipHeader& header) noexcept {
  HislipHeaderBytes bytes{'H', 'S'};
  bytes[kTypeAt] = static_cast<char>(header.type);
  bytes[kControlAt] = static_cast<char>(header.control);
  put(bytes.data() + kParameterAt, header.parameter, 4);
  put(bytes.data() + kLengthAt, header.length, 8);
  return bytes;
}

OutputQueue hislip_payload(std::string_view text) {
  OutputQueue queue;
  queue.append(text);
  return queue;
}

std::string hislip_size_bytes(std::uint64_t size) {
  std::string bytes(8, '\0');
  put(bytes.data(), size, bytes.size());
  return bytes;
}

std::uint64_t hislip_size(std::string_view bytes) noexcept {
  return number(bytes.data(), bytes.size());
}

bool HislipReader::read_header(std::string_view& input) noexcept {
  if (have_ == bytes_.size()) return true;
  const std::size_t count = std::min(input.size(), bytes_.size() - have_);
  std::copy_n(input.data(), count, bytes_.data() + have_);
  have_ += count;
  input.remove_prefix(count);
  if (have_ < bytes_.size()) return false;
  header_.type = static_cast<std::uint8_t>(bytes_[kTypeAt]);
  header_.control = static_cast<std::uint8_t>(bytes_[kControlAt]);
  header_.parameter = static_cast<std::uint32_t>(number(bytes_.data() + kParameterAt, 4));
  header_.length = number(bytes_.data() + kLengthAt, 8);
  left_ = header_.length;
  return true;
}

std::string_view HislipReader::payload(std::string_view input) const noexcept {
  return input.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size())));
}

void HislipReader::take(std::string_view& input, std::size_t count) noexcept {
  input.remove_prefix(count);
  left_ -= count;
}

std::string hislip_type_name(std::uint8_t type) {
  return type < kNames.size() ? std::string(kNames[type]) : "message " + std::to_string(type);
}

}  // namespace visa::sim
