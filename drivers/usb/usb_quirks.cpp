// SPDX-License-Identifier: MIT
// The rows are facts that users reported; each names the report. A device clear when a session is
// opened is no quirk: this driver never sends one (python-usbtmc's pull request 62 tells of an
// oscilloscope that hangs).
#include "drivers/usb/usb_quirks.h"

#include <algorithm>

namespace visa::drivers::usb {
namespace {

constexpr Quirks kRigolScope{.no_short_packet = true, .block_length = true};
constexpr Quirks kRigolOld{.block_length = true, .any_message_id = true};
constexpr Quirks kSiglentGenerator{.no_optional_requests = true};
constexpr Quirks kSiglentScope{.most_requested = 48};
constexpr Quirks kAdvantest{.most_requested = 63};
constexpr Quirks kXyphro{.status_alone = true};

constexpr QuirkRow kRows[] = {
    {0x1AB1, 0x04CE, 0x04CE, kRigolScope, "python-usbtmc PR 18, pyvisa-py issues 463 and 472"},
    {0x1AB1, 0x0588, 0x0588, kRigolOld, "python-usbtmc PR 18, pyvisa-py issue 20"},
    {0x1334, 0x0000, 0xFFFF, kAdvantest, "python-usbtmc: 63 bytes at most"},
    {0x03EB, 0x2065, 0x2065, kXyphro, "xyphro/UsbGpib issue 36"},
    {0xF4EC, 0x1102, 0x1103, kSiglentGenerator, "pyvisa-py issue 333: SDG1032X freezes"},
    {0xF4ED, 0xEE3A, 0xEE3A, kSiglentScope, "ngscopeclient/scopehal PR 749: 48 bytes at most"},
};

}  // namespace

std::span<const QuirkRow> quirk_rows() noexcept {
  return kRows;
}

Quirks quirks_of(std::uint16_t vendor, std::uint16_t product) noexcept {
  const auto* const row = std::find_if(std::begin(kRows), std::end(kRows), [&](const auto& one) {
    return one.vendor == vendor && one.first_product <= product && product <= one.last_product;
  });
  return row == std::end(kRows) ? Quirks{} : row->quirks;
}

}  // namespace visa::drivers::usb
