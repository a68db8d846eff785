// SPDX-License-Identifier: MIT
// The bench's instrument of PyVISA's own tests on the model of a kernel board: messages in, answers
// and requests for service out. Its address is 1, and 1 with the secondary address 0, by which
// PyVISA 1.11.3 opens it. Lives as long as the program; messages come from whatever thread makes
// the request.
#pragma once

#include "conformance/unit/drivers/support/gpib_kernel_model.h"

namespace visa::test {

/// Puts the instrument on the bus, with a thread for what it says late.
void add_pyvisa_station(GpibKernelModel& board);

}  // namespace visa::test
