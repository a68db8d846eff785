// SPDX-License-Identifier: MIT
// Questions on the asynchronous connection, late answers, locks and service requests.
#include "drivers/hislip/async_channel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <future>
#include <iterator>
#include <thread>

#include "conformance/unit/drivers/support/counting_sink.h"
#include "conformance/unit/drivers/support/open_hislip.h"
#include "conformance/unit/support/ended_thread.h"

namespace visa::test {
namespace {

using spi::RemoteLockKind;

Status query(OpenHislip& device, milliseconds timeout = kLong, std::uint8_t* into = nullptr) {
  Call call(Deadline::after(timeout));
  const auto byte = device.channel->read_status_byte(call);
  if (byte && into != nullptr) *into = *byte;
  return byte.status();
}

TEST(AsyncChannel, ALateAnswerIsNotTakenForTheNextOne) {
  OpenHislip device;
  EXPECT_EQ(query(device, kShort), Status::error_tmo);
  EXPECT_EQ(query(device, kShort), Status::error_tmo) << "as often as the caller asks";
  put(device.ends.async, {MessageType::async_status_response, 1});
  put(device.ends.async, {MessageType::async_status_response, 2});
  std::uint8_t byte = 0;
  EXPECT_EQ(query(device, kLong, &byte), Status::success);
  EXPECT_EQ(byte, 2) << "the first answers the question that was given up";
}

TEST(AsyncChannel, AServiceRequestMayComeBetweenQuestionAndAnswer) {
  OpenHislip device;
  put(device.ends.async, {MessageType::async_service_request, 0x40});
  put(device.ends.async, {MessageType::async_status_response, 7});
  std::uint8_t byte = 0;
  EXPECT_EQ(query(device, kLong, &byte), Status::success);
  EXPECT_EQ(byte, 7);
}

TEST(AsyncChannel, AnErrorAnswersTheOldestQuestion) {
  OpenHislip device;
  put(device.ends.async, {MessageType::error, 1, 0, "what?"});
  Call call(Deadline::after(kLong));
  EXPECT_EQ(device.channel->read_status_byte(call).status(), Status::error_nsup_oper);
  EXPECT_NE(call.detail.find("what?"), std::string::npos) << call.detail;
  device.poll();
}

TEST(AsyncChannel, AFloodEndsAtTheDeadline) {
  OpenHislip device;
  std::atomic<bool> stop = false;
  std::thread peer([&] {
    const std::string request = wire({MessageType::async_service_request, 0x40});
    while (!stop && device.ends.async.send(request)) {
    }
  });
  EXPECT_EQ(query(device, kShort), Status::error_tmo);
  Call immediate(Deadline::immediate());
  EXPECT_EQ(device.channel->read_status_byte(immediate).status(), Status::error_tmo);
  stop = true;
  device.close();
  peer.join();
}

TEST(AsyncChannel, ALostConnectionEndsTheQuestion) {
  OpenHislip device;
  auto asking = std::async(std::launch::async, [&] { return query(device); });
  take(device.ends.async);
  device.ends.async.close();
  EXPECT_EQ(asking.get(), Status::error_conn_lost);
  EXPECT_EQ(query(device), Status::error_conn_lost);
}

TEST(AsyncChannel, AFatalErrorIsTheReason) {
  OpenHislip device;
  put(device.ends.async, {MessageType::fatal_error, 0, 0, "reboot"});
  device.ends.async.close();
  Call call(Deadline::after(kLong));
  EXPECT_EQ(device.channel->read_status_byte(call).status(), Status::error_conn_lost);
  EXPECT_NE(call.detail.find("reboot"), std::string::npos) << call.detail;
}

TEST(AsyncChannel, SeveralThreadsAskAtOnce) {
  OpenHislip device;
  std::thread peer([&] {
    for (int i = 0; i < 80; ++i) {
      const Message message = take(device.ends.async);
      if (message.type == MessageType::async_status_query) {
        put(device.ends.async, {MessageType::async_status_response, 9});
      } else {
        put(device.ends.async, {MessageType::async_lock_response, 1});
      }
    }
  });
  const auto poll = [&] {
    for (int i = 0; i < 20; ++i) {
      std::uint8_t byte = 0;
      EXPECT_EQ(query(device, kLong, &byte), Status::success);
      EXPECT_EQ(byte, 9);
    }
  };
  const auto lock = [&] {
    for (int i = 0; i < 10; ++i) {
      Call call(Deadline::after(kLong));
      auto* locks = device.channel->facets().remote_lock;
      EXPECT_EQ(locks->lock(RemoteLockKind::exclusive, "", call), Status::success);
      EXPECT_EQ(locks->unlock(RemoteLockKind::exclusive, call), Status::success);
    }
  };
  std::thread others[] = {std::thread(poll), std::thread(poll), std::thread(poll),
                          std::thread(lock)};
  for (std::thread& one : others) one.join();
  peer.join();
}

TEST(AsyncChannel, AStatusQueryIsAnsweredWhileALockIsWaitedFor) {
  OpenHislip device;
  Call waiting(Deadline::infinite());
  auto locking = std::async(std::launch::async, [&] {
    return device.channel->facets().remote_lock->lock(RemoteLockKind::exclusive, "", waiting);
  });
  const Message request = take(device.ends.async);
  EXPECT_EQ(request.type, MessageType::async_lock);
  EXPECT_EQ(request.parameter, 0xFFFFFFFFU) << "without a limit";
  device.poll();
  put(device.ends.async, {MessageType::async_lock_response, 1});
  EXPECT_EQ(locking.get(), Status::success);
}

TEST(HislipLock, CarriesKindKeyAndTime) {
  OpenHislip device;
  auto* locks = device.channel->facets().remote_lock;
  ASSERT_NE(locks, nullptr);
  EXPECT_TRUE(locks->carries(RemoteLockKind::exclusive));
  EXPECT_TRUE(locks->carries(RemoteLockKind::shared));
  device.ask();
  const std::string key(255, 'k');
  put(device.ends.async, {MessageType::async_lock_response, 1});
  Call call(Deadline::after(milliseconds(5000)));
  EXPECT_EQ(locks->lock(RemoteLockKind::shared, key, call), Status::success);
  Message request = take(device.ends.async);
  EXPECT_EQ(request.control, 1);
  EXPECT_EQ(request.payload, key);
  EXPECT_GT(request.parameter, 1000U);
  EXPECT_LE(request.parameter, 5000U);
  put(device.ends.async, {MessageType::async_lock_response, 1});
  EXPECT_EQ(locks->lock(RemoteLockKind::exclusive, "generated", call), Status::success);
  EXPECT_EQ(take(device.ends.async).payload, "") << "no key: exclusive";
  put(device.ends.async, {MessageType::async_lock_response, 1});
  EXPECT_EQ(locks->unlock(RemoteLockKind::exclusive, call), Status::success);
  request = take(device.ends.async);
  EXPECT_EQ(request.control, 0);
  EXPECT_EQ(request.parameter, kFirst) << "after this message";
  EXPECT_EQ(request.payload, "");
  put(device.ends.async, {MessageType::async_lock_response, 3});
  EXPECT_EQ(locks->unlock(RemoteLockKind::shared, call), Status::success) << "gone already";
}

TEST(HislipLock, SaysWhyThereIsNone) {
  OpenHislip device;
  auto* locks = device.channel->facets().remote_lock;
  Call immediate(Deadline::immediate());
  put(device.ends.async, {MessageType::async_lock_response, 0});
  EXPECT_EQ(locks->lock(RemoteLockKind::exclusive, "", immediate), Status::error_rsrc_locked);
  EXPECT_EQ(take(device.ends.async).parameter, 0U);
  Call call(Deadline::after(kLong));
  put(device.ends.async, {MessageType::async_lock_response, 0});
  EXPECT_EQ(locks->lock(RemoteLockKind::exclusive, "", call), Status::error_tmo);
  put(device.ends.async, {MessageType::async_lock_response, 3});
  EXPECT_EQ(locks->lock(RemoteLockKind::shared, "k", call), Status::error_rsrc_locked);
}

TEST(HislipLock, SaysHowManyClientsHoldOne) {
  const auto text = [](std::uint8_t exclusive, std::uint32_t holders) {
    OpenHislip device;
    Call call(Deadline::immediate());
    put(device.ends.async, {MessageType::async_lock_response, 0});
    put(device.ends.async, {MessageType::async_lock_info_response, exclusive, holders});
    auto* locks = device.channel->facets().remote_lock;
    EXPECT_EQ(locks->lock(RemoteLockKind::exclusive, "", call), Status::error_rsrc_locked);
    take(device.ends.async);
    EXPECT_EQ(take(device.ends.async).type, MessageType::async_lock_info);
    return call.detail;
  };
  EXPECT_THAT(text(1, 1),
              testing::HasSubstr("1 client holds the exclusive lock of the instrument"));
  EXPECT_THAT(text(0, 3), testing::HasSubstr("3 clients hold a shared lock of the instrument"));
  EXPECT_THAT(text(0, 0), testing::HasSubstr("given back by now"));
}

TEST(HislipLock, IsNotWaitedForByAnInstrumentThatDoesNotSayWhoHoldsIt) {
  OpenHislip device;
  Call call(Deadline::immediate());
  put(device.ends.async, {MessageType::async_lock_response, 0});
  auto* locks = device.channel->facets().remote_lock;
  EXPECT_EQ(locks->lock(RemoteLockKind::exclusive, "", call), Status::error_rsrc_locked);
  EXPECT_THAT(call.detail, testing::HasSubstr("another program holds a lock"));
  put(device.ends.async, {MessageType::async_lock_response, 1});
  Call again(Deadline::after(kLong));
  EXPECT_EQ(locks->lock(RemoteLockKind::exclusive, "", again), Status::success);
}

TEST(HislipLock, ThatIsGrantedTooLateIsGivenBackAtOnce) {
  OpenHislip device;
  auto* locks = device.channel->facets().remote_lock;
  Call call(Deadline::after(kShort));
  EXPECT_EQ(locks->lock(RemoteLockKind::exclusive, "", call), Status::error_tmo);
  EXPECT_EQ(take(device.ends.async).control, 1);
  put(device.ends.async, {MessageType::async_lock_response, 1});
  const Message release = take(device.ends.async);  // by no operation of the program
  EXPECT_EQ(release.type, MessageType::async_lock);
  EXPECT_EQ(release.control, 0);
  put(device.ends.async, {MessageType::async_lock_response, 1});
  put(device.ends.async, {MessageType::async_lock_response, 1});
  Call again(Deadline::after(kLong));
  EXPECT_EQ(locks->lock(RemoteLockKind::exclusive, "", again), Status::success);
}

// The server answers AsyncDeviceClear first and the status query after it.
TEST(AsyncChannel, AQuestionThatIsAskedDuringADeviceClearIsAnswered) {
  OpenHislip device;
  auto clearing = std::async(std::launch::async, [&] { return device.clear(); });
  EXPECT_EQ(take(device.ends.async).type, MessageType::async_device_clear);
  std::uint8_t byte = 0;
  auto polling = std::async(std::launch::async, [&] { return query(device, kLong, &byte); });
  EXPECT_EQ(take(device.ends.async).type, MessageType::async_status_query);
  device.acknowledge_clear();
  EXPECT_EQ(clearing.get(), Status::success);
  put(device.ends.async, {MessageType::async_status_response, 0x21});
  EXPECT_EQ(polling.get(), Status::success);
  EXPECT_EQ(byte, 0x21);
}

TEST(AsyncChannel, AThreadEndedBeforeItsQuestionLeavesNoneUnanswered) {
  OpenHislip device;
  EndedThread asking([&] {
    ::pthread_cancel(::pthread_self());
    query(device);
  });
  EXPECT_TRUE(asking.join());
  put(device.ends.async, {MessageType::async_status_response, 0x42});
  std::uint8_t byte = 0;
  EXPECT_EQ(query(device, milliseconds(5000), &byte), Status::success);
  EXPECT_EQ(byte, 0x42);
  EXPECT_EQ(take(device.ends.async).type, MessageType::async_status_query);
}

int threads_of_this_process() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return static_cast<int>(std::distance(begin(tasks), end(tasks)));
}

TEST(HislipLock, TheThreadThatWaitsForALateOneEndsAfterIt) {
  OpenHislip device;
  const int before = threads_of_this_process();
  auto* locks = device.channel->facets().remote_lock;
  for (int i = 0; i < 2; ++i) {  // it may be needed again
    Call call(Deadline::after(kShort));
    EXPECT_EQ(locks->lock(RemoteLockKind::exclusive, "", call), Status::error_tmo);
    EXPECT_EQ(threads_of_this_process(), before + 1);
    EXPECT_EQ(take(device.ends.async).control, 1);
    put(device.ends.async, {MessageType::async_lock_response, 1});
    EXPECT_EQ(take(device.ends.async).control, 0);
    put(device.ends.async, {MessageType::async_lock_response, 1});
    const auto limit = std::chrono::steady_clock::now() + kPatience;
    while (threads_of_this_process() > before && std::chrono::steady_clock::now() < limit) {
      std::this_thread::yield();
    }
    EXPECT_EQ(threads_of_this_process(), before);
  }
  CountingSink sink;
  Call call(Deadline::after(kLong));
  ASSERT_EQ(device.channel->enable_event(VI_EVENT_SERVICE_REQ, sink, call), Status::success);
  put(device.ends.async, {MessageType::async_service_request, 0x40});
  EXPECT_TRUE(sink.wait_for(1));
}

TEST(HislipServiceRequests, ComeWhileTheyAreEnabled) {
  OpenHislip device;
  CountingSink sink;
  Call call(Deadline::after(kLong));
  ASSERT_EQ(device.channel->enable_event(VI_EVENT_SERVICE_REQ, sink, call), Status::success);
  for (int i = 1; i <= 3; ++i) {
    put(device.ends.async, {MessageType::async_service_request, 0x40});
    EXPECT_TRUE(sink.wait_for(i));
    device.poll();  // answered by the thread that waits for service requests
  }
  ASSERT_EQ(device.channel->disable_event(VI_EVENT_SERVICE_REQ, call), Status::success);
  put(device.ends.async, {MessageType::async_service_request, 0x40});
  device.poll();
  EXPECT_EQ(sink.count(), 3);
  ASSERT_EQ(device.channel->enable_event(VI_EVENT_SERVICE_REQ, sink, call), Status::success);
  put(device.ends.async, {MessageType::async_service_request, 0x40});
  EXPECT_TRUE(sink.wait_for(4));
  ASSERT_EQ(device.channel->disable_event(VI_EVENT_SERVICE_REQ, call), Status::success);
  EXPECT_EQ(device.channel->enable_event(VI_EVENT_TRIG, sink, call), Status::error_inv_event);
}

TEST(HislipServiceRequests, ThatAWaitingCallReceivesAreDeliveredToo) {
  OpenHislip device;
  CountingSink sink;
  Call query_call(Deadline::infinite());
  auto polling = std::async(std::launch::async,
                            [&] { return device.channel->read_status_byte(query_call).status(); });
  take(device.ends.async);
  Call call(Deadline::after(kLong));
  ASSERT_EQ(device.channel->enable_event(VI_EVENT_SERVICE_REQ, sink, call), Status::success);
  put(device.ends.async, {MessageType::async_service_request, 0x40});
  EXPECT_TRUE(sink.wait_for(1));
  put(device.ends.async, {MessageType::async_status_response, 0x40});
  EXPECT_EQ(polling.get(), Status::success);
  ASSERT_EQ(device.channel->disable_event(VI_EVENT_SERVICE_REQ, call), Status::success);
}

TEST(HislipServiceRequests, CannotBeEnabledOnALostConnection) {
  OpenHislip device;
  device.ends.async.close();
  EXPECT_EQ(query(device), Status::error_conn_lost);
  CountingSink sink;
  Call call(Deadline::after(kLong));
  EXPECT_EQ(device.channel->enable_event(VI_EVENT_SERVICE_REQ, sink, call),
            Status::error_conn_lost);
}

TEST(HislipServiceRequests, AConnectionThatIsLostLeavesAQuietThread) {
  OpenHislip device;
  CountingSink sink;
  Call call(Deadline::after(kLong));
  ASSERT_EQ(device.channel->enable_event(VI_EVENT_SERVICE_REQ, sink, call), Status::success);
  device.ends.async.close();
  EXPECT_EQ(query(device), Status::error_conn_lost);
  EXPECT_EQ(device.channel->disable_event(VI_EVENT_SERVICE_REQ, call), Status::success);
}

}  // namespace
}  // namespace visa::test
