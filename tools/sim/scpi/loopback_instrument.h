// SPDX-License-Identifier: MIT
// An instrument that sends each message back as it came, whatever bytes it has. END alone ends a
// message, so it is for wires that have END.
#pragma once

#include <cstdint>
#include <string_view>

#include "tools/sim/engine/instrument.h"

namespace visa::sim {

class LoopbackInstrument final : public Instrument {
 public:
  static constexpr std::string_view kIdentity = "FreeVISA,loopback,0,1.0\n";

  Framing framing() const override;
  void execute(Link& link, std::string_view message) override;
  void refuse_long_message(Link&) override {}
  void interrupted(Link&) override {}
  void unterminated(Link&) override {}
  void deadlocked(Link&) override {}
  void device_clear(Link&) override {}
  void trigger(Link&) override {}
  std::uint8_t status_byte(const Link& link) const override;
};

}  // namespace visa::sim
