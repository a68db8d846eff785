// SPDX-License-Identifier: MIT
// Invariant: no piece follows one with an ending.
#include "tools/sim/hislip/hislip_output.h"

#include <utility>

namespace visa::sim {

void HislipOutput::put(Piece piece) {
  if (ends_) return;
  ends_ = piece.ending != Ending::none;
  size_ += piece.bytes.size();
  pieces_.push_back(std::move(piece));
}

std::optional<Clock::time_point> HislipOutput::due() const {
  if (pieces_.empty() || pieces_.front().due == Clock::time_point::max()) return std::nullopt;
  return pieces_.front().due;
}

bool HislipOutput::send(HislipSink& sink, Clock::time_point now) {
  while (!pieces_.empty() && pieces_.front().due <= now && sink.open()) {
    Piece& piece = pieces_.front();
    if (piece.turns) {
      pieces_.pop_front();
      sink.turn();
      continue;
    }
    const std::size_t before = piece.bytes.size();
    const bool alive = sink.send(piece.bytes);
    const std::size_t gone = before - piece.bytes.size();
    size_ -= gone;
    begun_ = begun_ || gone > 0;
    if (!alive) return false;
    if (!piece.bytes.empty()) return true;
    ending_ = piece.ending;
    pieces_.pop_front();
    begun_ = false;
  }
  return true;
}

void HislipOutput::drop_unbegun() {
  // The message in transmission is finished: what goes on with it stays.
  std::size_t kept = begun_ ? 1 : 0;
  while (kept < pieces_.size() && !pieces_[kept].begins) ++kept;
  std::deque<Piece> turns;
  for (; pieces_.size() > kept; pieces_.pop_back()) {
    Piece& last = pieces_.back();
    if (last.ending != Ending::none) ends_ = false;
    size_ -= last.bytes.size();
    if (last.turns) turns.push_front(std::move(last));
  }
  for (Piece& one : turns) pieces_.push_back(std::move(one));
}

void HislipOutput::hurry() {
  for (Piece& piece : pieces_) {
    if (piece.due != Clock::time_point::max()) piece.due = Clock::time_point::min();
  }
}

bool HislipOutput::let_go(const std::function<bool(std::uint32_t)>& is_on) {
  bool changed = false;
  for (Piece& piece : pieces_) {
    if (piece.due == Clock::time_point::max() && !is_on(piece.stall)) {
      piece.due = Clock::time_point::min();
      changed = true;
    }
  }
  return changed;
}

}  // namespace visa::sim
