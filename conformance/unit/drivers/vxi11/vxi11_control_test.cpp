// SPDX-License-Identifier: MIT
// Status byte, clear, trigger, remote and local, locks.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <future>
#include <iterator>
#include <string>
#include <vector>

#include "conformance/unit/drivers/support/open_vxi11.h"
#include "lib/spi/facets.h"

namespace visa::test {
namespace {

using spi::RenMode;

Status ren(OpenVxi11& device, RenMode mode) {
  Call call(Deadline::after(kLong));
  return device.channel->facets().remote_local->control_ren(mode, call);
}

Status lock(OpenVxi11& device, Deadline deadline) {
  Call call(deadline);
  return device.channel->facets().remote_lock->lock(spi::RemoteLockKind::exclusive, "", call);
}

Status unlock(OpenVxi11& device) {
  Call call(Deadline::after(kLong));
  return device.channel->facets().remote_lock->unlock(spi::RemoteLockKind::exclusive, call);
}

TEST(Vxi11Control, GenericCallsCarryTheLockTimeoutFirst) {
  OpenVxi11 device;
  Call call(Deadline::after(milliseconds(4321)));
  call.timeout = milliseconds(4321);
  EXPECT_EQ(*device.channel->read_status_byte(call), 0x10);
  EXPECT_EQ(device.channel->clear(call), Status::success);
  EXPECT_EQ(device.channel->trigger(spi::TriggerProtocol{VI_TRIG_PROT_DEFAULT}, call),
            Status::success);
  for (const std::uint32_t procedure : {kReadStb, kClear, kTrigger}) {
    const auto seen = device.instrument.seen(procedure);
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_EQ(seen[0].word(0), FakeInstrument::kLink);
    EXPECT_EQ(seen[0].word(1), 0u);  // flags
    EXPECT_EQ(seen[0].word(2), 0u);  // lock_timeout
    EXPECT_EQ(seen[0].word(3), 4321u);
    EXPECT_EQ(seen[0].arguments.size(), 16u);
  }
}

TEST(Vxi11Control, StatusByteIsItsLowEightBits) {
  OpenVxi11 device;
  device.instrument.next(kReadStb, {.words = {0, 0xFFFFFF50}});
  Call call(Deadline::after(kLong));
  EXPECT_EQ(*device.channel->read_status_byte(call), 0x50);
}

TEST(Vxi11Control, ErrorsOfGenericCallsAreMapped) {
  OpenVxi11 device;
  Call call(Deadline::after(kLong));
  device.instrument.next(kReadStb, {.words = {8, 0}});
  EXPECT_EQ(device.channel->read_status_byte(call).status(), Status::error_nsup_oper);
  device.instrument.next(kReadStb, {.words = {11}});
  EXPECT_EQ(device.channel->read_status_byte(call).status(), Status::error_rsrc_locked);
  device.instrument.next(kClear, {.words = {15}});
  EXPECT_EQ(device.channel->clear(call), Status::error_tmo);
  device.instrument.next(kTrigger, {.words = {17}});
  EXPECT_EQ(device.channel->trigger(spi::TriggerProtocol{VI_TRIG_PROT_DEFAULT}, call),
            Status::error_io);
  device.expect_in_step();
}

TEST(Vxi11Control, OtherTriggerProtocolsDoNotReachTheWire) {  // B.6.39, 6.1.7
  OpenVxi11 device;
  Call call(Deadline::after(kLong));
  for (const int protocol : {VI_TRIG_PROT_ON, VI_TRIG_PROT_OFF, VI_TRIG_PROT_SYNC, 4711}) {
    EXPECT_EQ(device.channel->trigger(static_cast<spi::TriggerProtocol>(protocol), call),
              Status::error_inv_prot);
  }
  EXPECT_EQ(device.instrument.count(kTrigger), 0u);
}

TEST(Vxi11Control, RemoteAndLocalAreTheAddressedModesAlone) {  // 6.5.6
  OpenVxi11 device;
  EXPECT_EQ(ren(device, RenMode::assert_address), Status::success);
  EXPECT_EQ(ren(device, RenMode::assert_address_llo), Status::success);
  EXPECT_EQ(device.instrument.count(kRemote), 2u);
  EXPECT_EQ(ren(device, RenMode::deassert_gtl), Status::success);
  EXPECT_EQ(ren(device, RenMode::address_gtl), Status::success);
  EXPECT_EQ(device.instrument.count(kLocal), 2u);
  for (const RenMode mode : {RenMode::deassert, RenMode::assert_ren, RenMode::assert_llo}) {
    EXPECT_EQ(ren(device, mode), Status::error_inv_mode);
  }
  EXPECT_EQ(device.instrument.count(kRemote) + device.instrument.count(kLocal), 4u);
}

Result<spi::DeviceAnswer> docmd(OpenVxi11& device, std::uint32_t number, std::uint32_t item,
                                const std::vector<std::byte>& data) {
  Call call(Deadline::after(milliseconds(4321)));
  call.timeout = milliseconds(4321);
  return device.channel->facets().commands->device_command(number, item, data, call);
}

TEST(Vxi11Commands, ArgumentsAreThoseOfDeviceDocmd) {  // B.6.14
  OpenVxi11 device;
  device.instrument.next(kDocmd, {.words = {0}, .data = std::string("\0\1", 2)});
  const auto answer = docmd(device, 0x020001, 2, {std::byte{0}, std::byte{3}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->size, 2u);
  EXPECT_EQ(answer->bytes[1], std::byte{1});
  const auto seen = device.instrument.seen(kDocmd);
  ASSERT_EQ(seen.size(), 1u);
  const std::uint32_t words[] = {FakeInstrument::kLink, 0, 4321, 0, 0x020001, 1, 2};
  for (std::size_t i = 0; i < std::size(words); ++i) EXPECT_EQ(seen[0].word(i), words[i]) << i;
  EXPECT_EQ(seen[0].opaque(7), std::string("\0\3", 2));
}

TEST(Vxi11Commands, AnyLengthOfAnAnswerIsTaken) {
  OpenVxi11 device;
  for (const std::size_t size : {0u, 1u, 4u, 5u, 8u, 9u, 128u, 70000u}) {
    device.instrument.next(kDocmd, {.words = {0}, .data = std::string(size, 'x')});
    const auto answer = docmd(device, 0x020000, 1, {std::byte{0x3F}});
    ASSERT_TRUE(answer) << size;
    EXPECT_EQ(answer->size, std::min<std::size_t>(size, 8));
  }
  device.instrument.next(kDocmd, {.words = {0}, .data = "x", .length = 0xFFFFFFFF});
  EXPECT_EQ(docmd(device, 0x020000, 1, {})->size, 4u) << "no more than what came";
  device.expect_in_step();
}

TEST(Vxi11Commands, ErrorsAreMappedAndTooMuchIsNotSent) {
  OpenVxi11 device;
  device.instrument.next(kDocmd, {.words = {8, 0}});
  EXPECT_EQ(docmd(device, 0x020000, 1, {}).status(), Status::error_nsup_oper);
  device.instrument.next(kDocmd, {.words = {5, 0}});
  EXPECT_EQ(docmd(device, 0x020001, 2, {}).status(), Status::error_io);
  device.instrument.next(kDocmd, {.words = {0}});
  EXPECT_EQ(docmd(device, 0x020001, 2, {}).status(), Status::error_io) << "cut short";
  EXPECT_EQ(docmd(device, 0x020000, 1, std::vector<std::byte>(129)).status(),
            Status::error_inv_length);
  EXPECT_EQ(device.instrument.count(kDocmd), 3u);
  device.expect_in_step();
}

TEST(Vxi11Lock, WaitsAtTheInstrumentForTheTimeOfTheCall) {  // pain 28
  OpenVxi11 device;
  EXPECT_EQ(lock(device, Deadline::after(milliseconds(5000))), Status::success);
  const auto seen = device.instrument.seen(kLock);
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].word(0), FakeInstrument::kLink);
  EXPECT_EQ(seen[0].word(1), 0x01u);  // waitlock
  EXPECT_GT(seen[0].word(2), 4900u);
  EXPECT_LE(seen[0].word(2), 5000u);
  EXPECT_EQ(unlock(device), Status::success);
  EXPECT_EQ(device.instrument.seen(kUnlock).at(0).word(0), FakeInstrument::kLink);
}

TEST(Vxi11Lock, WithoutTimeAsksOnceAndDoesNotWait) {  // 3.6.23
  OpenVxi11 device;
  device.instrument.next(kLock, {.words = {11}});
  EXPECT_EQ(lock(device, Deadline::immediate()), Status::error_rsrc_locked);
  const auto seen = device.instrument.seen(kLock);
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].word(1), 0u);
  EXPECT_EQ(seen[0].word(2), 0u);
  EXPECT_EQ(lock(device, Deadline::immediate()), Status::success);
}

