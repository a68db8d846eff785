// SPDX-License-Identifier: MIT
// The change of the encryption on the asynchronous connection, with a step of the test's in the
// place of the handshake.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>

#include "conformance/unit/drivers/support/open_hislip.h"
#include "drivers/common/connector.h"
#include "drivers/common/tcp_stream.h"
#include "drivers/hislip/async_channel.h"

namespace visa::test {
namespace {

using namespace drivers::hislip;

class AsyncSecurity : public testing::Test {
 protected:
  AsyncSecurity() {
    Call call(Deadline::after(kLong));
    auto connection = drivers::connect_tcp(std::span(&server_.endpoint(), 1), "127.0.0.1",
                                           drivers::ConnectOptions{}, call);
    if (!connection) throw std::runtime_error(call.detail);
    far = server_.accept();
    channel = std::make_unique<AsyncChannel>(
        std::make_unique<drivers::TcpStream>(std::move(connection->socket), "peer"), state);
  }

  using Step = std::function<Status(Call&)>;

  Result<AsyncChannel::Answer> change(const Step& step, milliseconds time = kLong) {
    Call call(Deadline::after(time));
    return channel->change_encryption({MessageType::async_start_tls, 0, 7}, {},
                                      MessageType::async_start_tls_response, step, call);
  }

  /// A question and its answer afterwards.
  Status ask() {
    put(far, {MessageType::async_status_response, 5});
    Call call(Deadline::after(kLong));
    return channel
        ->ask({MessageType::async_status_query}, {}, MessageType::async_status_response, call)
        .status();
  }

  SessionState state;
  std::unique_ptr<AsyncChannel> channel;
  PeerEnd far;

 private:
  LoopbackServer server_;
};

TEST_F(AsyncSecurity, StepGetsTheFirstByteAfterTheAnswerAlone) {
  state.delivered(3);
  put(far, {MessageType::async_start_tls_response, 1});
  ASSERT_TRUE(far.send("no HiSLIP message"));
  std::string seen(17, '\0');
  const auto answer = change([&](Call& call) {
    std::size_t count = 0;
    while (count < seen.size()) {
      const auto got =
          channel->stream().receive(std::as_writable_bytes(std::span(seen)).subspan(count), call);
      if (failed(got.status)) return got.status;
      count += got.count;
    }
    return Status::success;
  });
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->header.control, 1);
  EXPECT_EQ(seen, "no HiSLIP message");
  const Message asked = take(far);
  EXPECT_EQ(asked.type, MessageType::async_start_tls);
  EXPECT_EQ(asked.control, 1) << "RMT: an answer was taken before";
  EXPECT_EQ(asked.parameter, 7U);
  EXPECT_FALSE(channel->changed_half());
  EXPECT_EQ(ask(), Status::success);
}

TEST_F(AsyncSecurity, NothingElseIsSentOrReceivedBeforeTheStepIsOver) {
  std::future<Status> other;
  put(far, {MessageType::async_start_tls_response, 1});
  std::atomic<bool> over = false;
  const auto answer = change([&](Call& call) {
    other = std::async(std::launch::async, [&] {
      Call own(Deadline::after(kLong));
      const auto asked = channel->ask({MessageType::async_status_query}, {},
                                      MessageType::async_status_response, own);
      EXPECT_TRUE(over);
      return asked.status();
    });
    // A message that is none for the other thread, which would wait for an answer by now.
    put(far, {MessageType::async_status_response, 1});
    std::array<std::byte, kHeaderSize> mine{};
    std::size_t count = 0;
    while (count < mine.size()) {
      const auto got = channel->stream().receive(std::span(mine).subspan(count), call);
      if (failed(got.status)) return got.status;
      count += got.count;
    }
    over = true;
    return Status::success;
  });
  ASSERT_TRUE(answer);
  EXPECT_EQ(take(far).type, MessageType::async_start_tls);
  EXPECT_EQ(take(far).type, MessageType::async_status_query);
  put(far, {MessageType::async_status_response, 5});
  EXPECT_EQ(other.get(), Status::success);
}

TEST_F(AsyncSecurity, RefusedChangeTakesNoStep) {
  bool taken = false;
  const auto step = [&](Call&) {
    taken = true;
    return Status::success;
  };
  put(far, {MessageType::async_start_tls_response, 3});
  auto answer = change(step);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->header.control, 3) << "busy";
  put(far, {MessageType::error, 1, 0, "no"});
  answer = change(step);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->header.type, MessageType::error);
  EXPECT_FALSE(taken);
  EXPECT_FALSE(channel->changed_half());
  EXPECT_EQ(ask(), Status::success);
}

TEST_F(AsyncSecurity, FailedStepOrNoAnswerLeavesTheChangeHalf) {
  EXPECT_EQ(change([](Call&) { return Status::success; }, kShort).status(), Status::error_tmo);
  EXPECT_TRUE(channel->changed_half()) << "the instrument may be waiting for a handshake";
}

TEST_F(AsyncSecurity, StatusOfTheStepIsReturned) {
  put(far, {MessageType::async_start_tls_response, 1});
  EXPECT_EQ(change([](Call&) { return Status::error_server_cert_expired; }).status(),
            Status::error_server_cert_expired);
  EXPECT_TRUE(channel->changed_half());
}

TEST_F(AsyncSecurity, QuestionThatCannotBeSentIsForgotten) {
  state.delivered(3);
  Call late(Deadline::immediate());
  late.cancel();
  EXPECT_FALSE(channel->change_encryption(
      {MessageType::async_start_tls}, {}, MessageType::async_start_tls_response,
      [](Call&) { return Status::success; }, late));
  EXPECT_FALSE(channel->changed_half());
  EXPECT_EQ(state.take_rmt(), 1) << "for the next message";
  EXPECT_EQ(ask(), Status::success);
}

TEST_F(AsyncSecurity, FatalErrorIsToldWithItsText) {
  channel->say_fatal(4, "the certificate is not trusted");
  const Message told = take(far);
  EXPECT_EQ(told.type, MessageType::fatal_error);
  EXPECT_EQ(told.control, 4);
  EXPECT_EQ(told.payload, "the certificate is not trusted");
}

}  // namespace
}  // namespace visa::test
