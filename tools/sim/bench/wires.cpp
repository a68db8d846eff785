// SPDX-License-Identifier: MIT
// The one file that names the wires of the bench: a line each, in the order in which an instrument
// gets its resources. The first is the one whose resources go by the instrument's own name.
#include "tools/sim/dongle/dongle_wire.h"
#include "tools/sim/engine/wire_kind.h"
#include "tools/sim/gpib/gpib_wire.h"
#include "tools/sim/hislip/hislip_wire.h"
#include "tools/sim/serial/serial_wire.h"
#include "tools/sim/socket/socket_wire.h"
#include "tools/sim/usb/usb_wire.h"
#include "tools/sim/vxi11/vxi11_wire.h"

namespace visa::sim {

WireKinds builtin_wires() noexcept {
  static const WireKind* const kWires[] = {
      &socket_wire_kind(), &vxi11_wire_kind(), &hislip_wire_kind(), &serial_wire_kind(),
      &usb_wire_kind(),    &gpib_wire_kind(),  &dongle_wire_kind(),
  };
  return kWires;
}

}  // namespace visa::sim
