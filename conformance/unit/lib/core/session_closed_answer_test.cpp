// SPDX-License-Identifier: MIT
// A peer that closes the connection after its answer, where the settings of the resource call that
// the end of the answer: what each way of reading makes of it.
#include <gtest/gtest.h>
#include <visa.h>

#include <fstream>
#include <iterator>
#include <string>

#include "conformance/unit/support/visa_session.h"

namespace visa::core {
namespace {

using spi::StopReason;

class ClosedAnswer : public test::VisaSession {
 protected:
  ClosedAnswer() { session_ = open(test::kSocket, wire_); }
  // What the channel says from the close on.
  void gone() {
    wire_->then(
        {.operation = "read", .status = Status::error_conn_lost, .reason = StopReason::closed});
  }
  std::shared_ptr<test::FakeWire> wire_;
  ViSession session_ = VI_NULL;
};

TEST_F(ClosedAnswer, EndsAReadThoughEndIsSuppressed) {
  ViBoolean suppressed = VI_FALSE;
  ASSERT_EQ(::viGetAttribute(session_, VI_ATTR_SUPPRESS_END_EN, &suppressed), VI_SUCCESS);
  EXPECT_EQ(suppressed, VI_TRUE);
  wire_->answers("all there is", StopReason::closed);
  gone();
  std::string data;
  EXPECT_EQ(read(session_, data), VI_SUCCESS);
  EXPECT_EQ(data, "all there is");
  EXPECT_EQ(read(session_, data), VI_ERROR_CONN_LOST);
}

TEST_F(ClosedAnswer, EndsAReadToAFile) {
  const std::string path = folder_.path() + "/answer";
  wire_->answers("all there is", StopReason::closed);
  ViUInt32 count = 0;
  EXPECT_EQ(::viReadToFile(session_, path.c_str(), 1000000, &count), VI_SUCCESS);
  std::ifstream file(path);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "all there is");
}

TEST_F(ClosedAnswer, EndsAScan) {
  char text[100] = {};
  wire_->answers("all there ", StopReason::end).answers("is", StopReason::closed);
  gone();
  EXPECT_EQ(::viScanf(session_, "%t", text), VI_SUCCESS);
  EXPECT_STREQ(text, "all there is");
  EXPECT_EQ(::viScanf(session_, "%t", text), VI_ERROR_CONN_LOST);
}

// The pause that a formatted read stops at is no END here: the driver cannot know.
TEST_F(ClosedAnswer, EndsAScanWhereAPauseCameBeforeTheClose) {
  char text[100] = {};
  int value = 0;
  wire_->answers("42", StopReason::end);
  gone();
  gone();
  EXPECT_EQ(::viQueryf(session_, "?\n", "%d", &value), VI_SUCCESS);
  EXPECT_EQ(value, 42);
  EXPECT_EQ(::viScanf(session_, "%t", text), VI_ERROR_CONN_LOST) << "once is enough";
}

TEST_F(ClosedAnswer, WithoutAnAnswerIsALostConnection) {
  int value = 0;
  gone();
  EXPECT_EQ(::viQueryf(session_, "?\n", "%d", &value), VI_ERROR_CONN_LOST);
}

TEST_F(ClosedAnswer, EndsABlockThatIsNotWhole) {
  char data[100] = {};
  ViInt32 count = sizeof data;
  wire_->answers("#800000050abc", StopReason::end).answers("de", StopReason::closed);
  EXPECT_EQ(::viScanf(session_, "%#b", &count, data), VI_SUCCESS);
  EXPECT_EQ(count, 5);
}

TEST_F(ClosedAnswer, EndsABufRead) {
  char data[100] = {};
  ViUInt32 count = 0;
  wire_->answers("all", StopReason::end);
  gone();
  EXPECT_EQ(::viBufRead(session_, reinterpret_cast<ViPBuf>(data), sizeof data, &count), VI_SUCCESS);
  EXPECT_EQ(count, 3u);
}

}  // namespace
}  // namespace visa::core
