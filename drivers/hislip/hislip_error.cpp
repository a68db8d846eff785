// SPDX-License-Identifier: MIT
// Codes from 128 on belong to the maker of the instrument; only its text says what they mean.
#include "drivers/hislip/hislip_error.h"

namespace visa::drivers::hislip {
namespace {

enum class Fatal : std::uint8_t {
  unidentified = 0,
  poor_header = 1,
  channels = 2,
  initialization = 3,
  too_many_clients = 4,
  security = 5,
};

enum class Mild : std::uint8_t {
  unidentified = 0,
  message_type = 1,
  control_code = 2,
  vendor_message = 3,
  too_large = 4,
  authentication = 5,
};

constexpr std::uint8_t kFirstOfMaker = 128;

std::string_view fatal_meaning(std::uint8_t code) noexcept {
  switch (static_cast<Fatal>(code)) {
    case Fatal::poor_header:
      return "a poorly formed message header";
    case Fatal::channels:
      return "the connection was used before both channels were there";
    case Fatal::initialization:
      return "an invalid initialization";
    case Fatal::too_many_clients:
      return "too many clients";
    case Fatal::security:
      return "the secure connection failed";
    default:
      return code < kFirstOfMaker ? "an unidentified error" : "an error of its maker";
  }
}

std::string_view mild_meaning(std::uint8_t code) noexcept {
  switch (static_cast<Mild>(code)) {
    case Mild::message_type:
      return "a message type it does not know";
    case Mild::control_code:
      return "a control code it does not know";
    case Mild::vendor_message:
      return "a vendor message it does not know";
    case Mild::too_large:
      return "a message that is too large";
    case Mild::authentication:
      return "the authentication failed";
    default:
      return code < kFirstOfMaker ? "an unidentified error" : "an error of its maker";
  }
}

}  // namespace

std::string describe(const Header& header, std::string_view text) {
  const bool fatal = header.type == MessageType::fatal_error;
  std::string result =
      fatal ? "the instrument ended the session, FatalError " : "the instrument answered Error ";
  result += std::to_string(header.control) + ": ";
  result += fatal ? fatal_meaning(header.control) : mild_meaning(header.control);
  if (text.empty()) return result;
  result += " (\"";
  for (const char letter : text) result += letter >= ' ' && letter <= '~' ? letter : '?';
  return result += "\")";
}

Status open_status(const Header& header) noexcept {
  const bool secure = header.type == MessageType::fatal_error
                          ? static_cast<Fatal>(header.control) == Fatal::security
                          : static_cast<Mild>(header.control) == Mild::authentication;
  return secure ? Status::error_npermission : Status::error_rsrc_nfound;
}

bool not_supported(const Header& header) noexcept {
  if (header.type != MessageType::error) return false;
  const auto code = static_cast<Mild>(header.control);
  return code == Mild::message_type || code == Mild::control_code || code == Mild::vendor_message;
}

}  // namespace visa::drivers::hislip
