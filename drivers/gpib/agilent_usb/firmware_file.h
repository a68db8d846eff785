// SPDX-License-Identifier: MIT
// Where the firmware of an 82357 is. It belongs to Keysight, so FreeVISA does not bring it along:
// the user has it from elsewhere, in the folder where other drivers for Linux look for it, or the
// configuration names it. Free functions: any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "drivers/gpib/agilent_usb/intel_hex.h"
#include "lib/base/call.h"
#include "lib/base/result.h"

namespace visa::drivers::gpib::agilent {

/// What one kind of adapter boots with.
struct FirmwareKind {
  std::string_view file;           // its usual name
  std::size_t room;                // bytes of memory that it may fill, from 0 on
  std::uint16_t control_register;  // 1 stops the processor, 0 lets it run
};

/// Reads it from `configured`, a file or a folder that has it under its usual name, or, where that
/// is "", from the usual folders below `root`. `adapter` is for texts. error_inv_setup, with the
/// file, what is wrong and what to do: it is missing, or no firmware of this kind.
Result<HexFile> read_firmware(const FirmwareKind& kind, const std::string& configured,
                              const std::string& adapter, Call& call, const std::string& root = "");

}  // namespace visa::drivers::gpib::agilent
