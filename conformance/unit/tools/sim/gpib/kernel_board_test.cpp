// SPDX-License-Identifier: MIT
// The bench's board, judged by the description of <linux/gpib_ioctl.h>.
#include "tools/sim/gpib/kernel_board.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "conformance/unit/tools/sim/gpib/noting_instrument.h"
#include "tools/sim/gpib/gpib_faults.h"

namespace visa::sim {
namespace {

namespace kernel = gpib_kernel;
using namespace std::string_literals;

template <class T>
std::string bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

class File : public KernelFile {
 public:
  void answer(int error_now, const std::string& argument_now,
              const std::string& data_now) override {
    answered = true;
    error = error_now;
    argument = argument_now;
    data = data_now;
  }
  template <class T>
  T as() const {
    T value;
    std::memcpy(&value, argument.data(), sizeof value);
    return value;
  }

  bool answered = false;
  int error = 0;
  std::string argument;
  std::string data;
};

class KernelBoardTest : public testing::Test {
 protected:
  KernelBoardTest() {
    bus.add(dmm, GpibPlace{5});
    bus.add(scope, GpibPlace{9, 2});
  }
  /// The errno; -1: it waits.
  template <class T>
  int ask(File& file, unsigned long number, const T& value, std::string data = {}) {
    file.answered = false;
    board.request(file, number, bytes_of(value), std::move(data));
    return file.answered ? file.error : -1;
  }
  int lock(File& file, bool on) { return ask(file, kernel::kMutex, std::int32_t{on}); }
  int time_limit(std::uint32_t microseconds) { return ask(mine, kernel::kTimeout, microseconds); }
  int command(std::string_view bytes) {
    return ask(mine, kernel::kCommand, transfer(bytes.size()), std::string(bytes));
  }
  int write(std::string_view text, bool end = true) {
    return ask(mine, kernel::kWrite, transfer(text.size(), end), std::string(text));
  }
  int read(std::size_t most) { return ask(mine, kernel::kRead, transfer(most)); }
  static kernel::Transfer transfer(std::size_t size, bool end = false) {
    kernel::Transfer result;
    result.requested = static_cast<std::uint32_t>(size);
    result.end = end ? 1 : 0;
    return result;
  }
  /// Lets time pass until what waits has been answered.
  void pass(File& file) {
    while (!file.answered) {
      const auto due = board.due();
      ASSERT_TRUE(due);
      board.on_due(std::max(*due, Clock::now()));
    }
  }

