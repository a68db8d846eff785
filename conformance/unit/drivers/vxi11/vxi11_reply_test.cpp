// SPDX-License-Identifier: MIT
// Replies in every shape the field has shown: what is right but unusual is read as if it were
// usual, what is wrong is told, and the link is in step afterwards or lost and says so.
#include <gtest/gtest.h>

#include "conformance/unit/drivers/support/open_vxi11.h"

namespace visa::test {
namespace {

const std::string kText = "0123456789abcdefghijklmnopqrstuvwxyz!";

Answer data_answer(std::string text, Answer answer = {}) {
  answer.words = {0, 4};
  answer.data = std::move(text);
  return answer;
}

/// A read whose reply is `answer`, which must deliver `wanted`; then a plain query.
void expect_read(const Answer& answer, const std::string& wanted = kText) {
  OpenVxi11 device;
  device.instrument.next(kDeviceRead, answer);
  const Reading reading = device.read(1000);
  EXPECT_EQ(reading.status, Status::success) << reading.detail;
  EXPECT_EQ(reading.data, wanted);
  device.expect_in_step("first");
  device.expect_in_step("second");
}

TEST(Vxi11Reply, StaleRepliesAreSkipped) {  // pain 25
  for (const std::uint32_t change : {1u, 0x80000000u, 0xFFFFFFFFu}) {
    const Answer stale = data_answer("an old answer", {.xid_change = change});
    Answer answer = data_answer(kText);
    answer.before = record_of(stale, 12345) + record_of({.words = {0, 7}}, 99);
    expect_read(answer);
  }
}

TEST(Vxi11Reply, LongStaleReplyIsSkipped) {
  Answer answer = data_answer(kText);
  answer.before = record_of(data_answer(std::string(100'000, 'o')), 12345);
  expect_read(answer);
}

TEST(Vxi11Reply, StaleReplyAheadOfAWriteIsSkipped) {
  OpenVxi11 device;
  Answer answer{.words = {0, 6}};
  answer.before = record_of({.words = {17, 0}}, 12345);
  device.instrument.next(kDeviceWrite, answer);
  EXPECT_EQ(device.write("abcdef").count, 6u);
  device.expect_in_step();
}

TEST(Vxi11Reply, RecordCutAnywhereIsPutTogether) {
  const std::size_t size = 24 + 12 + kText.size() + 3;
  for (std::size_t cut = 0; cut <= size; ++cut) {
    expect_read(data_answer(kText, {.fragments = {cut}}));
  }
}

TEST(Vxi11Reply, TinyFragmentsArePutTogether) {
  for (const std::size_t step : {1u, 2u, 3u, 5u, 7u}) {
    expect_read(data_answer(kText, {.fragments = std::vector<std::size_t>(100, step)}));
  }
  expect_read(data_answer(kText, {.fragments = {0, 0, 10, 0, 30, 0}}));
}

TEST(Vxi11Reply, LargeReplyInManyFragmentsIsWhole) {
  std::string text(400'000, '\0');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * 7 >> 2);
  OpenVxi11 device;
  device.instrument.next(kDeviceRead,
                         data_answer(text, {.fragments = std::vector<std::size_t>(100, 3999)}));
  const Reading reading = device.read(500'000);
  EXPECT_TRUE(reading.data == text);
  device.expect_in_step();
}

TEST(Vxi11Reply, ReplyInManySegmentsIsPutTogether) {
  for (const std::size_t step : {1u, 4u, 27u}) {
    expect_read(data_answer(kText, {.pieces = step}));
    expect_read(data_answer(kText, {.fragments = {11, 13, 17}, .pieces = step}));
  }
}

TEST(Vxi11Reply, LastFragmentBitMayBeMissing) {  // pyvisa-py's note at 0.5.0
  expect_read(data_answer(kText, {.last_bit = false}));
  expect_read(data_answer(kText, {.fragments = {20, 30}, .last_bit = false}));
  OpenVxi11 device;
  device.instrument.always(kDeviceWrite, {.words = {0, 3}, .last_bit = false});
  device.instrument.always(kDeviceRead, data_answer("abcd", {.last_bit = false}));
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(device.write("abc").status, Status::success);
    ASSERT_EQ(device.read(100).data, "abcd");
  }
}

TEST(Vxi11Reply, PaddingMayBeMissingOrTooMuch) {  // pyvisa-py's issue 225
  expect_read(data_answer(kText, {.padded = false}));
  expect_read(data_answer(kText, {.trailing = std::string(5, '\0')}));
  expect_read(data_answer(kText, {.trailing = std::string(300, '\0')}));
  expect_read(data_answer(kText, {.fragments = {24 + 12 + kText.size()}}));
}

TEST(Vxi11Reply, VerifierWithABodyIsSkipped) {
  expect_read(data_answer(kText, {.verifier = std::string(8, 'v')}));
  expect_read(data_answer(kText, {.verifier = std::string(400, 'v')}));
}

TEST(Vxi11Reply, EmptyRecordIsNoReply) {
  Answer answer = data_answer(kText);
  answer.before = wire_word(0x80000000) + wire_words({0x80000002}) + "xx";
  expect_read(answer);
}

TEST(Vxi11Reply, LengthBeyondTheRecordIsAnError) {
  OpenVxi11 device;
  device.instrument.next(kDeviceRead, data_answer(kText, {.length = 500}));
  const Reading reading = device.read(1000);
  EXPECT_EQ(reading.status, Status::error_io);
  device.expect_in_step();
}

TEST(Vxi11Reply, LengthsThatCannotBeAreErrorsAndTakeNoMemory) {
  for (const std::uint32_t length : {0x7FFFFFFFu, 0x80000000u, 0xFFFFFFFFu}) {
    OpenVxi11 device;
    device.instrument.next(kDeviceRead, data_answer(kText, {.length = length}));
    EXPECT_EQ(device.read(1000).status, Status::error_io);
    device.expect_in_step();
  }
}

TEST(Vxi11Reply, ResultsCutShortAreAnError) {
  OpenVxi11 device;
  device.instrument.next(kDeviceRead, {.words = {0}});
  EXPECT_EQ(device.read(1000).status, Status::error_io);
  device.instrument.next(kDeviceRead, {.words = {}});
  EXPECT_EQ(device.read(1000).status, Status::error_io);
  device.instrument.next(kDeviceWrite, {.words = {0}});
  EXPECT_EQ(device.write("abc").status, Status::error_io);
  device.expect_in_step();
}

TEST(Vxi11Reply, RefusedCallsAreToldApart) {
  OpenVxi11 device;
  device.instrument.next(kDeviceRead, {.accept_status = 1});
  EXPECT_EQ(device.read(10).status, Status::error_io);
  device.instrument.next(kDeviceRead, {.accept_status = 3});
  const Reading unavailable = device.read(10);
  EXPECT_EQ(unavailable.status, Status::error_nsup_oper);
  EXPECT_NE(unavailable.detail.find("procedure"), std::string::npos);
  device.instrument.next(kDeviceRead, {.words = {}, .accept_status = 4});
  EXPECT_EQ(device.read(10).status, Status::error_io);
  device.instrument.next(kDeviceRead, {.denied = true});
  EXPECT_EQ(device.read(10).status, Status::error_io);
  device.expect_in_step();
}

TEST(Vxi11Reply, MalformedReplySpoilsItsCallAlone) {  // its record can be skipped like any other
  OpenVxi11 device;
  device.instrument.next(kDeviceRead, {.words = {0, 4}, .data = "", .accept_status = 77});
  const Reading reading = device.read(10);
  EXPECT_EQ(reading.status, Status::error_io);
  EXPECT_FALSE(reading.detail.empty());
  device.expect_in_step();
  device.instrument.next(kDeviceRead, data_answer(kText, {.verifier = std::string(404, 'v')}));
  EXPECT_EQ(device.read(1000).status, Status::error_io);
  device.expect_in_step();
}

TEST(Vxi11Reply, MarkThatPromisesTooMuchIsATimeoutUntilAClear) {
  OpenVxi11 device;
  device.instrument.next(kDeviceRead, data_answer(kText, {.mark = 0xFFFFFFFF}));
  EXPECT_EQ(device.read(1000).data, kText);  // all that was asked for is there
  EXPECT_EQ(device.write("abc", milliseconds(200)).status, Status::error_tmo);
  EXPECT_EQ(device.write("abc", milliseconds(200)).status, Status::error_tmo);
  Call call(Deadline::after(kLong));
  EXPECT_EQ(device.channel->clear(call), Status::success);
  device.expect_in_step();
}

TEST(Vxi11Reply, ConnectionClosedInsteadOfAReplyIsLostAtOnce) {
  OpenVxi11 device;
  device.instrument.next(kDeviceRead, data_answer(kText, {.closes = true, .stalls_at = 0}));
  Reading reading;
  EXPECT_LT(time_of([&] { reading = device.read(1000); }), milliseconds(5000));
  EXPECT_EQ(reading.status, Status::error_conn_lost);
  EXPECT_FALSE(reading.detail.empty());
  EXPECT_EQ(device.write("abc").status, Status::error_conn_lost);
}

TEST(Vxi11Reply, ConnectionClosedInsideAReplyIsLostAndDeliversWhatCame) {
  for (const std::size_t sent : {2u, 4u, 20u, 39u, 45u}) {
    OpenVxi11 device;
    device.instrument.next(kDeviceRead, data_answer(kText, {.closes = true, .stalls_at = sent}));
    const Reading reading = device.read(1000);
    EXPECT_EQ(reading.status, Status::error_conn_lost) << sent;
    EXPECT_EQ(reading.data, sent > 40 ? kText.substr(0, sent - 40) : "");
  }
}

}  // namespace
}  // namespace visa::test
