// SPDX-License-Identifier: MIT
// viMoveIn8 to viMoveAsyncEx: how many bytes of the caller's memory are used, and what reaches the
// wire. Bad handles are in bad_handles_test.cpp.
#include <gtest/gtest.h>
#include <visa.h>

#include <algorithm>
#include <array>

#include "conformance/unit/support/fake_registers.h"
#include "conformance/unit/support/visa_session.h"

namespace visa::abi {
namespace {

constexpr const char* kVxi = "VXI0::1::INSTR";
constexpr std::uint64_t kFar = 0x123456789A;
constexpr ViUInt16 kWidths[] = {VI_WIDTH_8, VI_WIDTH_16, VI_WIDTH_32, VI_WIDTH_64};
constexpr ViUInt16 kNoWidths[] = {0, 3, 5, 16, 0xFFFF};

template <class T>
struct Moves {
  ViStatus(_VI_FUNC* in)(ViSession, ViUInt16, ViBusAddress, ViBusSize, T*);
  ViStatus(_VI_FUNC* in_ex)(ViSession, ViUInt16, ViBusAddress64, ViBusSize, T*);
  ViStatus(_VI_FUNC* out)(ViSession, ViUInt16, ViBusAddress, ViBusSize, T*);
  ViStatus(_VI_FUNC* out_ex)(ViSession, ViUInt16, ViBusAddress64, ViBusSize, T*);
};

class BlockMoves : public test::VisaSession {
 protected:
  BlockMoves() {
    std::shared_ptr<test::FakeWire> wire;
    session_ = open(kVxi, wire);
    wire->offers({.registers = &registers_});
  }

  template <class Check>
  static void for_each_width(Check check) {
    check(Moves<ViUInt8>{viMoveIn8, viMoveIn8Ex, viMoveOut8, viMoveOut8Ex});
    check(Moves<ViUInt16>{viMoveIn16, viMoveIn16Ex, viMoveOut16, viMoveOut16Ex});
    check(Moves<ViUInt32>{viMoveIn32, viMoveIn32Ex, viMoveOut32, viMoveOut32Ex});
    check(Moves<ViUInt64>{viMoveIn64, viMoveIn64Ex, viMoveOut64, viMoveOut64Ex});
  }
  ViStatus move(ViUInt16 from_width, ViUInt16 to_width) {
    return viMove(session_, VI_A16_SPACE, 1, from_width, VI_A24_SPACE, 2, to_width, 3);
  }

