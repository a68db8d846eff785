// SPDX-License-Identifier: MIT
// Whatever a client sends to what stands in front of the bench's bus, in whatever pieces: it is
// worked off without hanging, and the next client has its answer. First byte: how the input is cut
// (bits 0 to 3), which adapter (bit 4), and with bit 7 instead of an adapter a GPIB-ENET/100 (its
// main connection; with bit 5 one beside it) or, with bit 6, a board of the kernel, whose requests
// are a number, the size of an argument, and its bytes.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>

#include "tools/sim/base/event_loop.h"
#include "tools/sim/description/described_instrument.h"
#include "tools/sim/gpib/enet_session.h"
#include "tools/sim/gpib/enet_side.h"
#include "tools/sim/gpib/gpib_adapter.h"
#include "tools/sim/gpib/kernel_board.h"
#include "tools/sim/scpi/pyvisa_instrument.h"

namespace {

using namespace visa::sim;

void demand(bool holds) {
  if (!holds) std::abort();
}

class Client final : public GpibAdapter::Carrier {
 public:
  void on_adapter_changed() override {}
};

/// Lets time pass until the adapter waits for nothing, and takes what it says.
std::string settle(GpibConversation& adapter) {
  std::string out;
  auto now = Clock::now();
  for (int turns = 0; turns < 10000; ++turns) {
    while (!adapter.output().empty()) out += adapter.output().take(1 << 16).bytes;
    const auto due = adapter.due();
    if (!due || adapter.ending()) return out;
    now = std::max(now, *due);
    adapter.go_on(now);
  }
  std::abort();
}

void feed(GpibConversation& adapter, std::string_view rest, std::size_t step) {
  while (!rest.empty()) {
    adapter.receive(rest.substr(0, step));
    rest.remove_prefix(std::min(step, rest.size()));
    settle(adapter);
  }
}

void feed_adapter(GpibBus& bus, AdapterKind kind, std::string_view input, std::size_t step) {
  GpibAdapter adapter(bus, kind, "version");
  Client client;
  adapter.begin(client);
  feed(adapter, input, step);
  Client next;
  adapter.begin(next);
  adapter.receive("++auto 0\n++ver\n");
  const std::string said = settle(adapter);
  demand(said.ends_with("version\r\n"));
}

void feed_box(GpibBus& bus, bool beside, std::string_view input, std::size_t step) {
  EnetBox box(bus);
  Client client;
  if (beside) {
    const auto port = static_cast<unsigned char>(input.empty() ? 0 : input.front()) % 2 == 0
                          ? EnetPort::wait
                          : EnetPort::control;
    EnetSide side(box, port);
    feed(side, input, step);
  } else {
    EnetSession session(box, 1, client);
    feed(session, input, step);
  }
  EnetSession next(box, 2, client);
  std::string poll("\x07\x02\x00\x01\x05", 5);
  poll.resize(kEnetFrame, '\0');
  poll += '\x19';
  poll.resize(2 * kEnetFrame, '\0');
  next.receive(poll);
  demand(settle(next).size() == 16 + 17);
}

class File final : public KernelFile {
 public:
  void answer(int, const std::string&, const std::string&) override { waits = false; }
  bool waits = false;
};

/// Makes one request and lets time pass until it is answered; false if nothing will.
bool ask(KernelBoard& board, File& file, unsigned long number, const std::string& argument,
         const std::string& bytes) {
  file.waits = true;
  board.request(file, number, argument, bytes);
  while (file.waits) {
    const auto due = board.due();
    if (!due) return false;
    board.on_due(std::max(*due, Clock::now()));
  }
  return true;
}

void feed_board(EventLoop& loop, GpibBus& bus, std::string_view input) {
  KernelBoard board(loop, bus);
  const std::string on("\1\0\0\0", 4);
  {
    File file;
    bool goes_on = true;
    while (goes_on && input.size() >= 2) {
      const std::size_t size = static_cast<unsigned char>(input[1]) % 64;
      const std::string argument(input.substr(2, size));
      // The direction and size are those that a program would use.
      constexpr unsigned long kRequests[] = {gpib_kernel::kMutex,       gpib_kernel::kCommand,
                                             gpib_kernel::kWrite,       gpib_kernel::kRead,
                                             gpib_kernel::kPoll,        gpib_kernel::kWait,
                                             gpib_kernel::kTimeout,     gpib_kernel::kLines,
                                             gpib_kernel::kEndOfString, gpib_kernel::kTakeControl};
      const auto which = static_cast<unsigned char>(input[0]) % std::size(kRequests);
      goes_on = ask(board, file, kRequests[which], argument, argument);
      input.remove_prefix(std::min(2 + size, input.size()));
    }
    board.close(file);
  }
  File next;
  demand(ask(board, next, gpib_kernel::kMutex, on, {}));
  board.close(next);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 4096) return 0;
  static EventLoop loop;
  static const auto kDescription = read_description(
      "[instrument]\nname=\"a\"\nidentity=\"A,B,C,D\"\ntrigger=\"acquire\"\n", "fuzz");
  const auto instrument = make_instrument(kDescription);
  GpibBus bus(loop);
  bus.add(*instrument, GpibPlace{5});
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t step = 1 + (data[0] & 15U);
  if ((data[0] & 128U) == 0) {
    feed_adapter(bus, (data[0] & 16U) != 0 ? AdapterKind::ar488 : AdapterKind::prologix, rest,
                 step);
  } else if ((data[0] & 64U) == 0) {
    feed_box(bus, (data[0] & 32U) != 0, rest, step);
  } else {
    feed_board(loop, bus, rest);
  }
  return 0;
}
