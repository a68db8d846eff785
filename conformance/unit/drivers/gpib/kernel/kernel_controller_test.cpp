// SPDX-License-Identifier: MIT
// The transfers of a kernel board. What a query costs is in the diary.
#include "drivers/gpib/kernel/kernel_controller.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "conformance/unit/drivers/support/open_kernel_board.h"
#include "drivers/gpib/kernel/kernel_abi.h"

namespace visa::drivers::gpib::kernel {
namespace {

class KernelControllerTest : public KernelFixture {
 protected:
  /// A read of 100 bytes from address 5 that is given up once it has reached the kernel.
  void cancelled_read(const spi::EndRule& rule) {
    std::vector<std::byte> room(100);
    Call own(Deadline::infinite());
    std::thread other([&] {
      const auto limit = std::chrono::steady_clock::now() + kPatience;
      while (std::chrono::steady_clock::now() < limit) {
        const auto lines = kernel.model().diary();
        if (std::find(lines.begin(), lines.end(), "rd 100") != lines.end()) break;
        std::this_thread::yield();
      }
      own.cancel();
      board->wake();
    });
    const auto got = inside(own, [&] { return board->read({5}, room, rule, {}, own); });
    other.join();
    EXPECT_EQ(got.status, Status::error_abort);
    EXPECT_EQ(got.count, 0u);
  }
};

TEST_F(KernelControllerTest, AQueryIsTwoBlocksOfOneAddressingAndOneTransfer) {
  ASSERT_EQ(open(), Status::success);
  asked();
  EXPECT_EQ(write("*IDN?").count, 5u);
  EXPECT_EQ(asked(), (Lines{"mutex 1", "tmo", "cmd 40 3F 25", "eos", "wrt 5 end", "mutex 0"}));
  const Answer answer = read();
  EXPECT_EQ(answer.data, "ACME\n");
  EXPECT_EQ(answer.reason, spi::StopReason::end);
  EXPECT_EQ(asked(), (Lines{"mutex 1", "tmo", "cmd 3F 20 45", "eos", "rd 100", "mutex 0"}));
}

TEST_F(KernelControllerTest, OpeningMakesTheBoardControllerOnlyIfNothingElseHas) {
  kernel.model().in_charge = false;
  ASSERT_EQ(open(), Status::success);
  EXPECT_EQ(asked(), (Lines{"mutex 1", "ifc", "ren", "mutex 0"}));
  EXPECT_TRUE(kernel.model().ren);
  close();
  ASSERT_EQ(open(), Status::success);
  EXPECT_EQ(asked(), Lines()) << "nor takes it from another program";
}

TEST_F(KernelControllerTest, ABoardThatIsNotSystemControllerOpensAndSaysSoLater) {
  kernel.model().in_charge = false;
  kernel.model().system_controller = false;
  ASSERT_EQ(open(), Status::success);
  EXPECT_EQ(write("x").status, Status::error_ncic);
  EXPECT_EQ(inside(call, [&] { return board->send_ifc(call); }), Status::error_nsys_cntlr);
}

TEST_F(KernelControllerTest, OpeningSaysWhatIsMissing) {
  kernel.model().online = false;
  EXPECT_EQ(open(), Status::error_rsrc_nfound);
  EXPECT_NE(call.detail.find("gpib_config"), std::string::npos);
  kernel.model().configured = false;
  EXPECT_EQ(open(), Status::error_rsrc_nfound);
  EXPECT_NE(call.detail.find("no board is configured"), std::string::npos);
  EXPECT_EQ(KernelController::open("/nowhere/gpib0", call).status(), Status::error_rsrc_nfound);
}

TEST_F(KernelControllerTest, SecondaryAddressesAndTheBoardsOwnPassUnchanged) {
  kernel.model().own_primary = 3;
  instrument({7, std::uint8_t{0}}, "zero");
  ASSERT_EQ(open(), Status::success);
  EXPECT_EQ(board->own_address(), Address{3});
  asked();
  EXPECT_EQ(write("x", {7, std::uint8_t{0}}).count, 1u);
  EXPECT_EQ(asked()[2], "cmd 43 3F 27 60");
  EXPECT_EQ(read(9, {7, std::uint8_t{0}}).data, "zero");
  EXPECT_EQ(asked()[2], "cmd 3F 23 47 60");
}

TEST_F(KernelControllerTest, EveryByteAndManyLengthsPassBothWays) {
  instrument({5}, "");
  ASSERT_EQ(open(), Status::success);
  for (const std::size_t size :
       {1u, 2u, 255u, 256u, 16383u, 16384u, 16385u, 32768u, 65535u, 65536u, 65537u, 70000u}) {
    std::string data;
    for (std::size_t i = 0; i < size; ++i) data += static_cast<char>(i * 7 + size);
    ASSERT_EQ(write(data).count, size);
    const Answer answer = read(size + 1);
    ASSERT_EQ(answer.data, data) << size;
    ASSERT_EQ(answer.reason, spi::StopReason::end);
  }
}

TEST_F(KernelControllerTest, ALastPieceThatFillsTheBufferStillEnds) {
  instrument({5}, "");
  ASSERT_EQ(open(), Status::success);
  for (const std::size_t size : {5u, 65536u}) {
    ASSERT_EQ(write(std::string(size, 'x')).count, size);
    EXPECT_EQ(read(size).reason, spi::StopReason::end);
  }
}

TEST_F(KernelControllerTest, AnAnswerInPartsGoesOnWithoutAddressing) {
  ASSERT_EQ(open(), Status::success);
  EXPECT_EQ(write("x").count, 1u);
  asked();
  EXPECT_EQ(read(2).data, "AC");
  EXPECT_EQ(read(2).data, "ME");
  EXPECT_EQ(read(2).data, "\n");
  const Lines all = asked();
  EXPECT_EQ(std::count(all.begin(), all.end(), "cmd 3F 20 45"), 1);
  EXPECT_EQ(std::count(all.begin(), all.end(), "mutex 1"), 1);
}

TEST_F(KernelControllerTest, AnAnswerInPartsIsAddressedAnewAfterTheBoardWasGivenAway) {
  ASSERT_EQ(open(), Status::success);
  EXPECT_EQ(write("x").count, 1u);
  EXPECT_EQ(read(2).data, "AC");
  asked();  // waits for the mutex to be given back
  EXPECT_EQ(read(9).data, "ME\n");
  EXPECT_EQ(asked()[2], "cmd 3F 20 45");
}

TEST_F(KernelControllerTest, TheTerminationCharacterEndsAReadAndEosIsSetAnew) {
  instrument({5}, "a;b;c");
  ASSERT_EQ(open(), Status::success);
  EXPECT_EQ(write("x").count, 1u);
  const spi::EndRule rule{.termchar_enabled = true, .termchar = ';'};
  Answer answer = read(9, {5}, rule);
  EXPECT_EQ(answer.data, "a;");
  EXPECT_EQ(answer.reason, spi::StopReason::termchar);
  answer = read(9, {5}, {});
  EXPECT_EQ(answer.data, "b;c");
  EXPECT_EQ(answer.reason, spi::StopReason::end);
}

TEST_F(KernelControllerTest, ATimeoutKeepsWhatCameAndTheNextQueryHasItsOwnAnswer) {
  ASSERT_EQ(open(), Status::success);
  EXPECT_EQ(write("x").count, 1u);
  change({5}, [](ModelInstrument& one) { one.stalls_after = 2; });
  Answer answer = read(9, {5}, {}, Deadline::after(20ms));
  EXPECT_EQ(answer.status, Status::error_tmo);
  EXPECT_EQ(answer.data, "AC");
  EXPECT_NE(detail.find("no answer in time"), std::string::npos) << detail;
  change({5}, [](ModelInstrument& one) {
    one.stalls_after = SIZE_MAX;
    one.answer = [](const std::string&) { return std::optional<std::string>("second"); };
  });
  EXPECT_EQ(write("y").count, 1u);
  EXPECT_EQ(read(20).data, "second");
}

TEST_F(KernelControllerTest, WhatComesAfterACancelledReadIsForTheNextRead) {
  ASSERT_EQ(open(), Status::success);
  cancelled_read({});
  change({5}, [](ModelInstrument& one) { one.output = "late;answer"; });
  Answer answer = read(5);
  EXPECT_EQ(answer.data, "late;");
  answer = read(20);
  EXPECT_EQ(answer.data, "answer");
  EXPECT_EQ(answer.reason, spi::StopReason::end);
}

// The engine reads on where the end does not count, so it has to learn of it.
TEST_F(KernelControllerTest, ALateAnswerTellsItsEndAlsoWhereItIsSuppressed) {
  ASSERT_EQ(open(), Status::success);
  cancelled_read({});
  change({5}, [](ModelInstrument& one) { one.output = "late"; });
  const Answer answer = read(20, {5}, {.suppress_end = true});
  EXPECT_EQ(answer.data, "late");
  EXPECT_EQ(answer.reason, spi::StopReason::end);
}

TEST_F(KernelControllerTest, ALateAnswerMayHaveStoppedAtTheTerminationCharacter) {
  ASSERT_EQ(open(), Status::success);
  const spi::EndRule rule{.termchar_enabled = true, .termchar = ';'};
  cancelled_read(rule);
  change({5}, [](ModelInstrument& one) { one.output = "late;answer"; });
  Answer answer = read(20, {5}, rule);
  EXPECT_EQ(answer.data, "late;");
  EXPECT_EQ(answer.reason, spi::StopReason::termchar);
  answer = read(20, {5}, rule);
  EXPECT_EQ(answer.data, "answer");
  EXPECT_EQ(answer.reason, spi::StopReason::end);
}

TEST_F(KernelControllerTest, AWriteDropsWhatCameAfterACancelledRead) {
  ASSERT_EQ(open(), Status::success);
  std::vector<std::byte> room(100);
  Call own(Deadline::after(kPatience));
  own.cancel();
  EXPECT_EQ(inside(own, [&] { return board->read({5}, room, {}, {}, own); }).status,
            Status::error_abort);
  EXPECT_EQ(write("x").count, 1u);
  EXPECT_EQ(read().data, "ACME\n");
}

TEST_F(KernelControllerTest, AnotherProgramWithTheBoardCostsNoMoreThanTheTimeout) {
  ASSERT_EQ(open(), Status::success);
  asked();
  kernel.model().with([](GpibKernelModel& m) { m.holder = GpibKernelModel::kOtherProgram; });
  const Answer answer = read(9, {5}, {}, Deadline::after(20ms));
  EXPECT_EQ(answer.status, Status::error_tmo);
  EXPECT_NE(detail.find("another program"), std::string::npos) << detail;
  kernel.model().with([](GpibKernelModel& m) { m.holder = 0; });
  EXPECT_EQ(write("x").count, 1u);
  EXPECT_EQ(read().data, "ACME\n");
}

TEST_F(KernelControllerTest, TwoUsersOfOneBoardTakeTurns) {
  instrument({6}, "six");
  ASSERT_EQ(open(), Status::success);
  constexpr int kQueries = 50;
  std::atomic<int> done{0};
  const auto use = [&](Controller& one, const Address& address, const std::string& wanted) {
    for (int i = 0; i < kQueries; ++i) {
      Call own(Deadline::after(kPatience));
      std::vector<std::byte> room(20);
      ASSERT_EQ(one.begin(own), Status::success);
      ASSERT_EQ(one.write(address, octets("?"), spi::WriteEnd::end, {}, own).count, 1u);
      one.end();
      ASSERT_EQ(one.begin(own), Status::success);
      const auto got = one.read(address, room, {}, {}, own);
      one.end();
      ASSERT_EQ(std::string(reinterpret_cast<const char*>(room.data()), got.count), wanted);
      ++done;
    }
  };
  auto second = KernelController::open(kernel.path(), call);
  ASSERT_TRUE(second);
  std::thread other([&] { use(**second, {6}, "six"); });
  use(*board, {5}, "ACME\n");
  other.join();
  EXPECT_EQ(done, 2 * kQueries);
  (*second)->close(call);
}

}  // namespace
}  // namespace visa::drivers::gpib::kernel
