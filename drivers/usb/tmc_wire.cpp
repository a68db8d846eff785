// SPDX-License-Identifier: MIT
// What is learned of an instrument while it is used.
#include "drivers/usb/tmc_wire.h"

#include "lib/base/log.h"

namespace visa::drivers::usb {

void learn_missing_packet(TmcWire& wire) {
  if (wire.quirks.no_short_packet) return;
  wire.quirks.no_short_packet = true;
  log::line(wire.label +
            ": no short packet came after an answer that fills its packets; none is waited for any "
            "more. Set no_short_packet in its transport table to save this wait");
}

}  // namespace visa::drivers::usb
