// SPDX-License-Identifier: MIT
// Keys and ranges of the settings that usb_settings.h documents.
#include "drivers/usb/usb_settings.h"

#include <cstdint>

#include "drivers/common/setting_reader.h"

namespace visa::drivers::usb {
namespace {

constexpr std::string_view kMaxRequest = "max_request";
constexpr std::int64_t kMostRequested = std::int64_t{1} << 30U;

struct Flag {
  std::string_view key;
  bool Quirks::*value;
};

constexpr Flag kFlags[] = {
    {"no_short_packet", &Quirks::no_short_packet},
    {"block_length", &Quirks::block_length},
    {"any_message_id", &Quirks::any_message_id},
    {"no_optional_requests", &Quirks::no_optional_requests},
    {"no_abort", &Quirks::no_abort},
    {"status_in_reply", &Quirks::status_in_reply},
    {"status_alone", &Quirks::status_alone},
};

}  // namespace

std::vector<std::string_view> quirk_keys() {
  std::vector<std::string_view> keys{kMaxRequest};
  for (const Flag& flag : kFlags) keys.push_back(flag.key);
  return keys;
}

Result<Quirks> read_quirks(Quirks quirks, const spi::Settings& settings, Call& call) {
  SettingReader reader(settings, call);
  int most = static_cast<int>(quirks.most_requested);
  reader.number(kMaxRequest, 1, kMostRequested, most);
  quirks.most_requested = static_cast<std::uint32_t>(most);
  for (const Flag& flag : kFlags) reader.flag(flag.key, quirks.*flag.value);
  if (failed(reader.status())) return reader.status();
  return quirks;
}

}  // namespace visa::drivers::usb
