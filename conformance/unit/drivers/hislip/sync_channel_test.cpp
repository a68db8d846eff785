// SPDX-License-Identifier: MIT
// What an instrument or a program may do to the synchronous connection: messages that come in
// pieces, late, wrong or without end, and calls that end in the middle of one.
#include "drivers/hislip/sync_channel.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <atomic>
#include <future>
#include <thread>

#include "conformance/unit/drivers/support/open_hislip.h"
#include "conformance/unit/support/ended_thread.h"

namespace visa::test {
namespace {

TEST(SyncChannel, UnknownVendorAndReservedMessagesAreSkipped) {
  OpenHislip device({.reserved = "payload where none is expected"});
  const std::uint32_t id = device.ask();
  put(device.ends.sync, {MessageType{77}, 1, 2, "unknown"});
  put(device.ends.sync, {MessageType{200}, 1, 2, std::string(100000, 'v')});
  put(device.ends.async, {MessageType{201}, 1, 2, std::string(100000, 'v')});
  device.answer(id, "answer\n");
  EXPECT_EQ(device.read().data, "answer\n");
  device.poll();
}

TEST(SyncChannel, ByteAfterByteMakesTheSameAnswer) {
  OpenHislip device;
  const std::uint32_t id = device.ask();
  const std::string all =
      wire({MessageType::data, 0, id, "slow "}) + wire({MessageType::data_end, 0, id, "answer\n"});
  std::thread peer([&] {
    for (const char byte : all) {
      device.ends.sync.send({&byte, 1});
      std::this_thread::yield();
    }
  });
  const Reading answer = device.read();
  peer.join();
  EXPECT_EQ(answer.data, "slow answer\n");
}

TEST(SyncChannel, ATimeoutAnywhereInAMessageLosesNothing) {
  OpenHislip device;
  const std::uint32_t id = device.ask();
  const std::string all = wire({MessageType::data_end, 0, id, "answer\n"});
  for (const std::size_t cut :
       {std::size_t{1}, std::size_t{15}, std::size_t{16}, std::size_t{19}}) {
    device.ends.sync.send(all.substr(0, cut));
    const Reading part = device.read(1024, {}, kShort);
    EXPECT_EQ(part.status, Status::error_tmo);
    device.ends.sync.send(all.substr(cut));
    EXPECT_EQ(part.data + device.read().data, "answer\n") << cut;
  }
}

TEST(SyncChannel, AHostileLengthEndsAtTheDeadlineAndTakesNoMemory) {
  OpenHislip device;
  const std::uint32_t id = device.ask();
  const auto head =
      drivers::hislip::encode({MessageType::data_end, 0, id, std::uint64_t{1} << 63U});
  device.ends.sync.send({reinterpret_cast<const char*>(head.data()), head.size()});
  device.ends.sync.send("abc");
  const Reading part = device.read(1024, {}, kShort);
  EXPECT_EQ(part.status, Status::error_tmo);
  EXPECT_EQ(part.data, "abc");
  device.ask("NEXT?\n");
  EXPECT_EQ(device.read(1024, {}, kShort).status, Status::error_tmo);
}

TEST(SyncChannel, WhatIsNoHislipIsAnErrorEveryTime) {
  OpenHislip device;
  device.ask();
  device.ends.sync.send("HTTP/1.1 400 Bad Request\r\n\r\n");
  for (int i = 0; i < 2; ++i) {
    const Reading answer = device.read();
    EXPECT_EQ(answer.status, Status::error_io);
    EXPECT_NE(answer.detail.find("HiSLIP"), std::string::npos) << answer.detail;
  }
}

TEST(SyncChannel, AnErrorOfTheInstrumentIsToldAndTheSessionGoesOn) {
  OpenHislip device;
  device.ask();
  put(device.ends.sync, {MessageType::error, 4, 0, "too \x01 big"});
  const Reading refused = device.read();
  EXPECT_EQ(refused.status, Status::error_io);
  EXPECT_NE(refused.detail.find("too large"), std::string::npos) << refused.detail;
  EXPECT_NE(refused.detail.find("\"too ? big\""), std::string::npos) << refused.detail;
  const std::uint32_t id = device.ask();
  device.answer(id, "fine\n");
  EXPECT_EQ(device.read().data, "fine\n");
}

TEST(SyncChannel, AFatalErrorEndsTheSessionAndStaysTheReason) {
  OpenHislip device;
  device.ask();
  put(device.ends.sync, {MessageType::fatal_error, 130, 0, "overheated"});
  device.ends.sync.close();
  for (int i = 0; i < 2; ++i) {
    const Reading answer = device.read();
    EXPECT_EQ(answer.status, Status::error_conn_lost);
    EXPECT_NE(answer.detail.find("overheated"), std::string::npos) << answer.detail;
  }
  EXPECT_EQ(device.write("A\n").status, Status::error_conn_lost);
}

TEST(SyncChannel, ADeadPeerIsALostConnectionAfterWhatItSent) {
  OpenHislip device;
  const std::uint32_t id = device.ask();
  device.answer(id, "last", MessageType::data);
  device.ends.sync.close();
  const Reading answer = device.read();
  EXPECT_EQ(answer.status, Status::error_conn_lost);
  EXPECT_EQ(answer.data, "last");
}

TEST(SyncChannel, AWriteIntoAnInstrumentThatSendsAnOldAnswerGetsThrough) {
  OpenHislip device;
  const std::uint32_t id = device.ask();
  const std::string old(std::size_t{8} << 20U, 'o');
  std::thread peer([&] {
    device.answer(id, old);  // takes nothing before all of it is sent
    const Message next = take(device.ends.sync);
    EXPECT_EQ(next.payload.size(), std::size_t{1024} * 1024 - 16);
    for (int i = 0; i < 7; ++i) take(device.ends.sync);
    const Message last = take(device.ends.sync);
    device.answer(last.parameter, "new\n");
  });
  EXPECT_EQ(device.read(10).data, "oooooooooo");
  const auto sent = device.write(std::string(std::size_t{8} << 20U, 'n'));
  EXPECT_EQ(sent.status, Status::success);
  EXPECT_EQ(device.read().data, "new\n");
  peer.join();
}

TEST(SyncChannel, AMessageThatIsNotTakenInTimeIsFinishedLater) {
  OpenHislip device;
  const std::string big(std::size_t{32} << 20U, 'b');
  const auto sent = device.write(big, kShort);
  EXPECT_EQ(sent.status, Status::error_tmo);
  ASSERT_LT(sent.count, big.size());
  std::string got;
  std::thread peer([&] {
    for (;;) {
      const Message message = take(device.ends.sync);
      if (message.type == MessageType::data_end) break;
      got += message.payload;
    }
  });
  EXPECT_EQ(device.write("end").status, Status::success);
  peer.join();
  EXPECT_EQ(got.size(), sent.count) << "what the write said it had sent";
}

TEST(SyncChannel, AReadIsEndedByItsCancelAndTheNextOneWorks) {
  OpenHislip device;
  const std::uint32_t id = device.ask();
  Call call(Deadline::infinite());
  std::string data(10, '\0');
  auto reading = std::async(std::launch::async, [&] {
    return device.channel->read(std::as_writable_bytes(std::span(data)), {}, call).status;
  });
  EXPECT_EQ(reading.wait_for(kShort), std::future_status::timeout);
  call.cancel();
  device.channel->wake();
  EXPECT_EQ(reading.get(), Status::error_abort);
  device.answer(id, "answer\n");
  EXPECT_EQ(device.read().data, "answer\n");
}

// The same bytes over and over, until the client closes or the test ends it.
class Flood {
 public:
  Flood(const PeerEnd& peer, const std::string& bytes) {
    std::string many;
    while (many.size() < 65536) many += bytes;
    peer.send(many);  // there before an operation begins
    thread_ = std::thread([this, &peer, many] {
      while (!stop_ && peer.send(many)) {
      }
    });
  }
  ~Flood() { end(); }
  void end() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
  }

