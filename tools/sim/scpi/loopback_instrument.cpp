// SPDX-License-Identifier: MIT
// Of IEEE 488.2 it has MAV (11.2.1.2) alone.
#include "tools/sim/scpi/loopback_instrument.h"

#include "tools/sim/engine/link.h"
#include "tools/sim/scpi/status_model.h"

namespace visa::sim {

Framing LoopbackInstrument::framing() const {
  Framing framing;
  framing.definite_blocks = false;
  framing.only_end = true;
  return framing;
}

void LoopbackInstrument::execute(Link& link, std::string_view message) {
  link.answer(message);
  link.end_answer();
}

std::uint8_t LoopbackInstrument::status_byte(const Link& link) const {
  return link.message_available() ? kStbMessageAvailable : std::uint8_t{0};
}

}  // namespace visa::sim
