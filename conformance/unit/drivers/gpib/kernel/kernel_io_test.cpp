// SPDX-License-Identifier: MIT
#include "drivers/gpib/kernel/kernel_io.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "conformance/unit/drivers/support/fake_gpib.h"
#include "drivers/gpib/kernel/kernel_abi.h"

namespace visa::drivers::gpib::kernel {
namespace {

using test::FakeGpib;
using test::GpibKernelModel;
using namespace std::chrono_literals;

class KernelIoTest : public testing::Test {
 protected:
  KernelIoTest() {
    board.model().instruments[{5}];
    EXPECT_EQ(io.lock(), 0);
  }
  ~KernelIoTest() override {
    io.unlock();
    EXPECT_EQ(board.model().violations(), std::vector<std::string>());
  }
  void talk() {
    const std::byte bytes[] = {std::byte{0x3F}, std::byte{0x20}, std::byte{0x45}};
    EXPECT_EQ(io.command(bytes, patience()).error, 0);
  }
  void listen() {
    const std::byte bytes[] = {std::byte{0x40}, std::byte{0x3F}, std::byte{0x25}};
    EXPECT_EQ(io.command(bytes, patience()).error, 0);
  }
  void say(std::string text, bool end = true) {
    board.model().with([&](GpibKernelModel& model) {
      model.instruments[{5}].output = std::move(text);
      model.instruments[{5}].output_ends = end;
    });
  }
  Patience patience(std::chrono::milliseconds time = 10s) const {
    return {Deadline::after(time), given_up};
  }
  std::size_t times(const std::string& line) {
    const auto diary = board.model().diary();
    return static_cast<std::size_t>(std::count(diary.begin(), diary.end(), line));
  }

  FakeGpib board;
  std::atomic<bool> given_up{false};
  KernelIo io{0};
  std::vector<std::byte> room = std::vector<std::byte>(100);
};

TEST(KernelPieces, AreThoseThatCoarseTimersHaveExactly) {
  EXPECT_EQ(piece_of(Deadline::infinite()), 1'000'000u);
  EXPECT_EQ(piece_of(Deadline::after(5s)), 1'000'000u);
  EXPECT_EQ(piece_of(Deadline::after(250ms)), 100'000u);
  EXPECT_EQ(piece_of(Deadline::immediate()), 1'000u);
}

TEST_F(KernelIoTest, AReadEndsAtEoi) {
  talk();
  say("ACME");
  const Moved moved = io.read(room, std::nullopt, patience());
  EXPECT_EQ(moved.error, 0);
  EXPECT_EQ(moved.count, 4u);
  EXPECT_TRUE(moved.end);
}

TEST_F(KernelIoTest, AReadEndsAtTheTerminationCharacterAndGoesOnAfterIt) {
  talk();
  say("a\nb\n");
  Moved moved = io.read(room, std::uint8_t{'\n'}, patience());
  EXPECT_EQ(moved.count, 2u);
  EXPECT_TRUE(moved.end);
  moved = io.read(room, std::nullopt, patience());
  EXPECT_EQ(moved.count, 2u);
  EXPECT_EQ(times("eos"), 2u) << "once for each rule";
}

TEST_F(KernelIoTest, AFullBufferIsNoEnd) {
  talk();
  say("0123456789");
  const Moved moved = io.read(std::span(room).first(4), std::nullopt, patience());
  EXPECT_EQ(moved.count, 4u);
  EXPECT_FALSE(moved.end);
}

TEST_F(KernelIoTest, ATimeoutKeepsWhatCame) {
  talk();
  say("01234", false);
  const Moved moved = io.read(room, std::nullopt, patience(30ms));
  EXPECT_EQ(moved.error, ETIMEDOUT);
  EXPECT_EQ(moved.count, 5u);
}

TEST_F(KernelIoTest, AnInterruptedReadGoesOnWhereItStopped) {
  talk();
  say("0123456789");
  board.model().fail_next(kRead, EINTR, 3, 3);
  const Moved moved = io.read(room, std::nullopt, patience());
  EXPECT_EQ(moved.error, 0);
  ASSERT_EQ(moved.count, 10u);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(room.data()), 10), "0123456789");
  EXPECT_TRUE(moved.end);
}

TEST_F(KernelIoTest, InterruptionsWithoutProgressEnd) {
  talk();
  board.model().fail_next(kRead, EINTR, 100000);
  EXPECT_EQ(io.read(room, std::nullopt, patience()).error, EINTR);
}

TEST_F(KernelIoTest, OnlyTheLastChunkOfAWriteCarriesEoi) {
  listen();
  const std::vector<std::byte> data(40000, std::byte{'x'});
  const Moved moved = io.write(data, true, patience());
  EXPECT_EQ(moved.count, 40000u);
  EXPECT_EQ(times("wrt 16384"), 2u);
  EXPECT_EQ(times("wrt 7232 end"), 1u);
}

TEST_F(KernelIoTest, AWriteWithoutEndCarriesNone) {
  listen();
  const std::byte one[] = {std::byte{'x'}};
  EXPECT_EQ(io.write(one, false, patience()).count, 1u);
  EXPECT_EQ(times("wrt 1"), 1u);
}

TEST_F(KernelIoTest, TheTimeoutIsSetOncePerLock) {
  listen();
  const std::byte one[] = {std::byte{'x'}};
  const Patience forever{Deadline::infinite(), given_up};
  io.write(one, true, forever);
  io.write(one, true, forever);
  EXPECT_EQ(times("tmo 1000000"), 1u);
  io.unlock();
  ASSERT_EQ(io.lock(), 0);
  io.write(one, true, forever);
  EXPECT_EQ(times("tmo 1000000"), 2u) << "another program may have changed it";
}

TEST_F(KernelIoTest, APollIsRepeatedOnceAfterLostStatusBytes) {
  board.model().with([](GpibKernelModel& model) { model.instruments[{5}].status = 0x50; });
  board.model().fail_next(kSerialPoll, EPIPE);
  std::uint8_t status = 0;
  EXPECT_EQ(io.serial_poll({5}, status, patience()), 0);
  EXPECT_EQ(status, 0x50);
  board.model().fail_next(kSerialPoll, EPIPE, 2);
  EXPECT_EQ(io.serial_poll({5}, status, patience()), EPIPE);
}

TEST_F(KernelIoTest, ASilentDeviceIsPolledForASecondAtMost) {
  std::uint8_t status = 0;
  EXPECT_EQ(io.serial_poll({9}, status, patience(20ms)), ETIMEDOUT);
  board.model().instruments[{9}].status = 1;
  EXPECT_EQ(io.serial_poll({9}, status, {Deadline::infinite(), given_up}), 0);
  EXPECT_EQ(times("tmo 1000000"), 1u);
}

TEST_F(KernelIoTest, ACallerThatLeftEndsTheTransferWithThePiece) {
  talk();
  given_up = true;
  EXPECT_EQ(io.read(room, std::nullopt, {Deadline::after(15ms), given_up}).error, ETIMEDOUT);
  EXPECT_EQ(times("rd 100"), 1u);
}

}  // namespace
}  // namespace visa::drivers::gpib::kernel
