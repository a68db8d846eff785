// SPDX-License-Identifier: MIT
// Parts leave in the order in which they were held, whatever their times are.
#include "tools/sim/base/paced_output.h"

#include <algorithm>
#include <utility>

namespace visa::sim {

void PacedOutput::hold(OutputQueue bytes, Clock::time_point due, Ending ending,
                       std::uint32_t stall) {
  if (due == Clock::time_point::max() && stall == 0 && !later_.empty()) {
    stall = later_.back().stall;  // behind a stall: goes on with it
  }
  if (later_.empty() && ending_ == Ending::none && due <= Clock::now()) {
    ready_.append(bytes);
    ending_ = ending;
    return;
  }
  later_.push_back({due, std::move(bytes), ending, stall});
}

bool PacedOutput::holds_bytes() const noexcept {
  return std::any_of(later_.begin(), later_.end(),
                     [](const Piece& piece) { return !piece.bytes.empty(); });
}

std::optional<Clock::time_point> PacedOutput::due() const {
  if (later_.empty() || later_.front().due == Clock::time_point::max()) return std::nullopt;
  return later_.front().due;
}

void PacedOutput::release(Clock::time_point now) {
  while (ending_ == Ending::none && !later_.empty() && later_.front().due <= now) {
    ready_.append(later_.front().bytes);
    ending_ = later_.front().ending;
    later_.pop_front();
  }
}

bool PacedOutput::let_go(const std::function<bool(std::uint32_t)>& is_on) {
  bool changed = false;
  for (Piece& piece : later_) {
    if (piece.due == Clock::time_point::max() && !is_on(piece.stall)) {
      piece.due = Clock::now();
      changed = true;
    }
  }
  return changed;
}

void PacedOutput::clear() noexcept {
  ready_.clear();
  later_.clear();
}

}  // namespace visa::sim
