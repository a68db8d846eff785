// SPDX-License-Identifier: MIT
// Status byte, trigger and clear by IEEE 488.2 message on wires that have none of their own
// (SOCKET, ASRL with VI_ATTR_IO_PROT = VI_PROT_4882_STRS): *STB?, *TRG, *CLS, once for all drivers.
// The caller holds both lanes of the channel.
#pragma once

#include <cstdint>

#include "lib/base/call.h"
#include "lib/base/result.h"
#include "lib/spi/channel.h"

namespace visa::core::protocol_4882 {

/// "*STB?" and its answer, by the one deadline of the call. error_outp_prot_viol when the answer is
/// no number of 0..255; what belongs to that line was read then, so that the next query is in step.
/// error_tmo when the line has no end by then. Where the call has no clock (immediate, infinite) a
/// line of 16 MiB is given up: error_outp_prot_viol.
Result<std::uint8_t> read_status_byte(spi::Channel& channel, Call& call);

/// "*TRG".
Status trigger(spi::Channel& channel, Call& call);

/// "*CLS", after the channel was cleared.
Status clear(spi::Channel& channel, Call& call);

}  // namespace visa::core::protocol_4882
