// SPDX-License-Identifier: MIT
// Whatever comes in on the interrupt channel: memory is bounded, reading ends, and a good request
// after any noise that is not given up is still found.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "drivers/vxi11/interrupt_message.h"

namespace {

using namespace visa::drivers;
using namespace visa::drivers::vxi11;

void demand(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span input(reinterpret_cast<const std::byte*>(data), size);
  InterruptMessages messages;
  const std::size_t step = size == 0 ? 1 : 1 + data[0] % 97;
  for (std::size_t at = 0; at < size; at += step) {
    if (!messages.add(input.subspan(at, std::min(step, size - at)))) return 0;
    while (const auto request = messages.next()) {
      demand(request->handle_size <= kHandleSize);
      // A request matches a link's handle only when the peer sent all 16 bytes of it.
      demand(request->carries(request->handle) == (request->handle_size >= 16));
      demand(get_word(acknowledgement(*request).data() + kXdrWord) == request->xid);
    }
  }
  // Whole requests until the noise has passed: the handle of one of them must come out.
  std::vector<std::byte> request(4 + 40 + 4 + kHandleSize, std::byte{0x5A});
  XdrWriter writer(request);
  writer.word(0x80000000 | (40 + 4 + kHandleSize)).word(1).word(0).word(2);
  writer.word(kInterruptProgram).word(kVersion).word(kDeviceIntrSrq);
  writer.word(0).word(0).word(0).word(0).word(kHandleSize);
  for (int i = 0; i < 20; ++i) {
    if (!messages.add(request)) return 0;
    while (const auto found = messages.next()) {
      demand(found->handle_size <= kHandleSize);
      const auto handle = std::span(found->handle).first(found->handle_size);
      if (found->handle_size == kHandleSize &&
          std::all_of(handle.begin(), handle.end(),
                      [](std::byte byte) { return byte == std::byte{0x5A}; })) {
        return 0;
      }
    }
  }
  demand(false);
  return 0;
}
