// SPDX-License-Identifier: MIT
// Everything of the instrument happens inside the model's mutex: its callback has it, and the
// thread takes it by with().
#include "conformance/guest/pyvisa_station.h"

#include <chrono>
#include <optional>
#include <string>
#include <thread>

#include "tools/sim/engine/link.h"
#include "tools/sim/scpi/pyvisa_instrument.h"

namespace visa::test {
namespace {

constexpr std::size_t kMostAnswer = std::size_t{1} << 20;
constexpr std::chrono::milliseconds kLook{5};

class Station final : private sim::LinkEvents {
 public:
  /// The answer, if there is one at once. `one` is where the message came.
  std::optional<std::string> hear(ModelInstrument& one, const std::string& message) {
    if (one.clears != clears_) link_.device_clear();
    clears_ = one.clears;
    at_ = &one;
    link_.receive(message, true);
    return taken();
  }
  void look() {
    const auto now = sim::Clock::now();
    if (const auto due = instrument_.due(); due && *due <= now) instrument_.on_due(now);
    link_.release(now);
    if (at_ == nullptr) return;
    if (const auto answer = taken()) at_->output += *answer;
  }

 private:
  std::optional<std::string> taken() {
    if (!link_.message_available()) return std::nullopt;
    return link_.read(kMostAnswer).bytes;
  }
  void on_service_request() override {
    if (at_ != nullptr) at_->status |= 0x40;
  }

  sim::PyvisaInstrument instrument_;
  sim::Link link_{instrument_, sim::Exchange::strict, static_cast<sim::LinkEvents*>(this)};
  ModelInstrument* at_ = nullptr;  // where it was spoken to last
  unsigned clears_ = 0;
};

}  // namespace

void add_pyvisa_station(GpibKernelModel& board) {
  static Station station;
  for (const GpibKernelModel::Address& address :
       {GpibKernelModel::Address{1}, GpibKernelModel::Address{1, std::uint8_t{0}}}) {
    ModelInstrument& one = board.instruments[address];
    one.answer = [&one](const std::string& message) { return station.hear(one, message); };
  }
  std::thread([&board] {
    for (;;) {
      std::this_thread::sleep_for(kLook);
      board.with([](GpibKernelModel&) { station.look(); });
    }
  }).detach();
}

}  // namespace visa::test