  test::FakeRegisters registers_;
  ViSession session_ = VI_NULL;
};

TEST_F(BlockMoves, InFillsItsElementsAndNoMore) {
  for_each_width([&]<class T>(const Moves<T>& moves) {
    std::array<T, 6> room{};
    EXPECT_EQ(moves.in(session_, VI_A24_SPACE, 0x20, 4, room.data() + 1), VI_SUCCESS);
    EXPECT_EQ(room.front(), 0);
    EXPECT_EQ(room.back(), 0);
    EXPECT_EQ(room[4] & 0xFF, 0x5A);
    EXPECT_EQ(registers_.from.space, VI_A24_SPACE);
    EXPECT_EQ(registers_.from.offset, 0x20u);
    EXPECT_EQ(registers_.count, 4u);
    EXPECT_EQ(static_cast<std::size_t>(registers_.from_width), sizeof(T));
    EXPECT_EQ(moves.in_ex(session_, VI_A64_SPACE, kFar, 1, room.data()), VI_SUCCESS);
    EXPECT_EQ(registers_.from.offset, kFar);
  });
}

TEST_F(BlockMoves, OutCarriesItsElements) {
  for_each_width([&]<class T>(const Moves<T>& moves) {
    std::array<T, 4> data;
    data.fill(static_cast<T>(0x0101010101010101));
    EXPECT_EQ(moves.out(session_, VI_A32_SPACE, 8, 3, data.data()), VI_SUCCESS);
    EXPECT_EQ(registers_.written, 3 * sizeof(T)) << "one for each byte";
    EXPECT_EQ(registers_.to.offset, 8u);
    EXPECT_EQ(static_cast<std::size_t>(registers_.to_width), sizeof(T));
    EXPECT_EQ(moves.out_ex(session_, VI_A64_SPACE, kFar, 4, data.data()), VI_SUCCESS);
    EXPECT_EQ(registers_.to.offset, kFar);
    EXPECT_EQ(registers_.written, 4 * sizeof(T));
  });
}

TEST_F(BlockMoves, ANullPointerIsEnoughForNothing) {
  for_each_width([&]<class T>(const Moves<T>& moves) {
    EXPECT_EQ(moves.in(session_, VI_A16_SPACE, 0, 0, nullptr), VI_SUCCESS);
    EXPECT_EQ(moves.out(session_, VI_A16_SPACE, 0, 0, nullptr), VI_SUCCESS);
    const int calls = registers_.calls;
    EXPECT_EQ(moves.in(session_, VI_A16_SPACE, 0, 1, nullptr), VI_ERROR_USER_BUF);
    EXPECT_EQ(moves.in_ex(session_, VI_A16_SPACE, 0, 1, nullptr), VI_ERROR_USER_BUF);
    EXPECT_EQ(moves.out(session_, VI_A16_SPACE, 0, 1, nullptr), VI_ERROR_USER_BUF);
    EXPECT_EQ(moves.out_ex(session_, VI_A16_SPACE, 0, 1, nullptr), VI_ERROR_USER_BUF);
    EXPECT_EQ(registers_.calls, calls);
  });
}

TEST_F(BlockMoves, FailuresPassThroughAndWriteNothing) {
  const std::pair<Status, ViStatus> kFailures[] = {
      {Status::error_berr, VI_ERROR_BERR},
      {Status::error_inv_length, VI_ERROR_INV_LENGTH},
      {Status::error_nsup_offset, VI_ERROR_NSUP_OFFSET}};
  for (const auto& [status, answer] : kFailures) {
    registers_.status = status;
    for_each_width([&, code = answer]<class T>(const Moves<T>& moves) {
      T room[2] = {};
      EXPECT_EQ(moves.in(session_, VI_A16_SPACE, 0, 2, room), code);
      EXPECT_EQ(room[0], 0);
      EXPECT_EQ(moves.out(session_, VI_A16_SPACE, 0, 2, room), code);
    });
    EXPECT_EQ(move(VI_WIDTH_8, VI_WIDTH_8), answer);
  }
}

TEST_F(BlockMoves, MoveNamesBothSides) {
  for (const ViUInt16 from : kWidths) {
    for (const ViUInt16 to : kWidths) {
      EXPECT_EQ(move(from, to), VI_SUCCESS);
      EXPECT_EQ(static_cast<unsigned>(registers_.from_width), from);
      EXPECT_EQ(static_cast<unsigned>(registers_.to_width), to);
    }
  }
  EXPECT_EQ(registers_.from.space, VI_A16_SPACE);
  EXPECT_EQ(registers_.from.offset, 1u);
  EXPECT_EQ(registers_.to.space, VI_A24_SPACE);
  EXPECT_EQ(registers_.to.offset, 2u);
  EXPECT_EQ(registers_.count, 3u);
  EXPECT_EQ(
      viMoveEx(session_, VI_A16_SPACE, kFar, VI_WIDTH_8, VI_A64_SPACE, kFar + 1, VI_WIDTH_8, 5),
      VI_SUCCESS);
  EXPECT_EQ(registers_.from.offset, kFar);
  EXPECT_EQ(registers_.to.offset, kFar + 1);
}

TEST_F(BlockMoves, AWidthThatIsNoneReachesNoRegister) {
  for (const ViUInt16 width : kNoWidths) {
    EXPECT_EQ(move(width, VI_WIDTH_8), VI_ERROR_INV_WIDTH) << width;
    EXPECT_EQ(move(VI_WIDTH_8, width), VI_ERROR_INV_WIDTH) << width;
    ViJobId job = 77;
    EXPECT_EQ(viMoveAsync(session_, VI_A16_SPACE, 0, width, VI_A16_SPACE, 0, VI_WIDTH_8, 1, &job),
              VI_ERROR_INV_WIDTH);
    EXPECT_EQ(job, static_cast<ViJobId>(VI_NULL));
  }
  EXPECT_EQ(registers_.calls, 0);
}

TEST_F(BlockMoves, AnAsynchronousMoveEndsWithAnEvent) {
  ASSERT_EQ(viEnableEvent(session_, VI_EVENT_IO_COMPLETION, VI_QUEUE, VI_NULL), VI_SUCCESS);
  ViJobId job = VI_NULL;
  ASSERT_EQ(viMoveAsyncEx(session_, VI_A16_SPACE, kFar, VI_WIDTH_16, VI_A64_SPACE, 4, VI_WIDTH_32,
                          6, &job),
            VI_SUCCESS);
  EXPECT_NE(job, static_cast<ViJobId>(VI_NULL));
  ViEvent context = VI_NULL;
  ASSERT_EQ(viWaitOnEvent(session_, VI_EVENT_IO_COMPLETION, 20000, VI_NULL, &context), VI_SUCCESS);
  ViStatus status = -1;
  ViJobId ended = VI_NULL;
  EXPECT_EQ(viGetAttribute(context, VI_ATTR_STATUS, &status), VI_SUCCESS);
  EXPECT_EQ(viGetAttribute(context, VI_ATTR_JOB_ID, &ended), VI_SUCCESS);
  EXPECT_EQ(status, VI_SUCCESS);
  EXPECT_EQ(ended, job);
  EXPECT_EQ(registers_.from.offset, kFar);
  EXPECT_EQ(registers_.count, 6u);
  EXPECT_EQ(viClose(context), VI_SUCCESS);
  EXPECT_EQ(
      viMoveAsync(session_, VI_A16_SPACE, 0, VI_WIDTH_8, VI_A16_SPACE, 0, VI_WIDTH_8, 1, nullptr),
      VI_SUCCESS)
      << "the number may be unwanted";
  // The job uses the registers of this test.
  EXPECT_EQ(viWaitOnEvent(session_, VI_EVENT_IO_COMPLETION, 20000, VI_NULL, VI_NULL), VI_SUCCESS);
}

}  // namespace
}  // namespace visa::abi
