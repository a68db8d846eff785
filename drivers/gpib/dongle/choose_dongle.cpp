// SPDX-License-Identifier: MIT
// A text that names what is missing also names what is there: a serial number is easily mistyped.
#include "drivers/gpib/dongle/choose_dongle.h"

#include <string>

#include "drivers/gpib/dongle/dongle_list.h"

namespace visa::drivers::gpib::dongle {
namespace {

std::string list_of(std::span<const Dongle> dongles) {
  if (dongles.empty()) return "no GPIB adapter that FreeVISA knows is plugged in";
  std::string text;
  for (const Dongle& one : dongles) text.append(text.empty() ? "" : ", ").append(one.name());
  return "plugged in: " + text;
}

}  // namespace

Result<Dongle> choose_dongle(std::span<const Dongle> dongles, const BoardRequest& request,
                             std::span<const std::uint16_t> kernel_boards, Call& call) {
  const std::string board = "GPIB" + std::to_string(request.number);
  if (!request.settings.contains(kAdapter)) {
    const spi::BoardSettings nothing;
    const auto& configured = request.configured == nullptr ? nothing : *request.configured;
    for (auto& one : number_dongles(dongles, configured, kernel_boards)) {
      if (one.number == request.number) return one.dongle;
    }
    return call.fail(Status::error_rsrc_nfound,
                     board + ": its USB adapter was unplugged; " + list_of(dongles));
  }
  if (request.target.empty()) {
    if (dongles.size() == 1) return dongles.front();
    return call.fail(Status::error_rsrc_nfound,
                     board + ": adapter = \"usb://\" means the only USB adapter; " +
                         list_of(dongles) + (dongles.empty() ? "" : "; write usb://SERIAL"));
  }
  for (const Dongle& one : dongles) {
    if (is_named(one, request.target)) return one;
  }
  return call.fail(Status::error_rsrc_nfound, board +
                                                  ": no GPIB adapter at USB has the serial "
                                                  "number or port " +
                                                  request.target + "; " + list_of(dongles));
}

}  // namespace visa::drivers::gpib::dongle
