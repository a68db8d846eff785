// SPDX-License-Identifier: MIT
// One viRead out of the reads of a controller, which may stop at EOI although END shall not end the
// read (6.1.4).
#pragma once

#include <cstddef>
#include <span>

#include "lib/spi/transfer_rules.h"

namespace visa::drivers::gpib {

/// `read_piece(std::span<std::byte>)` reads up to its span, as Controller::read does.
template <class ReadPiece>
spi::ReadResult read_by_rule(std::span<std::byte> into, const spi::EndRule& rule,
                             ReadPiece&& read_piece) {
  spi::ReadResult result;
  while (result.count < into.size()) {
    const spi::ReadResult piece = read_piece(into.subspan(result.count));
    result.status = piece.status;
    result.count += piece.count;
    result.reason = piece.reason;
    if (failed(piece.status) || piece.reason != spi::StopReason::end || !rule.suppress_end) break;
    // END came with the last byte, which may be the termination character all the same.
    const bool mark = rule.termchar_enabled && piece.count > 0 &&
                      into[result.count - 1] == static_cast<std::byte>(rule.termchar);
    result.reason = mark ? spi::StopReason::termchar : spi::StopReason::count;
    if (mark) break;
  }
  return result;
}

}  // namespace visa::drivers::gpib
