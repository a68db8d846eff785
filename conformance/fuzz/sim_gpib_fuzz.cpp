// SPDX-License-Identifier: MIT
// Whatever a client sends to an adapter of the bench, in whatever pieces: the adapter works it off
// without hanging, and answers the next client. First byte: how the input is cut (bits 0 to 3),
// which adapter (bit 4). The rest are the lines.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "tools/sim/base/event_loop.h"
#include "tools/sim/description/described_instrument.h"
#include "tools/sim/gpib/gpib_adapter.h"
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
std::string settle(GpibAdapter& adapter) {
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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 4096) return 0;
  static EventLoop loop;
  static const auto kDescription = read_description(
      "[instrument]\nname=\"a\"\nidentity=\"A,B,C,D\"\ntrigger=\"acquire\"\n", "fuzz");
  const auto instrument = make_instrument(kDescription);
  GpibBus bus(loop);
  bus.add(*instrument, GpibPlace{5});
  const bool ar488 = (data[0] & 16U) != 0;
  GpibAdapter adapter(bus, ar488 ? AdapterKind::ar488 : AdapterKind::prologix, "version");
  Client client;
  adapter.begin(client);
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t step = 1 + (data[0] & 15U);
  while (!rest.empty()) {
    adapter.receive(rest.substr(0, step));
    rest.remove_prefix(std::min(step, rest.size()));
    settle(adapter);
  }
  Client next;
  adapter.begin(next);
  adapter.receive("++auto 0\n++ver\n");
  const std::string said = settle(adapter);
  demand(said.ends_with("version\r\n"));
  return 0;
}
