// SPDX-License-Identifier: MIT
// A reply may come in several transfers and the boundaries of packets tell nothing, so its end is
// found by its blocks. Invariant: no index is used that `look` has not found to be inside.
#include <algorithm>
#include <array>

#include "drivers/gpib/ni_usb/ni_blocks.h"
#include "drivers/gpib/ni_usb/ni_ids.h"

namespace visa::drivers::gpib::ni_usb {
namespace {

constexpr std::size_t kStatusReply = kStatusSize + kTerminatorSize;
/// The status of the writes, their number and three zeros.
constexpr std::size_t kWritten = kStatusSize + 4;
/// After the data of a read: its status, one byte of no meaning, the valid bytes of the last block,
/// two zeros; what became of the register writes in the request.
constexpr std::size_t kDataTail = kStatusSize + 4 + kWritten + kTerminatorSize;

std::uint8_t at(std::span<const std::byte> bytes, std::size_t index) noexcept {
  return static_cast<std::uint8_t>(bytes[index]);
}

bool ends_well(std::span<const std::byte> reply) noexcept {
  const auto end = reply.last(kTerminatorSize);
  return at(end, 0) == kTerminator && at(end, 1) == 0 && at(end, 2) == 0 && at(end, 3) == 0;
}

/// Those of the other shapes. The adapters do not agree on the id of a plain status.
bool is_of_another_shape(std::uint8_t id) noexcept {
  return id == kStandby || id == kWriteRegisters || (id >= kRegisterValues && id <= kDataStatus);
}

Progress look_fixed(std::span<const std::byte> reply, std::size_t size) noexcept {
  if (reply.size() < size) return Progress::more;
  return reply.size() == size && ends_well(reply) ? Progress::whole : Progress::broken;
}

/// Bytes of the values with their ids.
constexpr std::size_t value_bytes(std::size_t wanted) noexcept {
  return (wanted + 2) / 3 * 4;
}

Progress look_registers(std::size_t wanted, std::span<const std::byte> reply) noexcept {
  const std::size_t values = value_bytes(wanted);
  for (std::size_t i = 0; i < std::min(values, reply.size()); i += 4) {
    if (at(reply, i) != kRegisterValues) return Progress::broken;
  }
  if (reply.size() > values && at(reply, values) != kRegistersEnd) return Progress::broken;
  const std::size_t least = values + 4 + kTerminatorSize;
  if (reply.size() < least) return Progress::more;
  if (at(reply, values + 1) % 3 != wanted % 3) return Progress::broken;
  if (ends_well(reply)) return Progress::whole;
  return reply.size() < most_of(Shape::registers_read, wanted) ? Progress::more : Progress::broken;
}

/// Where the data blocks end, and how much room they have.
struct Blocks {
  std::size_t bytes = 0;
  std::size_t room = 0;
  std::size_t last = 0;  // room of the last one
  bool ended = false;    // the status is next
  bool broken = false;
};

Blocks find_blocks(std::span<const std::byte> reply, std::size_t wanted) noexcept {
  Blocks found;
  while (found.bytes < reply.size()) {
    const std::uint8_t id = at(reply, found.bytes);
    if (id == kDataStatus) {
      found.ended = true;
      return found;
    }
    const bool is_long = id == kLongData;
    if (!is_long && id != kData) found.broken = true;
    // A block begins only while data is missing.
    if (found.room >= wanted) found.broken = true;
    if (found.broken) return found;
    found.last = is_long ? kInLongData : kInData;
    found.bytes += found.last + (is_long ? 2 : 1);
    found.room += found.last;
  }
  return found;
}

Progress look_data(std::size_t wanted, std::span<const std::byte> reply) noexcept {
  const Blocks found = find_blocks(reply, wanted);
  if (found.broken) return Progress::broken;
  if (!found.ended) return Progress::more;
  return look_fixed(reply, found.bytes + kDataTail);
}

}  // namespace

std::optional<StatusBlock> read_status(std::span<const std::byte> bytes) noexcept {
  if (bytes.size() < kStatusSize) return std::nullopt;
  StatusBlock status;
  status.id = at(bytes, 0);
  status.state = static_cast<std::uint16_t>(at(bytes, 1) << 8U | at(bytes, 2));
  status.error = static_cast<Error>(at(bytes, 3));
  const unsigned count = at(bytes, 4) | static_cast<unsigned>(at(bytes, 5)) << 8U;
  status.rest = static_cast<std::uint16_t>(0x10000 - count);
  return status;
}

Progress look(Shape shape, std::size_t wanted, std::span<const std::byte> reply) noexcept {
  if (reply.empty()) return Progress::more;
  switch (shape) {
    case Shape::standby:
      if (at(reply, 0) != kStandby) return Progress::broken;
      return look_fixed(reply, kStatusReply);
    case Shape::registers_written:
      if (at(reply, 0) != kWriteRegisters) return Progress::broken;
      return look_fixed(reply, kWritten + kTerminatorSize);
    case Shape::registers_read:
      return look_registers(wanted, reply);
    case Shape::data:
      return look_data(wanted, reply);
    default:
      if (is_of_another_shape(at(reply, 0))) return Progress::broken;
      return look_fixed(reply, kStatusReply);
  }
}

std::size_t most_of(Shape shape, std::size_t wanted) noexcept {
  switch (shape) {
    case Shape::registers_written:
      return kWritten + kTerminatorSize;
    case Shape::registers_read:
      return value_bytes(wanted) + 32;
    case Shape::data:
      return (wanted / kInLongData + 1) * 32 + 32;
    default:
      return kStatusReply;
  }
}

void take_registers(std::span<const std::byte> reply, std::span<std::uint8_t> into) noexcept {
  for (std::size_t i = 0; i < into.size(); ++i) into[i] = at(reply, i / 3 * 4 + 1 + i % 3);
}

std::size_t written_registers(std::span<const std::byte> reply) noexcept {
  return at(reply, kStatusSize);
}

std::optional<DataReply> take_data(std::span<const std::byte> reply,
                                   std::span<std::byte> into) noexcept {
  const Blocks found = find_blocks(reply, into.size());
  const auto tail = reply.subspan(found.bytes);
  const std::size_t in_last = found.bytes == 0 ? 0 : at(tail, kStatusSize + 1);
  if (in_last > found.last) return std::nullopt;
  DataReply data;
  data.status = *read_status(tail);
  data.count = found.room - found.last + in_last;
  if (data.count > into.size()) return std::nullopt;
  const Error error = data.status.error;
  const bool counted = error == Error::none || error == Error::stopped || error == Error::timeout;
  if (counted && data.status.rest != into.size() - data.count) return std::nullopt;
  auto rest = into.first(data.count);
  for (std::size_t i = 0; !rest.empty();) {
    const bool is_long = at(reply, i) == kLongData;
    const std::size_t room = is_long ? kInLongData : kInData;
    const std::size_t head = is_long ? 2 : 1;
    const std::size_t count = std::min(room, rest.size());
    std::copy_n(reply.begin() + static_cast<std::ptrdiff_t>(i + head), count, rest.begin());
    rest = rest.subspan(count);
    i += head + room;
  }
  return data;
}

}  // namespace visa::drivers::gpib::ni_usb
