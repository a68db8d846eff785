// SPDX-License-Identifier: MIT
// Keys and ranges of the settings that socket_settings.h documents.
#include "drivers/socket/socket_settings.h"

#include <cstdint>

#include "drivers/common/setting_reader.h"

namespace visa::drivers {
namespace {

constexpr std::string_view kKeepaliveIdle = "keepalive_idle_s";
constexpr std::string_view kDrainBeforeWrite = "drain_before_write";
constexpr std::string_view kCloseEndsAnswer = "close_ends_answer";
constexpr std::string_view kReceiveBuffer = "receive_buffer";
constexpr std::string_view kSendBuffer = "send_buffer";

// Linux accepts TCP_KEEPIDLE up to this; the buffer sizes are the useful range.
constexpr std::int64_t kMostIdle = 32767;
constexpr std::int64_t kLeastBuffer = 1024;
constexpr std::int64_t kMostBuffer = 1 << 30;

}  // namespace

std::vector<std::string_view> SocketSettings::keys() {
  return {kKeepaliveIdle, kDrainBeforeWrite, kCloseEndsAnswer, kReceiveBuffer, kSendBuffer};
}

Result<SocketSettings> read_socket_settings(const spi::Settings& settings, Call& call) {
  SocketSettings result;
  SettingReader reader(settings, call);
  reader.number(kKeepaliveIdle, 1, kMostIdle, result.keepalive_idle);
  reader.flag(kDrainBeforeWrite, result.drain_before_write);
  reader.flag(kCloseEndsAnswer, result.close_ends_answer);
  reader.number(kReceiveBuffer, kLeastBuffer, kMostBuffer, result.receive_buffer);
  reader.number(kSendBuffer, kLeastBuffer, kMostBuffer, result.send_buffer);
  if (failed(reader.status())) return reader.status();
  return result;
}

}  // namespace visa::drivers