TEST(Vxi11Lock, InstrumentThatDoesNotWaitIsAskedUntilTheTimeIsUp) {  // 3.6.22
  OpenVxi11 device;
  device.instrument.always(kLock, {.words = {11}});
  Status status = Status::success;
  EXPECT_GE(time_of([&] { status = lock(device, Deadline::after(milliseconds(200))); }),
            milliseconds(200));
  EXPECT_EQ(status, Status::error_tmo);
  EXPECT_LT(device.instrument.count(kLock), 30u);
  device.instrument.next(kLock, {.words = {11}});
  device.instrument.always(kLock, {.words = {0}});
  EXPECT_EQ(lock(device, Deadline::after(kLong)), Status::success);
}

TEST(Vxi11Lock, SilentInstrumentIsATimeoutAtTheDeadline) {
  OpenVxi11 device;
  device.instrument.next(kLock, {.hold = true});
  Status status = Status::success;
  const milliseconds took =
      time_of([&] { status = lock(device, Deadline::after(milliseconds(200))); });
  EXPECT_EQ(status, Status::error_tmo);
  EXPECT_GE(took, milliseconds(200));
  EXPECT_LE(took, kPatience);
  device.expect_in_step();
}

TEST(Vxi11Lock, LockThatIsGrantedTooLateIsGivenBack) {
  OpenVxi11 device;
  device.instrument.next(kLock, {.words = {0}, .stalls_at = 10});
  EXPECT_EQ(lock(device, Deadline::after(milliseconds(100))), Status::error_tmo);
  device.instrument.finish_stalled();
  device.expect_in_step();
  EXPECT_EQ(device.instrument.count(kUnlock), 1u);
}

