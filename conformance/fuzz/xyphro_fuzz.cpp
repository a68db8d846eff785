// SPDX-License-Identifier: MIT
// Answers of a Xyphro adapter: none is longer than what was asked for, and none belongs to another
// request.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "drivers/gpib/xyphro/xyphro_message.h"

namespace {

using namespace visa::drivers::gpib::xyphro;

void demand(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const std::uint8_t tag = data[0];
  const std::size_t wanted = data[1] + std::size_t{256} * data[2];
  const std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(data + 3), size - 3);
  if (const auto head = parse_head(bytes, tag, wanted)) {
    demand(bytes.size() >= kHeaderSize && head->size <= wanted);
    demand(bytes[1] == std::byte{tag});
  }
  if (parse_lines(bytes)) demand(bytes.size() >= 2 && bytes[0] == std::byte{1});
  return 0;
}
