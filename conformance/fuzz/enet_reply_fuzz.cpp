// SPDX-License-Identifier: MIT
// Replies of a GPIB-ENET/100: whatever comes, no more data than came is delivered, reading ends,
// and the portions in which it comes change nothing.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <vector>

#include "drivers/gpib/enet/enet_frames.h"

namespace {

using namespace visa::drivers::gpib::enet;

void demand(bool holds) {
  if (!holds) std::abort();
}

struct Reading {
  std::vector<std::byte> data;
  bool done = false;
  bool broken = false;
  EnetStatus status;
  std::uint8_t status_byte = 0;
};

Reading read(ReplyKind kind, std::span<const std::byte> bytes, std::size_t portion,
             std::size_t room, std::optional<std::uint8_t> termchar) {
  ReplyReader reader(kind);
  Reading reading;
  std::array<std::byte, 64> buffer{};
  for (std::size_t at = 0; at < bytes.size(); at += portion) {
    auto input = bytes.subspan(at, std::min(portion, bytes.size() - at));
    for (bool moves = true; moves && !reader.done() && !reader.broken();) {
      std::span<std::byte> into = std::span(buffer).first(room);
      const std::size_t before = input.size();
      reader.take(input, into, termchar);
      demand(input.size() <= before && into.size() <= room);
      const std::size_t count = room - into.size();
      reading.data.insert(reading.data.end(), buffer.begin(),
                          buffer.begin() + static_cast<std::ptrdiff_t>(count));
      if (reader.marked()) demand(count > 0 && buffer[count - 1] == std::byte{*termchar});
      moves = count > 0 || input.size() != before;
    }
  }
  reading.done = reader.done();
  reading.broken = reader.broken();
  reading.status = reader.status();
  reading.status_byte = reader.status_byte();
  return reading;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const auto kind = static_cast<ReplyKind>(data[0] % 3);
  const std::size_t portion = 1 + data[1] % 40;
  const std::size_t room = 1 + data[2] % 64;
  const std::span bytes(reinterpret_cast<const std::byte*>(data + 3), size - 3);
  const Reading whole = read(kind, bytes, bytes.size() + 1, 64, std::nullopt);
  const Reading parts = read(kind, bytes, portion, room, std::uint8_t{'\n'});
  demand(whole.data.size() <= bytes.size());
  demand(whole.data == parts.data);
  demand(whole.done == parts.done && whole.broken == parts.broken);
  if (!whole.done) return 0;
  demand(whole.status.state == parts.status.state && whole.status.count == parts.status.count);
  demand(whole.status_byte == parts.status_byte);
  return 0;
}