  EventLoop loop;
  NotingInstrument dmm;
  NotingInstrument scope;
  GpibBus bus{loop};
  KernelBoard board{loop, bus};
  File mine;
  File other;
};

// Nothing waits so long: pass() lets it be over.
constexpr std::uint32_t kHour = 3'600'000'000;
constexpr std::string_view kWriteToDmm = "\x40\x3F\x25";
constexpr std::string_view kReadFromDmm = "\x3F\x20\x45";

TEST_F(KernelBoardTest, AQueryNeedsTheMutexAndAddressing) {
  EXPECT_EQ(write("A?"), EPERM);
  EXPECT_EQ(board.refused(), 1U);
  EXPECT_EQ(lock(mine, true), 0);
  EXPECT_EQ(write("A?"), ECOMM);  // nothing listens
  EXPECT_EQ(command(kWriteToDmm), 0);
  EXPECT_EQ(mine.as<kernel::Transfer>().completed, 3U);
  EXPECT_EQ(write("A", false), 0);
  EXPECT_EQ(dmm.take_seen(), "");
  EXPECT_EQ(write("?"), 0);
  EXPECT_EQ(dmm.take_seen(), "<A?>");
  EXPECT_EQ(command(kReadFromDmm), 0);
  EXPECT_EQ(read(4), 0);
  EXPECT_EQ(mine.data, "answ");
  EXPECT_EQ(mine.as<kernel::Transfer>().end, 0);
  EXPECT_EQ(read(100), 0);
  EXPECT_EQ(mine.data, "er");
  EXPECT_EQ(mine.as<kernel::Transfer>().end, 1);
  EXPECT_EQ(mine.as<kernel::Transfer>().completed, 2U);
}

TEST_F(KernelBoardTest, TheMutexIsGivenInOrder) {
  File third;
  EXPECT_EQ(lock(mine, true), 0);
  EXPECT_EQ(lock(other, true), -1);
  EXPECT_EQ(lock(third, true), -1);
  EXPECT_EQ(lock(mine, false), 0);
  EXPECT_TRUE(other.answered);
  EXPECT_FALSE(third.answered);
  board.close(other);  // its program dies
  EXPECT_TRUE(third.answered);
  EXPECT_EQ(lock(mine, false), EPERM);
  board.close(third);
}

TEST_F(KernelBoardTest, ATransferEndsAtItsTime) {
  lock(mine, true);
  time_limit(kHour);
  command(kReadFromDmm);
  EXPECT_EQ(read(10), -1);
  pass(mine);
  EXPECT_EQ(mine.error, ETIMEDOUT);
  EXPECT_EQ(dmm.take_seen(), "(unterminated)");
  command("\x3F\x20\x47");
  EXPECT_EQ(read(10), -1);  // nothing is at 7
  pass(mine);
  EXPECT_EQ(mine.error, ETIMEDOUT);
}

TEST_F(KernelBoardTest, AReadEndsAtTheCharacterThatIsSet) {
  dmm.answer = "ab\ncd";
  lock(mine, true);
  command(kWriteToDmm);
  write("A?");
  ask(mine, kernel::kEndOfString, kernel::EndOfString{'\n', 0x1400});
  command(kReadFromDmm);
  EXPECT_EQ(read(10), 0);
  EXPECT_EQ(mine.data, "ab\n");
  EXPECT_EQ(mine.as<kernel::Transfer>().end, 1);
  ask(mine, kernel::kEndOfString, kernel::EndOfString{});
  EXPECT_EQ(read(10), 0);
  EXPECT_EQ(mine.data, "cd");
}

TEST_F(KernelBoardTest, CommandBytesAddressClearAndTrigger) {
  lock(mine, true);
  command("\x40\x3F\x29\x62\x08\x04");
  EXPECT_EQ(scope.take_seen(), "(trigger)(clear)");
  EXPECT_EQ(write("A"), 0);
  EXPECT_EQ(scope.take_seen(), "<A>");
  command("\x14");
  EXPECT_EQ(dmm.take_seen(), "(clear)");
  command("\x3F");
  EXPECT_EQ(write("A"), ECOMM);
}

TEST_F(KernelBoardTest, PollsAndWaitsForService) {
  kernel::Wait wait;
  wait.mask = kernel::kServiceLine | kernel::kTimedOut;
  wait.microseconds = kHour;
  EXPECT_EQ(ask(other, kernel::kWait, wait), -1);  // needs no mutex
  pass(other);
  EXPECT_EQ(other.as<kernel::Wait>().status & wait.mask, kernel::kTimedOut);
  wait.microseconds = 0;
  EXPECT_EQ(ask(other, kernel::kWait, wait), -1);
  bus.find({5})->link().request_service();
  pass(other);
  EXPECT_EQ(other.as<kernel::Wait>().status & wait.mask, kernel::kServiceLine);
  lock(mine, true);
  dmm.status = 0x02;
  EXPECT_EQ(ask(mine, kernel::kPoll, kernel::Poll{5, -1}), 0);
  EXPECT_EQ(mine.as<kernel::Poll>().status, 0x42);
  time_limit(kHour);
  EXPECT_EQ(ask(mine, kernel::kPoll, kernel::Poll{7, -1}), -1);
  pass(mine);
  EXPECT_EQ(mine.error, ETIMEDOUT);
  wait.mask = 0;
  EXPECT_EQ(ask(other, kernel::kWait, wait), 0);
  EXPECT_EQ(other.as<kernel::Wait>().status & kernel::kServiceLine, 0);
}

TEST_F(KernelBoardTest, ListenersHoldNdac) {
  const auto level = [&](unsigned line) {
    EXPECT_EQ(ask(other, kernel::kLines, std::int16_t{0}), 0);
    return (static_cast<unsigned>(other.as<std::int16_t>()) >> 8U & line) != 0;
  };
  lock(mine, true);
  command(kWriteToDmm);
  EXPECT_TRUE(level(kernel::kAtn));
  EXPECT_FALSE(level(kernel::kNdac));
  board.request(mine, kernel::kStandby, {}, {});
  EXPECT_TRUE(level(kernel::kNdac));
  dmm.faults().add({.kind = &kGpibAbsentFault});
  EXPECT_FALSE(level(kernel::kNdac));
  EXPECT_EQ(ask(mine, kernel::kInterfaceClear, std::uint32_t{100}), 0);
  EXPECT_EQ(board.interface_clears(), 1U);
}

TEST_F(KernelBoardTest, MeetsFaults) {
  lock(mine, true);
  time_limit(kHour);
  command(kWriteToDmm);
  dmm.faults().add({.kind = &kGpibAbsentFault, .count = 1, .operation = &kGpibWrite});
  EXPECT_EQ(write("A"), ECOMM);
  dmm.faults().add({.kind = &kGpibStuckFault, .count = 1});
  EXPECT_EQ(write("A"), -1);
  pass(mine);
  EXPECT_EQ(mine.error, ETIMEDOUT);
  EXPECT_EQ(write("B"), 0);
  EXPECT_EQ(dmm.take_seen(), "<B>");
}

TEST_F(KernelBoardTest, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(ask(mine, kernel::kInfo, kernel::Info{}), 0);
  EXPECT_EQ(mine.as<kernel::Info>().system_controller, 1);
  lock(mine, true);
  EXPECT_EQ(ask(mine, _IOW(kernel::kType, 99, int), 0), ENOTTY);
  EXPECT_EQ(board.refused(), 1U);
}

TEST(EmptyKernelBus, TakesNoCommands) {
  EventLoop loop;
  GpibBus bus(loop);
  KernelBus of(bus);
  EXPECT_FALSE(of.command(kWriteToDmm));
}

}  // namespace
}  // namespace visa::sim
