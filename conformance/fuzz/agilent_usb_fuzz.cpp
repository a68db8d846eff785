// SPDX-License-Identifier: MIT
// Replies of an Agilent 82357, and firmware files for it: whatever comes, no more data is delivered
// than came or was asked for, no count exceeds what was sent, and no firmware goes beyond the
// memory it is for.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>

#include "drivers/gpib/agilent_usb/agilent_message.h"
#include "drivers/gpib/agilent_usb/intel_hex.h"

namespace {

using namespace visa::drivers::gpib::agilent;

void demand(bool holds) {
  if (!holds) std::abort();
}

void take_replies(std::span<const std::byte> bytes, std::size_t wanted) {
  // A part is no whole reply, and a whole one is no part.
  if (is_part_of_registers(bytes, wanted) && wanted > 0)
    demand(!parse_registers(bytes, wanted).fits);
  if (is_part_of_read(bytes, wanted, true)) demand(bytes.size() <= wanted);
  const RegisterReply written = parse_written(bytes);
  demand(!written.fits || bytes.size() >= 2);
  demand(written.values.empty());
  const RegisterReply values = parse_registers(bytes, wanted);
  demand(!values.fits || values.error != 0 || values.values.size() == wanted);
  demand(values.values.size() <= bytes.size());
  const ReceiveReply received = parse_received(bytes, wanted);
  demand(received.data.size() <= wanted);
  demand(!received.fits || received.data.size() + 1 == bytes.size());
  const auto count = parse_status(bytes, static_cast<std::uint32_t>(wanted));
  demand(!count || *count <= wanted);
  demand(!parse_abort(bytes) || bytes.size() >= kAbortSize);
  parse_report(bytes);
  demand(!error_text(written.error).empty());
}

void take_firmware(std::string_view text, std::size_t room) {
  const HexFile file = parse_intel_hex(text, room);
  demand(file.good() != file.records.empty());
  std::size_t total = 0;
  for (const HexRecord& record : file.records) {
    demand(!record.data.empty() && record.data.size() <= 255);
    demand(record.address + record.data.size() <= room);
    total += record.data.size();
  }
  demand(2 * total <= text.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t wanted = data[0] + std::size_t{256} * (data[1] & 0x3FU);
  const auto* const rest = reinterpret_cast<const char*>(data + 2);
  take_replies(std::as_bytes(std::span(rest, size - 2)), wanted);
  take_firmware({rest, size - 2}, wanted + 1);
  return 0;
}
