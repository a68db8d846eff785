// SPDX-License-Identifier: MIT
// An instrument for the tests of what stands in front of a bus.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "tools/sim/engine/instrument.h"
#include "tools/sim/engine/link.h"

namespace visa::sim {

/// Notes what it is sent, and answers what ends with a question mark.
class NotingInstrument final : public Instrument {
 public:
  std::string seen;
  std::string answer = "answer";
  std::uint8_t status = 0;

  std::string take_seen() { return std::exchange(seen, {}); }

  Framing framing() const override { return {.definite_blocks = false}; }
  void execute(Link& link, std::string_view message) override {
    seen += "<" + std::string(message) + ">";
    if (message.find('?') == std::string_view::npos) return;
    link.answer(answer);
    link.end_answer();
  }
  void refuse_long_message(Link&) override {}
  void interrupted(Link&) override { seen += "(interrupted)"; }
  void unterminated(Link&) override { seen += "(unterminated)"; }
  void deadlocked(Link&) override {}
  void device_clear(Link&) override { seen += "(clear)"; }
  void trigger(Link&) override { seen += "(trigger)"; }
  std::uint8_t status_byte(const Link&) const override { return status; }
};

}  // namespace visa::sim
