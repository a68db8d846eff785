// SPDX-License-Identifier: MIT
// A board with the setting is what the setting says, also where this computer has one of that
// number.
#include "drivers/gpib/back_end.h"

#include <algorithm>

#include "drivers/common/setting_reader.h"

namespace visa::drivers::gpib {
namespace {

constexpr std::string_view kSchemeEnd = "://";

std::string known_schemes(std::span<const BackEnd* const> table) {
  std::string text;
  for (const BackEnd* one : table) {
    text.append(text.empty() ? "" : ", ").append(one->scheme).append(kSchemeEnd);
  }
  return text;
}

}  // namespace

std::vector<std::uint16_t> boards_of(const BackEnd& back_end,
                                     const spi::BoardSettings* configured) {
  if (back_end.boards == nullptr) return {};
  return back_end.boards(configured == nullptr ? spi::BoardSettings() : *configured);
}

Result<Board> choose_board(std::uint16_t number, const spi::Settings& settings,
                           const spi::BoardSettings* configured,
                           std::span<const BackEnd* const> table, Call& call) {
  std::string adapter;
  SettingReader reader(settings, call);
  reader.text(kAdapter, adapter);
  if (failed(reader.status())) return reader.status();
  const std::string board = "GPIB" + std::to_string(number);
  if (adapter.empty()) {
    for (const BackEnd* one : table) {
      const auto boards = boards_of(*one, configured);
      if (std::find(boards.begin(), boards.end(), number) == boards.end()) continue;
      return Board{one, {number, "", settings, nullptr, configured}};
    }
    return call.fail(Status::error_intf_num_nconfig,
                     board +
                         ": this computer has no such board, and the configuration has no "
                         "[[interface]] name = \"" +
                         board + "\" with an adapter; known: " + known_schemes(table));
  }
  const auto end = adapter.find(kSchemeEnd);
  const std::string_view scheme = std::string_view(adapter).substr(0, end);
  for (const BackEnd* one : table) {
    if (end == std::string::npos || one->scheme != scheme) continue;
    return Board{one,
                 {number, adapter.substr(end + kSchemeEnd.size()), settings, nullptr, configured}};
  }
  return call.fail(Status::error_inv_setup, board + ": adapter = \"" + adapter + "\" (" +
                                                settings.find(kAdapter)->second.origin +
                                                ") names no adapter; it begins with one of " +
                                                known_schemes(table));
}

}  // namespace visa::drivers::gpib
