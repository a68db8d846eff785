// SPDX-License-Identifier: MIT
// The arguments of formatted I/O: the ViVAList forms do what the variadic ones do, memory is
// written as far as the text goes, and a null pointer is refused. What the formats mean is in
// lib/format; what the buffers do, in session_print_test.cpp and session_scan_test.cpp.
#include <gtest/gtest.h>
#include <visa.h>

#include <cstdarg>
#include <string>

#include "conformance/unit/support/visa_session.h"

namespace visa::abi {
namespace {

/// Calls `function(..., list)` with the variable arguments.
template <class Function>
ViStatus with_list(Function function, ...) {
  va_list list;
  va_start(list, function);
  const ViStatus status = function(list);
  va_end(list);
  return status;
}

class FormattedIo : public test::VisaSession {
 protected:
  FormattedIo() { session_ = open(test::kGpib, wire_); }
  ViPBuf room() { return reinterpret_cast<ViPBuf>(room_); }
  static ViConstBuf text(const char* text) { return reinterpret_cast<ViConstBuf>(text); }

  std::shared_ptr<test::FakeWire> wire_;
  ViSession session_ = VI_NULL;
  char room_[16] = "###############";
};

TEST_F(FormattedIo, TheFormsWithAListDoTheSame) {
  const auto print = [&](va_list list) { return viVPrintf(session_, "V %d,%s\n", list); };
  EXPECT_EQ(with_list(print, 7, "on"), VI_SUCCESS);
  EXPECT_EQ(wire_->written(), "V 7,on\n");
  const auto print_to = [&](va_list list) { return viVSPrintf(session_, room(), "%d;", list); };
  EXPECT_EQ(with_list(print_to, 42), VI_SUCCESS);
  EXPECT_STREQ(room_, "42;");
  int one = 0;
  int two = 0;
  wire_->answers("3,4\n");
  const auto scan = [&](va_list list) { return viVScanf(session_, "%d,%d", list); };
  EXPECT_EQ(with_list(scan, &one, &two), VI_SUCCESS);
  EXPECT_EQ(one * 10 + two, 34);
  const auto scan_from = [&](va_list list) {
    return viVSScanf(session_, text("5 6"), "%d %d", list);
  };
  EXPECT_EQ(with_list(scan_from, &one, &two), VI_SUCCESS);
  EXPECT_EQ(one * 10 + two, 56);
  wire_->answers("8\n");
  const auto query = [&](va_list list) { return viVQueryf(session_, "Q%d?\n", "%d", list); };
  EXPECT_EQ(with_list(query, 1, &one), VI_SUCCESS);
  EXPECT_EQ(one, 8);
  EXPECT_EQ(wire_->written(), "V 7,on\nQ1?\n");
}

TEST_F(FormattedIo, TextInMemoryEndsWithItsNul) {
  EXPECT_EQ(viSPrintf(session_, room(), "%s", "abc"), VI_SUCCESS);
  EXPECT_EQ(std::string(room_, 6), std::string("abc\0##", 6));
  EXPECT_EQ(viSPrintf(session_, room(), ""), VI_SUCCESS);
  EXPECT_EQ(std::string(room_, 5), std::string("\0bc\0#", 5));
  EXPECT_EQ(viSPrintf(session_, room(), "a%y", 1), VI_ERROR_INV_FMT);
}

TEST_F(FormattedIo, ABufferedReadWritesNoByteBeyondItsCount) {
  wire_->answers("abcdefgh");
  ViUInt32 count[2] = {9, 9};
  EXPECT_EQ(viBufRead(session_, room(), 3, count), VI_SUCCESS_MAX_CNT);
  EXPECT_EQ(std::string(room_, 5), "abc##");
  EXPECT_EQ(count[0], 3u);
  EXPECT_EQ(count[1], 9u);
}

TEST_F(FormattedIo, ANullPointerReachesNoWire) {
  ViUInt32 count = 9;
  EXPECT_EQ(viBufRead(session_, nullptr, 1, &count), VI_ERROR_USER_BUF);
  EXPECT_EQ(count, 0u);
  count = 9;
  EXPECT_EQ(viBufWrite(session_, nullptr, 1, &count), VI_ERROR_USER_BUF);
  EXPECT_EQ(count, 0u);
  EXPECT_EQ(viPrintf(session_, nullptr), VI_ERROR_INV_FMT);
  EXPECT_EQ(viScanf(session_, nullptr), VI_ERROR_INV_FMT);
  EXPECT_EQ(viQueryf(session_, nullptr, "%d"), VI_ERROR_INV_FMT);
  EXPECT_EQ(viSPrintf(session_, nullptr, "x"), VI_ERROR_USER_BUF);
  EXPECT_EQ(viSPrintf(session_, room(), nullptr), VI_ERROR_INV_FMT);
  EXPECT_EQ(viSScanf(session_, nullptr, "x"), VI_ERROR_USER_BUF);
  EXPECT_EQ(viSScanf(session_, text("x"), nullptr), VI_ERROR_INV_FMT);
  EXPECT_EQ(wire_->operations(), std::vector<std::string>{});
}

}  // namespace
}  // namespace visa::abi
