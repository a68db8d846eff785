// SPDX-License-Identifier: MIT
// Keys and ranges of the settings that vxi11_settings.h documents.
#include "drivers/vxi11/vxi11_settings.h"

#include "drivers/common/setting_reader.h"

namespace visa::drivers::vxi11 {
namespace {

constexpr std::string_view kCorePort = "core_port";
constexpr std::string_view kAbortPort = "abort_port";
constexpr std::string_view kMapperPort = "portmapper_port";
constexpr std::string_view kKeepaliveIdle = "keepalive_idle_s";
constexpr std::string_view kAcknowledge = "interrupt_acknowledge";

constexpr std::int64_t kMostPort = 65535;
constexpr std::int64_t kMostIdle = 32767;  // the most that Linux accepts for TCP_KEEPIDLE

}  // namespace

std::vector<std::string_view> Settings::keys() {
  return {kCorePort, kAbortPort, kMapperPort, kKeepaliveIdle, kAcknowledge};
}

Result<Settings> read_settings(const spi::Settings& settings, Call& call) {
  Settings result;
  SettingReader reader(settings, call);
  reader.number(kCorePort, 1, kMostPort, result.core_port);
  reader.number(kAbortPort, 1, kMostPort, result.abort_port);
  reader.number(kMapperPort, 1, kMostPort, result.portmapper_port);
  reader.number(kKeepaliveIdle, 1, kMostIdle, result.keepalive_idle);
  reader.flag(kAcknowledge, result.interrupt_acknowledge);
  if (failed(reader.status())) return reader.status();
  return result;
}

}  // namespace visa::drivers::vxi11
