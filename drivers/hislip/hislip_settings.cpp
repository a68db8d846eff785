// SPDX-License-Identifier: MIT
// Keys and ranges of the settings that hislip_settings.h documents.
#include "drivers/hislip/hislip_settings.h"

#include "drivers/common/setting_reader.h"

namespace visa::drivers::hislip {
namespace {

constexpr std::string_view kKeepaliveIdle = "keepalive_idle_s";
constexpr std::string_view kEncryption = "encryption";
constexpr std::string_view kCredential = "credential";

// In the order of the enumeration.
constexpr std::string_view kEncryptions[] = {"auto", "required", "off"};

constexpr std::int64_t kMostIdle = 32767;  // the most that Linux accepts for TCP_KEEPIDLE

}  // namespace

std::vector<std::string_view> Settings::keys() {
  return {kKeepaliveIdle, kEncryption, kCredential};
}

Result<Settings> read_settings(const spi::Settings& settings, Call& call) {
  Settings result;
  SettingReader reader(settings, call);
  reader.number(kKeepaliveIdle, 1, kMostIdle, result.keepalive_idle);
  int encryption = 0;
  reader.choice(kEncryption, kEncryptions, encryption);
  result.encryption = static_cast<Encryption>(encryption);
  reader.text(kCredential, result.credential);
  if (failed(reader.status())) return reader.status();
  return result;
}

}  // namespace visa::drivers::hislip