 private:
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

// Runs an operation that a flood must not keep for ever. The session is closed where it does.
template <class Operation>
Status within_patience(OpenHislip& device, Call& call, Operation&& operation) {
  auto done = std::async(std::launch::async, std::forward<Operation>(operation));
  if (done.wait_for(kPatience) != std::future_status::ready) {
    ADD_FAILURE() << "the flood keeps the call";
    call.cancel();
    device.channel->wake();
  }
  return done.get();
}

TEST(SyncChannel, EmptyMessagesWithoutEndEndAtTheDeadline) {
  for (const auto deadline : {Deadline::after(kShort), Deadline::immediate()}) {
    OpenHislip device;
    const std::uint32_t id = device.ask();
    Call call(deadline);
    std::string data(10, '\0');
    Flood flood(device.ends.sync, wire({MessageType::data, 0, id}));
    const Status status = within_patience(device, call, [&] {
      return device.channel->read(std::as_writable_bytes(std::span(data)), {}, call).status;
    });
    EXPECT_EQ(status, Status::error_tmo);
    device.close();
    flood.end();
  }
}

TEST(SyncChannel, TinyMessagesWithoutEndEndAtTheDeadline) {
  OpenHislip device;
  const std::uint32_t id = device.ask();
  Call call(Deadline::after(kShort));
  std::string data(std::size_t{64} << 20U, '\0');
  Flood flood(device.ends.sync, wire({MessageType::data, 0, id, "x"}));
  const Status status = within_patience(device, call, [&] {
    return device.channel->read(std::as_writable_bytes(std::span(data)), {}, call).status;
  });
  EXPECT_EQ(status, Status::error_tmo);
  device.close();
  flood.end();
}

TEST(SyncChannel, AWriteInTinyMessagesEndsAtItsDeadline) {
  OpenHislip device({.limit = 17});  // one byte each
  std::thread peer([&] {
    while (!device.ends.sync.receive(65536).empty()) {
    }
  });
  const std::string big(std::size_t{8} << 20U, 'b');
  const auto sent = device.write(big, kShort);
  EXPECT_EQ(sent.status, Status::error_tmo);
  EXPECT_LT(sent.count, big.size());
  device.close();
  peer.join();
}

TEST(SyncChannel, AnInstrumentThatGoesOnSendingDoesNotKeepTheDeviceClear) {
  OpenHislip device;
  put(device.ends.async, {MessageType::async_device_clear_acknowledge});
  Flood flood(device.ends.sync, wire({MessageType::data, 0, kFirst, "more"}));
  Call call(Deadline::after(kShort));
  EXPECT_EQ(within_patience(device, call, [&] { return device.channel->clear(call); }),
            Status::error_tmo);
  device.close();
  flood.end();
}

TEST(SyncChannel, AnErrorThatCameInPartDoesNotEndTheDeviceClear) {
  OpenHislip device;
  device.ask();
  const std::string error = wire({MessageType::error, 4, 0, "half and half"});
  device.ends.sync.send(error.substr(0, 20));
  EXPECT_EQ(device.read(1024, {}, kShort).status, Status::error_tmo);
  device.ends.sync.send(error.substr(20));
  device.acknowledge_clear();
  EXPECT_EQ(device.clear(), Status::success);
  EXPECT_EQ(take(device.ends.sync).type, MessageType::device_clear_complete);
  device.ask();
  put(device.ends.sync, {MessageType::error, 4, 0, "whole"});
  const Reading refused = device.read();
  EXPECT_NE(refused.detail.find("\"whole\""), std::string::npos) << refused.detail;
}

// The rest of the message would be taken for the begin of the next one.
TEST(SyncChannel, AThreadEndedInTheMiddleOfAMessageEndsTheConnectionForWriters) {
  const std::string big(std::size_t{64} << 20U, 'b');
  // Until the sockets are full, the thread may be between two messages, which is in step: each
  // attempt gives it more time.
  for (int attempt = 0; attempt < 20; ++attempt) {
    OpenHislip device({.features = 1});
    EndedThread writer([&] {
      Call call(Deadline::infinite());
      device.channel->write(std::as_bytes(std::span(big)), spi::WriteEnd::end, call);
    });
    device.ends.sync.receive(100);  // the rest does not fit into the sockets
    ::poll(nullptr, 0, 10 * attempt);
    writer.cancel();
    EXPECT_TRUE(writer.join());
    Call call(Deadline::after(kShort));
    const auto next =
        device.channel->write(std::as_bytes(std::span("next\n")), spi::WriteEnd::end, call);
    if (next.status != Status::error_conn_lost) continue;
    EXPECT_NE(call.detail.find("middle of a message"), std::string::npos) << call.detail;
    return;
  }
  FAIL() << "the thread was never in the middle of a message";
}

TEST(SyncChannel, AThreadEndedBeforeItsMessageLeavesTheSessionInStep) {
  OpenHislip device;
  const std::uint32_t id = device.ask();
  device.answer(id, "1\n");
  EXPECT_EQ(device.read().data, "1\n");
  EndedThread writer([&] {
    ::pthread_cancel(::pthread_self());
    device.write("never sent\n");
  });
  EXPECT_TRUE(writer.join());
  EXPECT_EQ(device.write("next?\n").status, Status::success);
  const Message next = take(device.ends.sync);
  EXPECT_EQ(next.payload, "next?\n");
  EXPECT_EQ(next.parameter, id + 2) << "no id is left out";
  EXPECT_EQ(next.control, 1) << "the answer was delivered, and nothing has said so yet";
  device.answer(next.parameter, "2\n");
  EXPECT_EQ(device.read().data, "2\n");
}

TEST(SyncChannel, AThreadEndedBeforeItsDeviceClearLeavesNoneUnderWay) {
  OpenHislip device;
  EndedThread clearing([&] {
    ::pthread_cancel(::pthread_self());
    device.clear();
  });
  EXPECT_TRUE(clearing.join());
  auto second = std::async(std::launch::async, [&] { return device.clear(milliseconds(5000)); });
  EXPECT_EQ(take(device.ends.async).type, MessageType::async_device_clear);
  device.acknowledge_clear();
  EXPECT_EQ(second.get(), Status::success);
}

TEST(SyncChannel, AFatalErrorReachesAWriterInOverlapMode) {
  OpenHislip device({.features = 1});
  auto reading = std::async(std::launch::async, [&] { return device.read().status; });
  put(device.ends.sync, {MessageType::fatal_error, 0, 0, "the end"});
  spi::WriteResult sent;
  do {  // beside the read that receives it
    sent = device.write("x");
  } while (sent.status == Status::success);
  EXPECT_EQ(sent.status, Status::error_conn_lost);
  EXPECT_EQ(reading.get(), Status::error_conn_lost);
}

}  // namespace
}  // namespace visa::test
