// SPDX-License-Identifier: MIT
// The identity of a dongle is where it is plugged in: one that gets its firmware has no serial
// number before, and another address after.
#include "drivers/gpib/dongle/dongle_back_end.h"

#include <algorithm>
#include <string>

#include "drivers/gpib/dongle/choose_dongle.h"
#include "drivers/gpib/dongle/dongle_list.h"
#include "drivers/gpib/kernel/kernel_boards.h"

namespace visa::drivers::gpib::dongle {
namespace {

/// The boards of the kernel matter where a dongle is; else nothing asks for them.
std::vector<std::uint16_t> kernel_boards(std::span<const Dongle> dongles) {
  return dongles.empty() ? std::vector<std::uint16_t>() : kernel::boards_in_use();
}

Result<Dongle> find(const BoardRequest& request, Call& call) {
  const auto dongles = plugged_dongles();
  return choose_dongle(dongles, request, kernel_boards(dongles), call);
}

Result<std::string> identify(const BoardRequest& request, Call& call) {
  const auto dongle = find(request, call);
  if (!dongle) return dongle.status();
  return "usb dongle " + dongle->device.port;
}

Result<std::unique_ptr<Controller>> open(const BoardRequest& request, Call& call) {
  const auto dongle = find(request, call);
  if (!dongle) return dongle.status();
  const Model& model = *dongle->model;
  if (model.stage == Stage::refused) {
    return call.fail(Status::error_rsrc_nfound, dongle->name() + ": " + std::string(model.advice));
  }
  return dongle->family->open(*dongle, request, call);
}

std::vector<std::uint16_t> boards(const spi::BoardSettings& configured) {
  const auto dongles = plugged_dongles();
  std::vector<std::uint16_t> numbers;
  for (const auto& one : number_dongles(dongles, configured, kernel_boards(dongles))) {
    numbers.push_back(one.number);
  }
  return numbers;
}

}  // namespace

constinit const BackEnd kBackEnd{kScheme, kKeys, &identify, &open, &boards};

}  // namespace visa::drivers::gpib::dongle
