// SPDX-License-Identifier: MIT
// An answer that comes long after its call has given up: every procedure, whatever becomes of the
// abort. Each call until then is VI_ERROR_TMO at its own deadline, as often as it is tried, and
// afterwards the link is in step (pyvisa-py's issues 500 and 172, pyvisa's 367; pain 22).
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "conformance/unit/drivers/support/open_vxi11.h"
#include "lib/spi/facets.h"

namespace visa::test {
namespace {

constexpr milliseconds kTimeout{60};
/// Beyond every grace the link gives an instrument that has taken an abort.
constexpr milliseconds kLate{1600};
/// How late a call may come back on a machine under load.
constexpr milliseconds kSlack{3000};

class NoSink final : public spi::EventSink {
 public:
  void post(spi::EventRecord) override {}
};

Status operate(OpenVxi11& device, std::uint32_t procedure, Call& call) {
  spi::Channel& channel = *device.channel;
  const auto ren = [&](spi::RenMode mode) {
    return channel.facets().remote_local->control_ren(mode, call);
  };
  std::array<std::byte, 100> room;
  static NoSink sink;
  switch (procedure) {
    case kDeviceRead:
      return channel.read(room, {}, call).status;
    case kDeviceWrite:
      return channel.write(bytes("abc"), spi::WriteEnd::end, call).status;
    case kReadStb:
      return channel.read_status_byte(call).status();
    case kClear:
      return channel.clear(call);
    case kTrigger:
      return channel.trigger(spi::TriggerProtocol{VI_TRIG_PROT_DEFAULT}, call);
    case kRemote:
      return ren(spi::RenMode::assert_address);
    case kLocal:
      return ren(spi::RenMode::address_gtl);
    case kLock:
      return channel.facets().remote_lock->lock(spi::RemoteLockKind::exclusive, "", call);
    case kUnlock:
      return channel.facets().remote_lock->unlock(spi::RemoteLockKind::exclusive, call);
    default:  // create_intr_chan, device_enable_srq
      return channel.enable_event(VI_EVENT_SERVICE_REQ, sink, call);
  }
}

/// What the abort channel does.
struct Abort {
  const char* name;
  Answer answer;
  bool absent = false;
  bool obeyed = false;
};

const std::vector<Abort> kAborts = {
    {"Obeyed", {.words = {0}}, false, true},
    {"Ignored", {.words = {0}}},
    {"Refused", {.words = {4}}},
    {"Silent", {.silent = true}},
    {"Late", {.words = {0}, .late = kLate * 2}},
    {"Absent", {}, true},
};

constexpr std::uint32_t kProcedures[] = {kDeviceRead, kDeviceWrite, kReadStb,       kClear,
                                         kTrigger,    kRemote,      kLocal,         kLock,
                                         kUnlock,     kEnableSrq,   kCreateIntrChan};

/// How often the instrument was asked in vain before it was in step again.
int settle(OpenVxi11& device) {
  for (int refused = 0;; ++refused) {
    Call call(Deadline::infinite());
    Status status = Status::success;
    const milliseconds took = time_of([&] {
      call.deadline = Deadline::after(kTimeout);
      status = device.channel->read_status_byte(call).status();
    });
    EXPECT_LT(took, kTimeout + kSlack);
    if (ok(status)) return refused;
    EXPECT_EQ(status, Status::error_tmo) << call.detail;
    EXPECT_GE(took, kTimeout);
    EXPECT_FALSE(call.detail.empty());
    if (status != Status::error_tmo) return refused;
  }
}

void expect_recovery(std::uint32_t procedure, const Abort& abort) {
  SCOPED_TRACE(std::to_string(procedure) + " with an abort that is " + abort.name);
  OpenVxi11 device([&](FakeInstrument& instrument) {
    if (abort.absent) instrument.abort_port = 0;
    instrument.always(kDeviceAbort, abort.answer);
  });
  if (procedure == kUnlock) {
    Call call(Deadline::after(kLong));
    ASSERT_EQ(operate(device, kLock, call), Status::success);
  }
  Answer late{.late = kLate, .abortable = abort.obeyed};
  if (procedure == kDeviceRead) {
    late.words = {0, 4};
    late.data = "the late answer";
  }
  device.instrument.next(procedure, late);
  Call call(Deadline::after(kTimeout));
  call.timeout = kTimeout;
  Status status = Status::success;
  const milliseconds took = time_of([&] { status = operate(device, procedure, call); });
  EXPECT_EQ(status, Status::error_tmo) << call.detail;
  EXPECT_GE(took, kTimeout);
  EXPECT_LT(took, kTimeout + kSlack);
  const int refused = settle(device);
  if (!abort.obeyed) {
    EXPECT_GT(refused, 2);
  }
  if (procedure == kDeviceRead && !abort.obeyed) {
    EXPECT_EQ(device.read(100).data, "the late answer");
  }
  device.expect_in_step("first");
  if (procedure == kLock) {
    EXPECT_FALSE(device.instrument.locked());
  }
  EXPECT_EQ(device.instrument.core_connections(), 1);
  device.expect_in_step("second");
}

class Vxi11LateAnswer : public testing::TestWithParam<Abort> {};

TEST_P(Vxi11LateAnswer, LeavesTheLinkInStepAfterEveryProcedure) {
  std::vector<std::future<void>> all;
  for (const std::uint32_t procedure : kProcedures) {
    all.push_back(std::async(std::launch::async, expect_recovery, procedure, GetParam()));
  }
  for (auto& one : all) one.get();
}

INSTANTIATE_TEST_SUITE_P(Abort, Vxi11LateAnswer, testing::ValuesIn(kAborts),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(Vxi11LateAnswer, WriteDropsALateAnswerThatIsThere) {
  OpenVxi11 device([](FakeInstrument& instrument) { instrument.abort_port = 0; });
  device.instrument.next(kDeviceRead,
                         {.words = {0, 4}, .data = "the late answer", .late = milliseconds(700)});
  EXPECT_EQ(device.read(100, kTimeout).status, Status::error_tmo);
  device.expect_in_step();  // waits for it, and reads something else
}

TEST(Vxi11LateAnswer, LargeOneIsWholeAfterAStatusByte) {
  OpenVxi11 device([](FakeInstrument& instrument) { instrument.abort_port = 0; });
  const std::string large(20'000'000, 'l');  // more than is kept of what nobody had room for
  device.instrument.next(kDeviceRead, {.words = {0, 4}, .data = large, .late = milliseconds(700)});
  EXPECT_EQ(device.read(large.size(), kTimeout).status, Status::error_tmo);
  Call call(Deadline::after(kLong));
  EXPECT_EQ(operate(device, kReadStb, call), Status::success);
  const Reading reading = device.read(large.size());
  EXPECT_EQ(reading.status, Status::success) << reading.detail;
  EXPECT_TRUE(reading.data == large);
}

TEST(Vxi11LateAnswer, AbortThatIsObeyedTooLateEndsNoOtherCall) {
  for (const std::uint32_t procedure : {kReadStb, kDeviceRead, kDeviceWrite, kClear}) {
    OpenVxi11 device;
    device.instrument.next(kDeviceAbort, {.silent = true});
    device.instrument.next(kDeviceRead, {.words = {0, 4}, .data = "x", .late = milliseconds(700)});
    EXPECT_EQ(device.read(100, kTimeout).status, Status::error_tmo);
    EXPECT_EQ(device.read(100).data, "x");
    device.instrument.next(procedure, {.words = {23, 0}, .data = ""});
    device.instrument.says("y");
    Call call(Deadline::after(kLong));
    EXPECT_EQ(operate(device, procedure, call), Status::success) << procedure << call.detail;
    EXPECT_EQ(device.instrument.count(procedure), procedure == kDeviceRead ? 3u : 2u);
    // The next one is not expected any more.
    device.instrument.next(kReadStb, {.words = {23}});
    EXPECT_EQ(operate(device, kReadStb, call), Status::error_abort);
  }
}

TEST(Vxi11LateAnswer, LockGrantedTooLateIsGivenBackThoughNobodyCalls) {
  OpenVxi11 device([](FakeInstrument& instrument) { instrument.abort_port = 0; });
  device.instrument.next(kLock, {.late = milliseconds(700)});
  Call call(Deadline::after(kTimeout));
  EXPECT_EQ(operate(device, kLock, call), Status::error_tmo);
  EXPECT_TRUE(device.instrument.wait_for(kUnlock));
  device.expect_in_step();
  EXPECT_FALSE(device.instrument.locked());
  // And the session can lock like any other.
  Call again(Deadline::after(kLong));
  EXPECT_EQ(operate(device, kLock, again), Status::success);
  EXPECT_TRUE(device.instrument.locked());
}

// Other calls may enter before the thread that waits for the lock: then it has nothing to wait for,
// least of all, without a deadline, for what those calls are owed.
TEST(Vxi11LateAnswer, WatchForALateLockWaitsForNoOtherAnswer) {
  for (int attempt = 0; attempt < 4; ++attempt) {  // one of them enters first in nearly all
    OpenVxi11 device([](FakeInstrument& instrument) { instrument.abort_port = 0; });
    device.instrument.next(kLock, {.late = milliseconds(120)});
    device.instrument.always(kReadStb, {.silent = true});
    Call call(Deadline::after(kTimeout));
    auto locking = std::async(std::launch::async, [&] { return operate(device, kLock, call); });
    ASSERT_TRUE(device.instrument.wait_for(kLock));
    std::vector<std::future<Status>> others;
    for (int i = 0; i < 4; ++i) {
      others.push_back(std::async(std::launch::async, [&] {
        Call other(Deadline::after(milliseconds(250)));
        return operate(device, kReadStb, other);
      }));
    }
    const Status locked = locking.get();
    for (auto& one : others) EXPECT_EQ(one.get(), Status::error_tmo);
    if (ok(locked)) continue;  // this computer was later than the answer
    EXPECT_EQ(locked, Status::error_tmo);
    if (device.instrument.count(kReadStb) == 0) continue;  // the watch was first
    Call next(Deadline::after(kTimeout));
    EXPECT_EQ(operate(device, kTrigger, next), Status::error_tmo);
    EXPECT_NE(next.detail.find("has not answered an earlier call"), std::string::npos)
        << next.detail;
    EXPECT_FALSE(device.instrument.locked());
  }
}

TEST(Vxi11LateAnswer, LateLockOfACancelledCallIsGivenBack) {  // viTerminate
  OpenVxi11 device([](FakeInstrument& instrument) { instrument.abort_port = 0; });
  device.instrument.next(kLock, {.late = milliseconds(900)});
  Call call(Deadline::infinite());
  auto waiting = std::async(std::launch::async, [&] { return operate(device, kLock, call); });
  ASSERT_TRUE(device.instrument.wait_for(kLock));
  call.cancel();
  device.channel->wake();
  EXPECT_EQ(waiting.get(), Status::error_abort);
  EXPECT_TRUE(device.instrument.wait_for(kUnlock));
}

TEST(Vxi11LateAnswer, CloseDoesNotWaitForALockThatIsOwed) {
  OpenVxi11 device([](FakeInstrument& instrument) { instrument.abort_port = 0; });
  device.instrument.next(kLock, {.late = milliseconds(4000)});
  Call call(Deadline::after(kTimeout));
  EXPECT_EQ(operate(device, kLock, call), Status::error_tmo);
  EXPECT_LT(time_of([&] { device.close(); }), milliseconds(2000));
}

TEST(Vxi11LateAnswer, OpenThatIsAnsweredTooLateLeavesNoConnection) {  // and so no link
  FakeInstrument instrument;
  instrument.next(kCreateLink, {.late = milliseconds(700)});
  Call call(Deadline::after(kTimeout));
  const auto opened = open_vxi11(vxi11_name("127.0.0.1"), call,
                                 {{"core_port", std::int64_t{instrument.core_port()}}});
  EXPECT_EQ(opened.status(), Status::error_tmo);
  EXPECT_TRUE(instrument.wait_until_closed());
}

/// An instrument that says `begin` to the first call after create_link and then `flood` for ever,
/// as fast as it is taken.
class Flood {
 public:
  Flood(std::string begin, std::string flood)
      : thread_([this, begin = std::move(begin), flood = std::move(flood)] {
          const PeerEnd peer = server_.accept();
          const auto number = [](const std::string& bytes) {
            std::uint32_t value = 0;
            for (const char one : bytes) value = value << 8 | static_cast<unsigned char>(one);
            return value;
          };
          const auto call = [&] {  // its xid
            const std::uint32_t size = number(peer.receive(4)) & 0x7FFFFFFF;
            return number(peer.receive(size).substr(0, 4));
          };
          peer.send(record_of({.words = {0, 0, 0, 4096}}, call()));
          const std::uint32_t xid = call();
          if (!begin.empty())
            peer.send(wire_word(static_cast<std::uint32_t>(4 + begin.size())) + wire_word(xid) +
                      begin);
          while (peer.send(flood)) {
          }
        }) {}
  ~Flood() { thread_.join(); }
  std::uint16_t port() const { return server_.port(); }

 private:
  LoopbackServer server_;
  std::thread thread_;
};

std::string many(const std::string& piece) {
  std::string all;
  while (all.size() < 60'000) all += piece;
  return all;
}

// Small pieces that never end do not move a deadline.
TEST(Vxi11LateAnswer, FloodOfSmallPiecesDoesNotMoveTheDeadline) {
  const std::string read_reply = wire_words({1, 0, 0, 0, 0, 0, 0, 0xFFFFFFFF});
  struct Kind {
    const char* name;
    std::string begin;
    std::string flood;
  };
  const Kind kinds[] = {
      {"fragments without bytes", "", many(wire_word(0))},
      {"replies to nobody", "", many(record_of({.words = {0, 0}}, 4711))},
      {"data byte by byte", read_reply, many(wire_word(1) + "x")},
  };
  for (const Kind& kind : kinds) {
    for (const std::uint32_t procedure : {kDeviceRead, kDeviceWrite, kReadStb, kClear, kTrigger}) {
      if (procedure != kDeviceRead && !kind.begin.empty()) continue;
      SCOPED_TRACE(std::string(kind.name) + " instead of " + std::to_string(procedure));
      Flood flood(kind.begin, kind.flood);
      Call opening(Deadline::after(kLong));
      auto opened =
          open_vxi11(vxi11_name("127.0.0.1"), opening, {{"core_port", std::int64_t{flood.port()}}});
      ASSERT_TRUE(opened) << opening.detail;
      spi::Channel& channel = **opened;
      std::vector<std::byte> room(procedure == kDeviceRead && !kind.begin.empty() ? 10 : 100);
      for (int i = 0; i < 4; ++i) {
        Call call(Deadline::after(kTimeout));
        Status status = Status::success;
        spi::EndRule rule;
        rule.termchar_enabled = i % 2 == 0;
        const milliseconds took = time_of([&] {
          switch (procedure) {
            case kDeviceRead:
              status = channel.read(room, rule, call).status;
              break;
            case kDeviceWrite:
              status = channel.write(bytes("abc"), spi::WriteEnd::end, call).status;
              break;
            case kReadStb:
              status = channel.read_status_byte(call).status();
              break;
            case kClear:
              status = channel.clear(call);
              break;
            default:
              status = channel.trigger(spi::TriggerProtocol{VI_TRIG_PROT_DEFAULT}, call);
          }
        });
        EXPECT_LT(took, kTimeout + kSlack);
        // Ten bytes of what is longer than that are there; 64 MiB never are in that time.
        EXPECT_EQ(status, i == 0 && !kind.begin.empty() ? Status::success : Status::error_tmo);
        if (!kind.begin.empty()) room.resize(std::size_t{1} << 26);
      }
      Call closing(Deadline::after(kLong));
      EXPECT_LT(time_of([&] { channel.close(closing); }), milliseconds(3000));
    }
  }
}

}  // namespace
}  // namespace visa::test
