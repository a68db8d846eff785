// SPDX-License-Identifier: MIT
// A missing number means board 0 in a resource name, but all boards here: the standard gives no way
// to name them all, and one setting for a whole kind of wire is what most users want.
#include "lib/config/interface.h"

#include <charconv>

#include "lib/model/ascii.h"

namespace visa::config {
namespace {

constexpr model::Interface kInterfaces[] = {model::Interface::gpib,     model::Interface::vxi,
                                            model::Interface::gpib_vxi, model::Interface::asrl,
                                            model::Interface::pxi,      model::Interface::tcpip,
                                            model::Interface::usb,      model::Interface::firewire};

std::optional<std::uint16_t> number_of(std::string_view text) {
  std::uint16_t number = 0;
  const auto* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stopped != end) return {};
  return number;
}

}  // namespace

std::string InterfaceName::canonical() const {
  std::string text(model::keyword(interface));
  if (board) text += std::to_string(*board);
  return text;
}

std::optional<InterfaceName> parse_interface_name(std::string_view text) {
  for (const model::Interface interface : kInterfaces) {
    const auto keyword = model::keyword(interface);
    if (!model::equal_without_case(text.substr(0, keyword.size()), keyword)) continue;
    const auto rest = text.substr(keyword.size());
    if (rest.empty()) return InterfaceName{interface, std::nullopt};
    if (const auto board = number_of(rest)) return InterfaceName{interface, board};
  }
  return {};
}

std::optional<InterfaceName> board_of(const model::ResourceName& name) {
  if (name.interface == model::Interface::asrl && !name.path.empty()) return {};
  return InterfaceName{name.interface, name.board};
}

std::string interface_keywords() {
  std::string text;
  for (const model::Interface interface : kInterfaces) {
    if (!text.empty()) text += ", ";
    text += model::keyword(interface);
  }
  return text;
}

}  // namespace visa::config
