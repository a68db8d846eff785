// SPDX-License-Identifier: MIT
// A kernel board that a test opens, writes to and reads from, over the model of the kernel.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/unit/drivers/support/fake_gpib.h"
#include "conformance/unit/support/patience.h"
#include "drivers/gpib/kernel/kernel_controller.h"

namespace visa::drivers::gpib::kernel {
using test::FakeGpib;
using test::GpibKernelModel;
using test::kPatience;
using test::ModelInstrument;
using namespace std::chrono_literals;

using Lines = std::vector<std::string>;

inline std::span<const std::byte> octets(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

struct Answer {
  Status status;
  std::string data;
  spi::StopReason reason;
};

class KernelFixture : public testing::Test {
 protected:
  KernelFixture() { instrument({5}, "ACME\n"); }
  ~KernelFixture() override {
    close();
    EXPECT_EQ(kernel.model().violations(), Lines());
  }

  /// Answers each message with `answer`, or repeats it if that is "".
  void instrument(const Address& address, const std::string& answer) {
    kernel.model().with([&](GpibKernelModel& model) {
      model.instruments[address].answer = [answer](const std::string& message) {
        return std::optional(answer.empty() ? message : answer);
      };
    });
  }
  void change(const Address& address, const std::function<void(ModelInstrument&)>& use) {
    kernel.model().with([&](GpibKernelModel& model) { use(model.instruments[address]); });
  }

  Status open() {
    auto opened = KernelController::open(kernel.path(), call);
    if (opened) board = *std::move(opened);
    return opened.status();
  }
  void close() {
    if (board == nullptr) return;
    Call closing(Deadline::after(kPatience));
    board->close(closing);
    board.reset();
  }
  template <class Body>
  auto inside(Call& with, Body&& body) {
    EXPECT_EQ(board->begin(with), Status::success);
    auto result = body();
    board->end();
    return result;
  }
  spi::WriteResult write(std::string_view text, const Address& to = {5},
                         spi::WriteEnd end = spi::WriteEnd::end) {
    return inside(call, [&] { return board->write(to, octets(text), end, {}, call); });
  }
  Answer read(std::size_t size = 100, const Address& from = {5}, const spi::EndRule& rule = {},
              Deadline until = Deadline::after(kPatience)) {
    std::vector<std::byte> room(size);
    Call own(until);
    const auto got = inside(own, [&] { return board->read(from, room, rule, {}, own); });
    detail = own.detail;
    return {got.status, {reinterpret_cast<const char*>(room.data()), got.count}, got.reason};
  }
  /// What was asked of the kernel since the last time.
  Lines asked() {
    // The mutex is given back by the worker in its own time.
    const auto limit = std::chrono::steady_clock::now() + kPatience;
    int holder = 1;
    while (holder != 0 && std::chrono::steady_clock::now() < limit) {
      kernel.model().with([&](GpibKernelModel& model) { holder = model.holder; });
    }
    auto all = kernel.model().diary();
    Lines fresh(all.begin() + static_cast<std::ptrdiff_t>(seen_), all.end());
    seen_ = all.size();
    for (auto& line : fresh) {
      if (line.rfind("tmo ", 0) == 0) line = "tmo";
    }
    return fresh;
  }

  FakeGpib kernel;
  std::unique_ptr<Controller> board;
  Call call{Deadline::after(kPatience)};
  std::string detail;

 private:
  std::size_t seen_ = 0;
};

}  // namespace visa::drivers::gpib::kernel
