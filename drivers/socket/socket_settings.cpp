// SPDX-License-Identifier: MIT
#include "drivers/socket/socket_settings.h"

#include <cstdint>
#include <string>

namespace visa::drivers {
namespace {

constexpr std::string_view kKeepaliveIdle = "keepalive_idle_s";
constexpr std::string_view kDrainBeforeWrite = "drain_before_write";
constexpr std::string_view kReceiveBuffer = "receive_buffer";
constexpr std::string_view kSendBuffer = "send_buffer";

// What Linux takes for TCP_KEEPIDLE, and for buffers all that makes sense.
constexpr std::int64_t kMostIdle = 32767;
constexpr std::int64_t kLeastBuffer = 1024;
constexpr std::int64_t kMostBuffer = 1 << 30;

class Reader {
 public:
  Reader(const spi::TransportSettings& settings, Call& call) : settings_(settings), call_(call) {}

  void number(std::string_view key, std::int64_t low, std::int64_t high, int& value) {
    const auto at = settings_.find(key);
    if (at == settings_.end()) return;
    const auto* held = std::get_if<std::int64_t>(&at->second);
    if (held != nullptr && *held >= low && *held <= high) {
      value = static_cast<int>(*held);
      return;
    }
    refuse(key, "a number from " + std::to_string(low) + " to " + std::to_string(high));
  }

  void flag(std::string_view key, bool& value) {
    const auto at = settings_.find(key);
    if (at == settings_.end()) return;
    if (const auto* held = std::get_if<bool>(&at->second)) {
      value = *held;
      return;
    }
    refuse(key, "true or false");
  }

  Status status() const noexcept { return status_; }

 private:
  void refuse(std::string_view key, const std::string& wanted) {
    std::string text = "transport setting ";
    text.append(key).append(": ").append(wanted).append(" is wanted; correct the configuration");
    status_ = call_.fail(Status::error_inv_setup, text);
  }

  const spi::TransportSettings& settings_;
  Call& call_;
  Status status_ = Status::success;
};

}  // namespace

std::vector<std::string_view> SocketSettings::keys() {
  return {kKeepaliveIdle, kDrainBeforeWrite, kReceiveBuffer, kSendBuffer};
}

Result<SocketSettings> read_socket_settings(const spi::TransportSettings& settings, Call& call) {
  SocketSettings result;
  Reader reader(settings, call);
  reader.number(kKeepaliveIdle, 1, kMostIdle, result.keepalive_idle);
  reader.flag(kDrainBeforeWrite, result.drain_before_write);
  reader.number(kReceiveBuffer, kLeastBuffer, kMostBuffer, result.receive_buffer);
  reader.number(kSendBuffer, kLeastBuffer, kMostBuffer, result.send_buffer);
  if (failed(reader.status())) return reader.status();
  return result;
}

}  // namespace visa::drivers
