// SPDX-License-Identifier: MIT
// The keys of [vxi11], which tools/sim/README.md explains.
#include "tools/sim/vxi11/vxi11_description.h"

#include <charconv>

#include "tools/sim/tables/table_reader.h"

namespace visa::sim {
namespace {

constexpr int kMostAddress = 30;

std::optional<std::uint8_t> bus_number(std::string_view text) noexcept {
  int value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0 ||
      value > kMostAddress) {
    return std::nullopt;
  }
  return static_cast<std::uint8_t>(value);
}

}  // namespace

std::optional<GpibAddress> parse_gpib_address(std::string_view text) {
  const std::size_t comma = text.find(',');
  const auto primary = bus_number(text.substr(0, comma));
  if (!primary) return std::nullopt;
  GpibAddress address{*primary, std::nullopt};
  if (comma != std::string_view::npos) {
    address.secondary = bus_number(text.substr(comma + 1));
    if (!address.secondary) return std::nullopt;
  }
  return address;
}

std::unique_ptr<const Vxi11Description> read_vxi11_description(TableReader& table) {
  auto result = std::make_unique<Vxi11Description>();
  Vxi11Description& vxi11 = *result;
  vxi11.device = table.text("device").value_or("");
  const bool plain =
      vxi11.device.size() <= 32 &&
      vxi11.device.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string::npos;
  if (table.has("device") && (!plain || vxi11.device.empty() || vxi11.device.starts_with("gpib"))) {
    table.mistake("device", "expected a name as in \"inst3\": small letters, digits, '_' and '-'");
    vxi11.device.clear();
  }
  if (const auto text = table.text("gpib")) {
    vxi11.gpib = parse_gpib_address(*text);
    if (!vxi11.gpib) table.mistake("gpib", "expected an address as in \"5\" or \"5,2\", 0 to 30");
  }
  if (const auto most = table.integer("max_receive", 1,
                                      static_cast<std::int64_t>(Vxi11Description::kMostReceive))) {
    vxi11.max_receive = static_cast<std::uint32_t>(*most);
  }
  if (const auto most = table.integer("largest_answer", 1, 1 << 30)) {
    vxi11.largest_answer = static_cast<std::size_t>(*most);
  }
  return result;
}

}  // namespace visa::sim
