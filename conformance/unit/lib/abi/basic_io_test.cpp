// SPDX-License-Identifier: MIT
// The arguments of basic I/O: how much of the caller's memory is used, and what a null pointer
// means. What the operations do is in session_io_test.cpp and session_test.cpp.
#include <gtest/gtest.h>
#include <visa.h>

#include <string>

#include "conformance/unit/support/visa_session.h"

namespace visa::abi {
namespace {

class BasicIo : public test::VisaSession {
 protected:
  BasicIo() { session_ = open(test::kGpib, wire_); }

  std::shared_ptr<test::FakeWire> wire_;
  ViSession session_ = VI_NULL;
  char room_[8] = {'#', '#', '#', '#', '#', '#', '#', '#'};
};

TEST_F(BasicIo, AReadWritesNoByteBeyondItsCount) {
  wire_->answers("abcdefgh");
  ViUInt32 count[2] = {9, 9};
  EXPECT_EQ(viRead(session_, reinterpret_cast<ViPBuf>(room_), 3, count), VI_SUCCESS_MAX_CNT);
  EXPECT_EQ(std::string(room_, 8), "abc#####");
  EXPECT_EQ(count[0], 3u);
  EXPECT_EQ(count[1], 9u);
  EXPECT_EQ(viRead(session_, reinterpret_cast<ViPBuf>(room_), 8, nullptr), VI_SUCCESS);
  EXPECT_EQ(std::string(room_, 8), "defgh###") << "and no NUL is added";
}

TEST_F(BasicIo, ANullPointerReachesNoWire) {
  ViUInt32 count = 9;
  ViJobId job = 9;
  EXPECT_EQ(viRead(session_, nullptr, 1, &count), VI_ERROR_USER_BUF);
  EXPECT_EQ(count, 0u);
  count = 9;
  EXPECT_EQ(viWrite(session_, nullptr, 1, &count), VI_ERROR_USER_BUF);
  EXPECT_EQ(count, 0u);
  EXPECT_EQ(viReadAsync(session_, nullptr, 1, &job), VI_ERROR_USER_BUF);
  EXPECT_EQ(job, static_cast<ViJobId>(VI_NULL));
  job = 9;
  EXPECT_EQ(viWriteAsync(session_, nullptr, 1, &job), VI_ERROR_USER_BUF);
  EXPECT_EQ(job, static_cast<ViJobId>(VI_NULL));
  EXPECT_EQ(viReadSTB(session_, nullptr), VI_ERROR_INV_PARAMETER);
  EXPECT_EQ(viReadToFile(session_, nullptr, 1, &count), VI_ERROR_FILE_ACCESS);
  EXPECT_EQ(viWriteFromFile(session_, nullptr, 1, &count), VI_ERROR_FILE_ACCESS);
  EXPECT_EQ(wire_->operations(), std::vector<std::string>{});
}

TEST_F(BasicIo, StatusByteIsSixteenBitsOfTheCallersMemory) {
  wire_->then({.operation = "stb", .status_byte = 0xFF}).fails("stb", Status::error_tmo);
  ViUInt16 status[2] = {0xABCD, 0xABCD};
  EXPECT_EQ(viReadSTB(session_, status), VI_SUCCESS);
  EXPECT_EQ(status[0], 0xFF);
  EXPECT_EQ(status[1], 0xABCD);
  status[0] = 0xABCD;
  EXPECT_EQ(viReadSTB(session_, status), VI_ERROR_TMO);
  EXPECT_EQ(status[0], 0xABCD) << "a failure invents no status byte";
}

TEST_F(BasicIo, PartOfAFailedTransferIsCounted) {
  wire_->then({.operation = "write", .status = Status::error_tmo, .count = 2});
  ViUInt32 count = 9;
  EXPECT_EQ(viWrite(session_, reinterpret_cast<ViConstBuf>("abcd"), 4, &count), VI_ERROR_TMO);
  EXPECT_EQ(count, 2u);
  wire_->then({.operation = "read", .status = Status::error_tmo, .data = "xy"});
  EXPECT_EQ(viRead(session_, reinterpret_cast<ViPBuf>(room_), 8, &count), VI_ERROR_TMO);
  EXPECT_EQ(count, 2u);
  EXPECT_EQ(std::string(room_, 3), "xy#");
}

TEST_F(BasicIo, MasksOfBuffersThatMeanNothingAreRefused) {
  for (const ViUInt16 mask : {ViUInt16{0}, ViUInt16{0x8000}, ViUInt16{0xFFFF}}) {
    EXPECT_EQ(viFlush(session_, mask), VI_ERROR_INV_MASK) << mask;
    EXPECT_EQ(viSetBuf(session_, mask, 100), VI_ERROR_INV_MASK) << mask;
  }
}

}  // namespace
}  // namespace visa::abi
