// SPDX-License-Identifier: MIT
// What a back end is, and which one a GPIB board means. The setting `adapter` of
// [[interface]] name = "GPIB<n>" says it, as SCHEME://TARGET ("prologix://192.0.2.1:1234"); the
// scheme names the back end, which alone understands the target. Without the setting a board is one
// that this computer has. Constant data and pure functions: any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/gpib/controller.h"
#include "lib/base/call.h"
#include "lib/base/result.h"
#include "lib/spi/settings.h"
#include "lib/spi/wires.h"

namespace visa::drivers::gpib {

/// The setting that chooses the back end.
inline constexpr std::string_view kAdapter = "adapter";

/// What a back end opens.
struct BoardRequest {
  std::uint16_t number = 0;
  /// The setting `adapter` after "SCHEME://"; "" for a board that this computer has by itself.
  std::string target = {};
  const spi::Settings& settings;
  /// For adapters that are reached over another wire; null: there is none.
  spi::Wires* wires = nullptr;
  /// What the configuration says of all boards, by number; null: nothing.
  const spi::BoardSettings* configured = nullptr;
};

struct BackEnd {
  /// In lower case, before "://".
  std::string_view scheme;
  /// Settings that it understands besides `adapter`.
  std::span<const std::string_view> keys;
  /// The adapter that is meant, so that two names of one adapter share its bus and its locks:
  /// "prologix 192.0.2.1:1234". Opens nothing. error_inv_setup for a target or setting that cannot
  /// be meant.
  Result<std::string> (*identify)(const BoardRequest& request, Call& call);
  /// Connects within the deadline. Statuses are those of viOpen; on failure nothing stays open.
  Result<std::unique_ptr<Controller>> (*open)(const BoardRequest& request, Call& call);
  /// The boards that this computer has without any setting, by number; null: there are none.
  /// `configured`: numbers that the configuration gives away.
  std::vector<std::uint16_t> (*boards)(const spi::BoardSettings& configured) = nullptr;
};

/// A board and the back end that opens it.
struct Board {
  const BackEnd* back_end = nullptr;
  BoardRequest request;
};

/// The boards of this computer by one back end; none where it has no such boards.
std::vector<std::uint16_t> boards_of(const BackEnd& back_end, const spi::BoardSettings* configured);

/// Which back end of `table` serves the board. error_inv_setup: the setting `adapter` has no known
/// scheme. error_intf_num_nconfig: neither a setting nor this computer has the board.
Result<Board> choose_board(std::uint16_t number, const spi::Settings& settings,
                           const spi::BoardSettings* configured,
                           std::span<const BackEnd* const> table, Call& call);

}  // namespace visa::drivers::gpib
