// SPDX-License-Identifier: MIT
// A search takes the bus for some time and opens an adapter that is not open, so it is left out
// where the expression can match no name that it would find. Boards are asked one after the other:
// usually there is one.
#include "drivers/gpib/gpib_finder.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <utility>

#include "drivers/common/setting_reader.h"
#include "drivers/gpib/back_ends.h"
#include "drivers/gpib/open_buses.h"

namespace visa::drivers::gpib {
namespace {

constexpr std::string_view kSearch = "search";
constexpr std::chrono::milliseconds kLongest{2000};

std::string board_name(std::uint16_t number) {
  return "GPIB" + std::to_string(number);
}

std::string device_name(std::uint16_t number, const Address& device) {
  return board_name(number) + "::" + device.text() + "::INSTR";
}

/// Whether any device of the board could be in the result.
bool wants_devices(const model::FindExpression& expression, std::uint16_t number) {
  for (std::uint8_t primary = 0; primary <= kMostAddress; ++primary) {
    Address device{primary};
    if (expression.matches_name(device_name(number, device))) return true;
    for (std::uint8_t secondary = 0; secondary <= kMostAddress; ++secondary) {
      device.secondary = secondary;
      if (expression.matches_name(device_name(number, device))) return true;
    }
  }
  return false;
}

void report(const std::string& text, spi::DescriptorSink& sink) {
  if (auto name = model::parse_resource_name(text)) sink.found({*std::move(name), {}});
}

/// Those with an adapter in the configuration, and those of this computer.
std::set<std::uint16_t> board_numbers(const spi::BoardSettings& configured) {
  std::set<std::uint16_t> numbers;
  for (const auto& [number, settings] : configured) {
    if (settings.contains(kAdapter)) numbers.insert(number);
  }
  for (const BackEnd* one : back_ends()) {
    for (const auto number : boards_of(*one, &configured)) numbers.insert(number);
  }
  return numbers;
}

void search_board(std::uint16_t number, const spi::Settings& settings, const spi::FindScope& scope,
                  Call& call, spi::DescriptorSink& sink) {
  const std::string board = board_name(number) + "::INTFC";
  const bool devices =
      scope.openable.contains(model::Kind::gpib_instr) && wants_devices(scope.expression, number);
  if (!devices && !scope.expression.matches_name(board)) return;
  auto chosen = choose_board(number, settings, scope.boards, back_ends(), call);
  if (!chosen) return;
  chosen->request.wires = scope.wires;
  auto bus = open_bus(*chosen, call);
  if (!bus) return;
  if (scope.openable.contains(model::Kind::gpib_intfc)) report(board, sink);
  if (devices) {
    Controller& controller = (*bus)->access.controller();
    const auto found = (*bus)->access.inside(call, [&] { return controller.find_listeners(call); });
    if (found) {
      for (const Address& one : *found) report(device_name(number, one), sink);
    }
  }
  Call goodbye(std::max(call.deadline, Deadline::after(std::chrono::milliseconds(100))));
  bus->release(goodbye);
}

}  // namespace

std::vector<std::string_view> GpibFinder::setting_keys() const {
  return {kSearch};
}

void GpibFinder::find(const spi::FindScope& scope, Call& call, spi::DescriptorSink& sink) {
  bool search = true;
  SettingReader reader(scope.settings, call);
  reader.flag(kSearch, search);
  if (!search) return;
  const spi::BoardSettings nothing;
  const spi::Settings none;
  const auto& configured = scope.boards == nullptr ? nothing : *scope.boards;
  std::string troubles = call.detail;
  for (const std::uint16_t number : board_numbers(configured)) {
    if (call.cancelled() || call.deadline.expired()) break;
    const auto at = configured.find(number);
    Call part(call, std::min(call.deadline, Deadline::after(kLongest)));
    search_board(number, at == configured.end() ? none : at->second, scope, part, sink);
    if (part.detail.empty()) continue;
    troubles.append(troubles.empty() ? "" : "; ").append(board_name(number) + ": " + part.detail);
  }
  call.detail = troubles;
}

}  // namespace visa::drivers::gpib

namespace visa::drivers {

std::unique_ptr<spi::Finder> make_gpib_finder() {
  return std::make_unique<gpib::GpibFinder>();
}

}  // namespace visa::drivers
