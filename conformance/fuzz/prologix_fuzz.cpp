// SPDX-License-Identifier: MIT
// Whatever an adapter of the Prologix kind sends: the answer does not depend on how the bytes were
// cut, nothing comes out that did not come in, and no operation hangs or writes beyond a buffer.
// First byte: how the input is cut. The rest is what the adapter says.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "drivers/gpib/prologix_controller.h"

namespace {

using namespace visa;
using namespace visa::drivers;
using namespace visa::drivers::gpib;

constexpr std::string_view kClosing = "Px 1\r\n";
constexpr std::uint8_t kMark = 0x04;

void demand(bool holds) {
  if (!holds) std::abort();
}

struct Parsed {
  std::string data;
  bool over = false;
  bool end = false;
  friend bool operator==(const Parsed&, const Parsed&) = default;
};

Parsed parse(std::string_view wire, std::size_t step) {
  PrologixAnswer answer{std::string(kClosing), kMark};
  answer.begin();
  Parsed parsed;
  while (!wire.empty() && !answer.over()) {
    const auto room = answer.room();
    demand(!room.empty());
    const std::size_t count = std::min({step, wire.size(), room.size()});
    std::memcpy(room.data(), wire.data(), count);
    answer.received(count);
    wire.remove_prefix(count);
    const auto ready = answer.ready();
    parsed.data.append(reinterpret_cast<const char*>(ready.data()), ready.size());
    answer.consume(ready.size());
  }
  parsed.over = answer.over();
  parsed.end = parsed.over && answer.end();
  return parsed;
}

/// Says what the fuzzer wants, whatever it is asked.
class Babbler final : public ByteStream {
 public:
  Babbler(std::string_view text, std::size_t step) : text_(text), step_(step) {}
  StreamResult receive(std::span<std::byte> into, Call& call) override {
    const StreamResult got = receive_now(into, call);
    return got.count > 0 ? got : StreamResult{Status::error_tmo, 0};
  }
  StreamResult receive_now(std::span<std::byte> into, Call&) override {
    const std::size_t count = std::min({step_, text_.size(), into.size()});
    std::memcpy(into.data(), text_.data(), count);
    text_.remove_prefix(count);
    return {Status::success, count};
  }
  StreamResult send(std::span<const std::byte> data, Call&) override {
    return {Status::success, data.size()};
  }
  void wake() noexcept override {}
  const std::string& peer() const noexcept override { return peer_; }
  bool lost() const noexcept override { return false; }
  void close() noexcept override {}

 private:
  std::string_view text_;
  std::size_t step_;
  const std::string peer_ = "babbler";
};

void operate(std::string_view text, std::size_t step) {
  constexpr std::chrono::milliseconds kNoGrace{0};
  PrologixController controller(std::make_unique<PrologixLink>(
      std::make_unique<Babbler>(text, step), dialect_of("AR488"), std::string(kClosing), kNoGrace));
  const std::array<std::byte, 3> message{std::byte{'a'}, std::byte{0x1B}, std::byte{'\n'}};
  for (int times = 0; times < 4; ++times) {
    Call call(Deadline::immediate());
    std::array<std::byte, 16> buffer{};
    const Address device{5};
    const auto got =
        controller.read(device, std::span(buffer).first(7), {.termchar_enabled = true}, {}, call);
    demand(got.count <= 7 && buffer[7] == std::byte{0});
    static_cast<void>(controller.serial_poll({9, 2}, call));
    static_cast<void>(controller.read({6}, buffer, {}, {}, call));
    static_cast<void>(controller.write(device, message, spi::WriteEnd::end, {}, call));
    static_cast<void>(controller.state(call));
    static_cast<void>(controller.find_listeners(call));
    static_cast<void>(controller.clear(device, call));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string wire(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t step = 1 + data[0] % 64U;
  const Parsed whole = parse(wire, wire.size() + 1);
  demand(whole.data.size() <= wire.size());
  demand(wire.compare(0, whole.data.size(), whole.data) == 0);
  demand(whole.over == (wire.find(kClosing) != std::string::npos));
  demand(parse(wire, step) == whole);
  demand(parse(wire, 1) == whole);
  operate(wire, step);
  return 0;
}
