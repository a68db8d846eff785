// SPDX-License-Identifier: MIT
// Replies of NI's USB adapters: whatever comes, no more data than was asked for is delivered, the
// portions in which it comes change nothing, and a reply that is whole has an end.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "drivers/gpib/ni_usb/ni_blocks.h"

namespace {

using namespace visa::drivers::gpib::ni_usb;

void demand(bool holds) {
  if (!holds) std::abort();
}

/// Receives as the pipe does: the place where the reply ended, or was found to be none.
struct Reading {
  Progress progress = Progress::more;
  std::size_t size = 0;
};

Reading receive(Shape shape, std::size_t wanted, std::span<const std::byte> bytes,
                std::size_t portion) {
  Reading reading;
  const std::size_t most = std::min(bytes.size(), most_of(shape, wanted));
  while (reading.progress == Progress::more && reading.size < most) {
    reading.size += std::min(portion, most - reading.size);
    reading.progress = look(shape, wanted, bytes.first(reading.size));
  }
  return reading;
}

void take(Shape shape, std::size_t wanted, std::span<const std::byte> reply) {
  demand(reply.size() >= 12);
  if (shape == Shape::registers_read) {
    std::vector<std::uint8_t> values(wanted);
    take_registers(reply, values);
  } else if (shape == Shape::registers_written) {
    demand(written_registers(reply) < 256);
  } else if (shape == Shape::data) {
    std::vector<std::byte> into(wanted);
    const auto taken = take_data(reply, into);
    demand(!taken || taken->count <= wanted);
  }
  demand(read_status(reply).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 4) return 0;
  const auto shape = static_cast<Shape>(data[0] % 5);
  std::size_t wanted = 1 + data[1] + std::size_t{256} * (data[3] & 0x0FU);
  if (shape == Shape::registers_read) wanted = 1 + data[1] % kMostRegisters;
  const std::size_t portion = 1 + data[2] % 70;
  const std::span bytes(reinterpret_cast<const std::byte*>(data + 4), size - 4);
  const Reading whole = receive(shape, wanted, bytes, 1);
  const Reading parts = receive(shape, wanted, bytes, portion);
  if (whole.progress == Progress::whole) {
    take(shape, wanted, bytes.first(whole.size));
    // A portion that goes past the end makes it none: another reply began in it. What follows
    // register values is not known to the last byte.
    demand(shape == Shape::registers_read || parts.progress == Progress::broken ||
           parts.size == whole.size);
  }
  if (parts.progress == Progress::whole) take(shape, wanted, bytes.first(parts.size));
  return 0;
}
