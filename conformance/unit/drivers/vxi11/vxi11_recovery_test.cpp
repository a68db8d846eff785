// SPDX-License-Identifier: MIT
// Deadlines and cancels: when a call comes back, what it says, and that the next answer belongs to
// the next question, always.
#include <gtest/gtest.h>

#include <future>

#include "conformance/unit/drivers/support/open_vxi11.h"
#include "conformance/unit/support/once_within.h"

namespace visa::test {
namespace {

/// At most 50 ms late. On a machine under load any wait can be longer once; a wrong one always is.
constexpr milliseconds kMostLate{50};

/// `body` says how long its call took.
template <class Body>
void expect_at(milliseconds deadline, Body&& body) {
  milliseconds took{};
  for (int attempt = 0; attempt < 4; ++attempt) {
    took = body();
    EXPECT_GE(took, deadline);
    if (took <= deadline + kMostLate) return;
  }
  ADD_FAILURE() << took.count() << " ms";
}

TEST(Vxi11Recovery, SilentInstrumentIsATimeoutAtTheDeadline) {  // pains 25, 33
  expect_at(milliseconds(300), [] {
    OpenVxi11 device;
    device.instrument.next(kDeviceRead, {.silent = true});
    Reading reading;
    const auto took = time_of([&] { reading = device.read(100, milliseconds(300)); });
    EXPECT_EQ(reading.status, Status::error_tmo);
    EXPECT_FALSE(reading.detail.empty());
    EXPECT_TRUE(device.instrument.wait_for(kDeviceAbort));
    return took;
  });
}

TEST(Vxi11Recovery, StalledReplyIsATimeoutAtTheDeadlineWithWhatCame) {
  expect_at(milliseconds(300), [] {
    OpenVxi11 device;
    device.instrument.next(kDeviceRead,
                           {.words = {0, 4}, .data = std::string(100, 'x'), .stalls_at = 90});
    Reading reading;
    const auto took = time_of([&] { reading = device.read(1000, milliseconds(300)); });
    EXPECT_EQ(reading.status, Status::error_tmo);
    EXPECT_EQ(reading.data, std::string(50, 'x'));
    return took;
  });
}

TEST(Vxi11Recovery, SilenceForGoodIsATimeoutAsOftenAsOneAsksUntilAClear) {
  OpenVxi11 device;
  device.instrument.next(kDeviceRead, {.silent = true});
  EXPECT_EQ(device.read(100, milliseconds(100)).status, Status::error_tmo);
  const auto begun = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() < begun + milliseconds(1500)) {
    Call call(Deadline::after(milliseconds(100)));
    EXPECT_EQ(device.channel->write(bytes("abc"), spi::WriteEnd::end, call).status,
              Status::error_tmo);
    EXPECT_NE(call.detail.find("viClear"), std::string::npos) << call.detail;
    EXPECT_EQ(device.read(100, milliseconds(100)).status, Status::error_tmo);
  }
  Call call(Deadline::after(kLong));
  EXPECT_EQ(device.channel->clear(call), Status::success) << call.detail;
  device.expect_in_step();
}

TEST(Vxi11Recovery, TimeoutOfTheInstrumentNeedsNoAbort) {
  std::size_t aborts = 1;
  for (int attempt = 0; attempt < 5 && aborts > 0; ++attempt) {  // load may delay its answer
    OpenVxi11 device;  // holds the read until its io_timeout is over
    EXPECT_EQ(device.read(100, milliseconds(100)).status, Status::error_tmo);
    aborts = device.instrument.count(kDeviceAbort);
    device.expect_in_step();
  }
  EXPECT_EQ(aborts, 0u);
}

TEST(Vxi11Recovery, LateAnswerIsNotTheAnswerToTheNextQuestion) {  // pain 22
  OpenVxi11 device;
  // The reply is cut in the middle; the rest comes with the reply to the abort's successor.
  const Answer whole{.words = {0, 4}, .data = "the old answer"};
  Answer cut = whole;
  cut.stalls_at = 44;
  device.instrument.next(kDeviceRead, cut);
  const Reading reading = device.read(100, milliseconds(100));
  EXPECT_EQ(reading.status, Status::error_tmo);
  EXPECT_EQ(reading.data, "the ");
  device.instrument.finish_stalled();
  device.expect_in_step();
}

TEST(Vxi11Recovery, LateAnswerIsKeptForAReadThatAsksNothingNew) {
  OpenVxi11 device;
  device.instrument.next(kDeviceRead, {.words = {0, 4}, .data = "a slow answer", .stalls_at = 10});
  EXPECT_EQ(device.read(100, milliseconds(100)).status, Status::error_tmo);
  device.instrument.finish_stalled();
  const Reading reading = device.read(100);
  EXPECT_EQ(reading.status, Status::success);
  EXPECT_EQ(reading.data, "a slow answer");
  EXPECT_EQ(reading.reason, spi::StopReason::end);
  EXPECT_EQ(device.instrument.count(kDeviceRead), 1u);
  device.expect_in_step();
}

TEST(Vxi11Recovery, LateAnswerIsHandedOutByCountAndByTerminationCharacter) {
  OpenVxi11 device;
  device.instrument.next(kDeviceRead, {.words = {0, 4}, .data = "one;two;three", .stalls_at = 42});
  EXPECT_EQ(device.read(100, milliseconds(100)).data, "on");
  device.instrument.finish_stalled();
  spi::EndRule rule;
  rule.termchar_enabled = true;
  rule.termchar = ';';
  EXPECT_EQ(device.read(1).data, "e");
  EXPECT_EQ(device.read(100, kLong, rule).data, ";");
  const Reading line = device.read(100, kLong, rule);
  EXPECT_EQ(line.data, "two;");
  EXPECT_EQ(line.reason, spi::StopReason::termchar);
  const Reading full = device.read(2);
  EXPECT_EQ(full.data, "th");
  EXPECT_EQ(full.reason, spi::StopReason::count);
  const Reading rest = device.read(100);
  EXPECT_EQ(rest.data, "ree");
  EXPECT_EQ(rest.reason, spi::StopReason::end);
}

TEST(Vxi11Recovery, ClearForgetsTheLateAnswer) {
  OpenVxi11 device;
  device.instrument.next(kDeviceRead, {.words = {0, 4}, .data = "old", .stalls_at = 10});
  EXPECT_EQ(device.read(100, milliseconds(100)).status, Status::error_tmo);
  device.instrument.finish_stalled();
  Call call(Deadline::after(kLong));
  EXPECT_EQ(device.channel->clear(call), Status::success);
  device.instrument.says("new");
  EXPECT_EQ(device.read(100).data, "new");
}

TEST(Vxi11Recovery, StatusByteBetweenLeavesTheLateAnswer) {
  OpenVxi11 device;
  device.instrument.next(kDeviceRead, {.words = {0, 4}, .data = "late", .stalls_at = 10});
  EXPECT_EQ(device.read(100, milliseconds(100)).status, Status::error_tmo);
  device.instrument.finish_stalled();
  Call call(Deadline::after(kLong));
  EXPECT_EQ(*device.channel->read_status_byte(call), 0x10);
  EXPECT_EQ(device.read(100).data, "late");
}

TEST(Vxi11Recovery, WriteThatIsNotAnsweredIsATimeoutAndTheLinkComesBack) {
  OpenVxi11 device;
  device.instrument.next(kDeviceWrite, {.hold = true});
  // The instrument's own timeout would be far away: what ends it is the abort.
  Call call(Deadline::after(milliseconds(150)));
  call.timeout = milliseconds(150);
  EXPECT_EQ(device.channel->write(bytes("abc"), spi::WriteEnd::end, call).status,
            Status::error_tmo);
  device.expect_in_step();
}

TEST(Vxi11Recovery, CancelEndsAReadWithAnAbortOnTheWire) {  // viTerminate, viClose
  OpenVxi11 device;
  Call call(Deadline::infinite());
  auto reading = std::async(std::launch::async, [&] { return device.read(100, {}, call); });
  ASSERT_TRUE(device.instrument.wait_for(kDeviceRead));
  const milliseconds took = time_of([&] {
    call.cancel();
    device.channel->wake();
    EXPECT_EQ(reading.get().status, Status::error_abort);
  });
  EXPECT_LT(took, kPatience);
  EXPECT_EQ(device.instrument.count(kDeviceAbort), 1u);
  device.expect_in_step();
}

TEST(Vxi11Recovery, AbortIsForThisLinkAndItsConnectionIsKept) {
  OpenVxi11 device;
  for (int i = 0; i < 3; ++i) {
    Call call(Deadline::infinite());
    auto reading = std::async(std::launch::async, [&] { return device.read(100, {}, call); });
    ASSERT_TRUE(device.instrument.wait_for(kDeviceRead, static_cast<std::size_t>(i) + 1));
    call.cancel();
    device.channel->wake();
    EXPECT_EQ(reading.get().status, Status::error_abort);
  }
  const auto aborts = device.instrument.seen(kDeviceAbort);
  ASSERT_EQ(aborts.size(), 3u);
  EXPECT_EQ(aborts[0].program, 0x0607B0u);
  EXPECT_EQ(aborts[0].word(0), FakeInstrument::kLink);
  EXPECT_EQ(device.instrument.abort_connections(), 1);
}

TEST(Vxi11Recovery, CancelledCallThatIsNotAbortedComesBackSoon) {
  OpenVxi11 device([](FakeInstrument& instrument) { instrument.abort_port = 0; });
  Call call(Deadline::infinite());
  auto reading = std::async(std::launch::async, [&] { return device.read(100, {}, call); });
  ASSERT_TRUE(device.instrument.wait_for(kDeviceRead));
  const milliseconds took = time_of([&] {
    call.cancel();
    device.channel->wake();
    EXPECT_EQ(reading.get().status, Status::error_abort);
  });
  EXPECT_LT(took, kPatience);
}

// A reply is owed, and the call waits for an abort channel that is silent.
TEST(Vxi11Recovery, CancelIsNoticedAtOnceWhileALaterCallWaitsForTheAbortChannel) {
  EXPECT_TRUE(once_within(milliseconds(100), [] {
    OpenVxi11 device;
    device.instrument.always(kDeviceAbort, {.silent = true});
    device.instrument.next(kDeviceRead, {.silent = true});
    EXPECT_EQ(device.read(100, kShort).status, Status::error_tmo);
    Call call(Deadline::infinite());
    auto writing = std::async(std::launch::async, [&] {
      return device.channel->write(bytes("abc"), spi::WriteEnd::end, call).status;
    });
    EXPECT_TRUE(device.instrument.wait_for(kDeviceAbort, 2));
    return time_of([&] {
      call.cancel();
      device.channel->wake();
      EXPECT_EQ(writing.get(), Status::error_abort);
    });
  }));
}

TEST(Vxi11Recovery, CancelledCallWaitsForNoReplyWhereNothingAbortsIt) {
  EXPECT_TRUE(once_within(milliseconds(80), [] {
    OpenVxi11 device([](FakeInstrument& instrument) { instrument.abort_port = 0; });
    Call call(Deadline::infinite());
    auto reading = std::async(std::launch::async, [&] { return device.read(100, {}, call); });
    EXPECT_TRUE(device.instrument.wait_for(kDeviceRead));
    return time_of([&] {
      call.cancel();
      device.channel->wake();
      EXPECT_EQ(reading.get().status, Status::error_abort);
    });
  }));
}

TEST(Vxi11Recovery, CancelBeforeTheCallTouchesNoWire) {
  OpenVxi11 device;
  Call call(Deadline::infinite());
  call.cancel();
  EXPECT_EQ(device.read(100, {}, call).status, Status::error_abort);
  EXPECT_EQ(device.instrument.count(kDeviceRead), 0u);
}

TEST(Vxi11Recovery, OneThreadWaitsForTheOtherToItsOwnDeadline) {
  OpenVxi11 device;
  Call call(Deadline::infinite());
  auto reading = std::async(std::launch::async, [&] { return device.read(100, {}, call); });
  ASSERT_TRUE(device.instrument.wait_for(kDeviceRead));
  Call other(Deadline::after(milliseconds(100)));
  EXPECT_EQ(device.channel->read_status_byte(other).status(), Status::error_tmo);
  Call cancelled(Deadline::infinite());
  auto waiting = std::async(std::launch::async,
                            [&] { return device.channel->read_status_byte(cancelled).status(); });
  cancelled.cancel();
  device.channel->wake();
  EXPECT_EQ(waiting.get(), Status::error_abort);
  call.cancel();
  device.channel->wake();
  EXPECT_EQ(reading.get().status, Status::error_abort);
  EXPECT_EQ(device.instrument.count(kReadStb), 0u);
}

TEST(Vxi11Recovery, WriteThatStallsInTheSocketIsFinishedBeforeTheNextCall) {
  expect_at(milliseconds(300), [] {
    OpenVxi11 device([](FakeInstrument& instrument) { instrument.max_receive = 1u << 30; });
    const std::string large(8'000'000, 'x');
    device.instrument.stop_reading(true);
    spi::WriteResult result;
    const auto took = time_of([&] { result = device.write(large, milliseconds(300)); });
    EXPECT_EQ(result.status, Status::error_tmo);
    EXPECT_LT(result.count, large.size());
    device.instrument.stop_reading(false);
    device.expect_in_step();
    return took;
  });
}

TEST(Vxi11Recovery, CloseSaysGoodbyeEvenToAStalledInstrument) {
  OpenVxi11 device;
  device.instrument.next(kDeviceRead, {.silent = true});
  EXPECT_EQ(device.read(100, milliseconds(50)).status, Status::error_tmo);
  EXPECT_LT(time_of([&] { device.close(); }), kLong);
  EXPECT_TRUE(device.instrument.wait_for(kDestroyLink));
  EXPECT_TRUE(device.instrument.wait_until_closed());
}

TEST(Vxi11Recovery, CloseOfALostConnectionReturns) {
  OpenVxi11 device;
  device.instrument.next(kDeviceRead, {.closes = true, .stalls_at = 0});
  EXPECT_EQ(device.read(100).status, Status::error_conn_lost);
  EXPECT_LT(time_of([&] { device.close(); }), kLong);
}

}  // namespace
}  // namespace visa::test