TEST(Vxi11Lock, CancelEndsTheWait) {
  OpenVxi11 device;
  device.instrument.next(kLock, {.hold = true});
  Call call(Deadline::infinite());
  auto waiting = std::async(std::launch::async, [&] {
    return device.channel->facets().remote_lock->lock(spi::RemoteLockKind::exclusive, "", call);
  });
  ASSERT_TRUE(device.instrument.wait_for(kLock));
  call.cancel();
  device.channel->wake();
  EXPECT_EQ(waiting.get(), Status::error_abort);
  device.expect_in_step();
}

TEST(Vxi11Lock, InstrumentWithoutLocksGrantsThemAll) {
  for (const Answer& answer : {Answer{.words = {8}}, Answer{.accept_status = 3}}) {
    OpenVxi11 device;
    device.instrument.always(kLock, answer);
    EXPECT_EQ(lock(device, Deadline::after(kLong)), Status::success);
    EXPECT_EQ(unlock(device), Status::success);
    EXPECT_EQ(lock(device, Deadline::immediate()), Status::success);
    EXPECT_EQ(device.instrument.count(kLock), 1u);
    EXPECT_EQ(device.instrument.count(kUnlock), 0u);
  }
}

TEST(Vxi11Lock, LockThatHasGoneAlreadyIsUnlocked) {
  OpenVxi11 device;
  device.instrument.next(kUnlock, {.words = {12}});
  EXPECT_EQ(unlock(device), Status::success);
  device.instrument.next(kUnlock, {.words = {17}});
  EXPECT_EQ(unlock(device), Status::error_io);
}

TEST(Vxi11Lock, OtherErrorsAreTold) {
  OpenVxi11 device;
  device.instrument.next(kLock, {.words = {4}});
  EXPECT_EQ(lock(device, Deadline::after(kLong)), Status::error_io);
  device.instrument.next(kLock, {.words = {9}});
  EXPECT_EQ(lock(device, Deadline::after(kLong)), Status::error_alloc);
}

}  // namespace
}  // namespace visa::test
