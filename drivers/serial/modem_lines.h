// SPDX-License-Identifier: MIT
// The lines of a port beside its data: RTS and DTR to set, CTS, DSR, DCD and RI to ask. Free
// functions: any thread.
#pragma once

#include <optional>

#include "drivers/serial/tty.h"

namespace visa::drivers::serial {

enum class ModemLine : unsigned char { cts, dsr, dcd, ri, rts, dtr };

/// VI_STATE_ASSERTED, VI_STATE_UNASSERTED, or VI_STATE_UNKNOWN on a port without such lines.
/// error_conn_lost.
Result<int> modem_line(Tty& tty, ModemLine line, Call& call);
/// error_nsup_attr_state: the port has no such line.
Status set_modem_line(Tty& tty, ModemLine line, bool asserted, Call& call);
/// RTS and DTR, of which a port may have none.
void assert_outputs(const Tty& tty) noexcept;

/// CTS, DSR, DCD and RI as bits in the order of ModemLine; nothing where the port has none.
std::optional<unsigned> modem_inputs(const Tty& tty) noexcept;

}  // namespace visa::drivers::serial
