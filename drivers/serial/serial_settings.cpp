// SPDX-License-Identifier: MIT
// Keys and types of the settings that serial_settings.h documents.
#include "drivers/serial/serial_settings.h"

#include "drivers/common/setting_reader.h"

namespace visa::drivers {
namespace {

constexpr std::string_view kDevice = "device";
constexpr std::string_view kKeepLines = "keep_lines";

}  // namespace

std::vector<std::string_view> SerialSettings::keys() {
  return {kDevice, kKeepLines};
}

Result<SerialSettings> read_serial_settings(const spi::Settings& settings, Call& call) {
  SerialSettings result;
  SettingReader reader(settings, call);
  reader.text(kDevice, result.device);
  reader.flag(kKeepLines, result.keep_lines);
  if (failed(reader.status())) return reader.status();
  if (!result.device.empty() && result.device.front() != '/') {
    const auto& setting = settings.find(kDevice)->second;
    return call.fail(Status::error_inv_setup,
                     "setting device: a path such as \"/dev/ttyUSB0\" is wanted; correct " +
                         (setting.origin.empty() ? "the configuration" : setting.origin));
  }
  return result;
}

}  // namespace visa::drivers
