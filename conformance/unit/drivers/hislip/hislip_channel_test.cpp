// SPDX-License-Identifier: MIT
// Messages, ids and flags in synchronized and overlap mode, against an instrument whose every byte
// the test writes.
#include "drivers/hislip/hislip_channel.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "conformance/unit/drivers/support/channel_probe.h"
#include "conformance/unit/drivers/support/open_hislip.h"
#include "lib/model/attribute_table.h"

namespace visa::test {
namespace {

using drivers::hislip::HislipChannel;
using spi::StopReason;

const Greeting kOverlapped{.features = 1};

TEST(HislipChannel, AnswersAQuery) {
  OpenHislip device;
  const std::uint32_t id = device.ask("*IDN?\n");
  EXPECT_EQ(id, kFirst);
  device.answer(id, "ACME,1,2,3\n");
  const Reading answer = device.read();
  EXPECT_EQ(answer.status, Status::success) << answer.detail;
  EXPECT_EQ(answer.reason, StopReason::end);
  EXPECT_EQ(answer.data, "ACME,1,2,3\n");
}

TEST(HislipChannel, IdsGrowByTwoAndTheRmtFlagGoesOutOnceAfterEachAnswer) {
  OpenHislip device;
  device.write("A\n");
  Message message = take(device.ends.sync);
  EXPECT_EQ(message.parameter, kFirst);
  EXPECT_EQ(message.control, 0);
  device.write("B?\n");
  message = take(device.ends.sync);
  EXPECT_EQ(message.parameter, kFirst + 2);
  EXPECT_EQ(message.control, 0);
  device.answer(message.parameter, "1\n");
  EXPECT_EQ(device.read().data, "1\n");
  device.write("C\n");
  message = take(device.ends.sync);
  EXPECT_EQ(message.parameter, kFirst + 4);
  EXPECT_EQ(message.control, 1) << "the program has taken the answer";
  device.write("D\n");
  EXPECT_EQ(take(device.ends.sync).control, 0) << "said already";
}

TEST(HislipChannel, AStatusQueryCarriesTheFlagToo) {
  OpenHislip device;
  const std::uint32_t id = device.ask();
  device.answer(id, "1\n");
  EXPECT_EQ(device.poll().control, 0) << "not read yet";
  EXPECT_EQ(device.read().data, "1\n");
  const Message query = device.poll();
  EXPECT_EQ(query.type, MessageType::async_status_query);
  EXPECT_EQ(query.control, 1);
  EXPECT_EQ(query.parameter, id) << "the last message that was sent";
  EXPECT_EQ(device.poll().control, 0);
}

TEST(HislipChannel, BeforeTheFirstMessageTheLastIdIsTheOneBeforeIt) {
  OpenHislip device;
  EXPECT_EQ(device.poll().parameter, kNone);
}

TEST(HislipChannel, AnAnswerThatCameTooLateDoesNotReachTheNextQuery) {  // pain 22
  OpenHislip device;
  const std::uint32_t late = device.ask("SLOW?\n");
  EXPECT_EQ(device.read(1024, {}, kShort).status, Status::error_tmo);
  const std::uint32_t id = device.ask("FAST?\n");
  device.answer(late, "too late\n");
  device.answer(id, "right\n");
  EXPECT_EQ(device.read().data, "right\n");
}

TEST(HislipChannel, TheRestOfAHalfReadAnswerDoesNotReachTheNextQuery) {
  OpenHislip device;
  const std::uint32_t first = device.ask();
  device.answer(first, "0123456789");
  const Reading part = device.read(4);
  EXPECT_EQ(part.data, "0123");
  EXPECT_EQ(part.reason, StopReason::count);
  const std::uint32_t id = device.ask("NEXT?\n");
  device.answer(id, "next\n");
  EXPECT_EQ(device.read().data, "next\n");
}

TEST(HislipChannel, AnyCountReadsAnAnswerInPieces) {  // pain 24
  OpenHislip device;
  const std::uint32_t id = device.ask();
  device.answer(id, "0123", MessageType::data);
  device.answer(id, "", MessageType::data);
  device.answer(id, "456789");
  EXPECT_EQ(device.read(3).data, "012");
  const Reading middle = device.read(4);
  EXPECT_EQ(middle.data, "3456");
  EXPECT_EQ(middle.reason, StopReason::count);
  const Reading last = device.read(3);
  EXPECT_EQ(last.data, "789");
  EXPECT_EQ(last.reason, StopReason::end) << "count and end at once: the end counts";
}

TEST(HislipChannel, AReadOfNoBytesTakesNothingAndAnEmptyAnswerIsOne) {
  OpenHislip device;
  const std::uint32_t id = device.ask();
  device.answer(id, "");
  EXPECT_EQ(device.read(0).status, Status::success);
  const Reading answer = device.read();
  EXPECT_EQ(answer.status, Status::success);
  EXPECT_EQ(answer.reason, StopReason::end);
  EXPECT_EQ(answer.data, "");
}

TEST(HislipChannel, AForeignDataEndIsDroppedWithWhatCameBeforeIt) {  // 3.1.2, rule 1
  OpenHislip device;
  const std::uint32_t id = device.ask();
  device.answer(id, "begin", MessageType::data);
  device.answer(id - 2, "foreign");
  EXPECT_EQ(device.read(1024, {}, kShort).status, Status::error_tmo);
  device.acknowledge_clear();
  EXPECT_EQ(device.clear(), Status::success);
  EXPECT_EQ(take(device.ends.sync).type, MessageType::device_clear_complete);
  const std::uint32_t next = device.ask();
  EXPECT_EQ(next, kFirst);
  device.answer(next, "right\n");
  EXPECT_EQ(device.read().data, "right\n");
}

TEST(HislipChannel, AForeignDataIsDroppedAndTheRightEndCompletesTheRead) {  // rule 2
  OpenHislip device;
  const std::uint32_t id = device.ask();
  device.answer(id, "begin", MessageType::data);
  device.answer(id + 2, "foreign", MessageType::data);
  device.answer(id, "end\n");
  EXPECT_EQ(device.read().data, "end\n");
}

TEST(HislipChannel, DataWithoutAKnownIdIsTaken) {
  OpenHislip device;
  const std::uint32_t id = device.ask();
  device.answer(0xFFFFFFFF, "abc", MessageType::data);
  device.answer(id, "def\n");
  EXPECT_EQ(device.read().data, "abcdef\n");
}

TEST(HislipChannel, TheLastPartOfASplitMessageIsTheOneThatIsAnswered) {
  OpenHislip device({.limit = 16 + 8});
  EXPECT_EQ(device.write("0123456789abcdefghij").count, 20u);
  const Message first = take(device.ends.sync);
  const Message second = take(device.ends.sync);
  const Message third = take(device.ends.sync);
  EXPECT_EQ(first.type, MessageType::data);
  EXPECT_EQ(first.payload, "01234567");
  EXPECT_EQ(second.payload, "89abcdef");
  EXPECT_EQ(third.type, MessageType::data_end);
  EXPECT_EQ(third.payload, "ghij");
  EXPECT_EQ(third.parameter, kFirst + 4);
  device.answer(first.parameter, "wrong\n");
  device.answer(third.parameter, "right\n");
  EXPECT_EQ(device.read().data, "right\n");
}

TEST(HislipChannel, AWriteWithoutEndIsData) {
  OpenHislip device;
  device.write("abc", kLong, spi::WriteEnd::none);
  EXPECT_EQ(take(device.ends.sync).type, MessageType::data);
  device.write("def");
  EXPECT_EQ(take(device.ends.sync).type, MessageType::data_end);
}

TEST(HislipChannel, ALimitThatLeavesNoRoomForAPayloadIsNotObeyed) {
  for (const std::uint64_t limit : {std::uint64_t{0}, std::uint64_t{16}}) {
    OpenHislip device({.limit = limit});
    EXPECT_EQ(device.write(std::string(2000, 'a')).count, 2000u);
    EXPECT_EQ(take(device.ends.sync).payload.size(), 1024u);
    EXPECT_EQ(take(device.ends.sync).payload.size(), 976u);
  }
}

TEST(HislipChannel, ATerminationCharacterEndsAReadAndTheRestStays) {
  OpenHislip device;
  spi::EndRule lines;
  lines.termchar_enabled = true;
  const std::uint32_t id = device.ask();
  device.answer(id, "one\ntwo\n", MessageType::data);
  device.answer(id, "three\n");
  Reading line = device.read(100, lines);
  EXPECT_EQ(line.data, "one\n");
  EXPECT_EQ(line.reason, StopReason::termchar);
  EXPECT_EQ(device.read(2, lines).data, "tw");
  EXPECT_EQ(device.read(100, lines).data, "o\n");
  line = device.read(100, lines);
  EXPECT_EQ(line.data, "three\n");
  EXPECT_EQ(line.reason, StopReason::end) << "the piece that ends with the message";
}

TEST(HislipChannel, WithEndSuppressedOnlyACountOrATimeEndsTheRead) {
  OpenHislip device;
  spi::EndRule counted;
  counted.suppress_end = true;
  const std::uint32_t id = device.ask();
  device.answer(id, "abc");
  device.answer(id, "def");
  EXPECT_EQ(device.read(6, counted).data, "abcdef");
  const Reading nothing = device.read(6, counted, kShort);
  EXPECT_EQ(nothing.status, Status::error_tmo);
  device.answer(id, "gh");
  const Reading part = device.read(6, counted, kShort);
  EXPECT_EQ(part.status, Status::error_tmo);
  EXPECT_EQ(part.data, "gh") << "what came belongs to the caller";
}

TEST(HislipChannel, AnInterruptedAnswerIsThrownAway) {  // rule 4
  OpenHislip device;
  const std::uint32_t id = device.ask();
  device.answer(id, "begin", MessageType::data);
  put(device.ends.async, {MessageType::async_interrupted, 0, id});
  put(device.ends.sync, {MessageType::interrupted, 0, id});
  device.answer(id, "new\n");
  EXPECT_EQ(device.read().data, "new\n");
  EXPECT_EQ(device.ask("MORE?\n"), id + 2);
}

TEST(HislipChannel, AfterInterruptedNothingIsSentBeforeAsyncInterrupted) {
  OpenHislip device;
  const std::uint32_t id = device.ask();
  put(device.ends.sync, {MessageType::interrupted, 0, id});
  EXPECT_EQ(device.read(1024, {}, kShort).status, Status::error_tmo);
  Call call(Deadline::after(kShort));
  const auto none =
      device.channel->write(std::as_bytes(std::span("A", 1)), spi::WriteEnd::end, call);
  EXPECT_EQ(none.status, Status::error_tmo);
  EXPECT_EQ(none.count, 0u);
  EXPECT_NE(call.detail.find("viClear"), std::string::npos) << call.detail;
  put(device.ends.async, {MessageType::async_interrupted, 0, id});
  EXPECT_EQ(device.ask("B?\n"), id + 2) << "A was never sent and has no id";
}

TEST(HislipChannel, AfterAsyncInterruptedAnswersAreDroppedUntilInterrupted) {
  OpenHislip device;
  const std::uint32_t id = device.ask();
  put(device.ends.async, {MessageType::async_interrupted, 0, id});
  device.poll();  // sees the message before
  device.answer(id, "dropped\n");
  put(device.ends.sync, {MessageType::interrupted, 0, id});
  device.answer(id, "kept\n");
  EXPECT_EQ(device.read().data, "kept\n");
}

TEST(HislipChannel, ATriggerIsAMessageWithAnIdOfItsOwn) {
  OpenHislip device;
  device.ask();
  Call call(Deadline::after(kLong));
  EXPECT_EQ(device.channel->trigger(spi::TriggerProtocol{VI_TRIG_PROT_DEFAULT}, call),
            Status::success);
  const Message trigger = take(device.ends.sync);
  EXPECT_EQ(trigger.type, MessageType::trigger);
  EXPECT_EQ(trigger.parameter, kFirst + 2);
  EXPECT_EQ(trigger.payload, "");
  EXPECT_EQ(device.poll().parameter, kFirst + 2);
  EXPECT_EQ(device.channel->trigger(spi::TriggerProtocol{VI_TRIG_PROT_ON}, call),
            Status::error_inv_prot);
}

TEST(HislipChannel, InOverlapModeAnswersComeInOrderWhateverTheirIds) {
  OpenHislip device(kOverlapped);
  EXPECT_TRUE(device.channel->traits().duplex);
  EXPECT_EQ(number_of(*device.channel, VI_ATTR_TCPIP_HISLIP_OVERLAP_EN), VI_TRUE);
  for (int i = 0; i < 8; ++i) device.ask();
  for (std::uint32_t i = 0; i < 8; ++i) device.answer(kFirst + 2 * i, std::to_string(i) + "\n");
  EXPECT_EQ(device.read(1).data, "0");
  EXPECT_EQ(device.poll().parameter, kNone) << "the first answer is not taken whole";
  EXPECT_EQ(device.read().data, "\n");
  device.ask("LATE?\n");
  for (std::uint32_t i = 1; i < 8; ++i) {
    EXPECT_EQ(device.read().data, std::to_string(i) + "\n");
    EXPECT_EQ(device.poll().parameter, kFirst + 2 * i) << "the last answer that was taken";
  }
}

TEST(HislipChannel, InOverlapModeAReadWaitsWhileAnotherThreadWrites) {
  OpenHislip device(kOverlapped);
  auto reading = std::async(std::launch::async, [&] { return device.read(); });
  EXPECT_EQ(reading.wait_for(kShort), std::future_status::timeout);
  const std::uint32_t id = device.ask();
  device.answer(id, "answer\n");
  EXPECT_EQ(reading.get().data, "answer\n");
}

TEST(HislipChannel, RemoteAndLocalAreTheModesOfTheStandard) {
  OpenHislip device;
  device.ask();
  auto* facet = device.channel->facets().remote_local;
  ASSERT_NE(facet, nullptr);
  for (std::uint8_t mode = 0; mode <= 6; ++mode) {
    put(device.ends.async, {MessageType::async_remote_local_response});
    Call call(Deadline::after(kLong));
    EXPECT_EQ(facet->control_ren(static_cast<spi::RenMode>(mode), call), Status::success);
    const Message control = take(device.ends.async);
    EXPECT_EQ(control.type, MessageType::async_remote_local_control);
    EXPECT_EQ(control.control, mode);
    EXPECT_EQ(control.parameter, kFirst);
  }
  put(device.ends.async, {MessageType::error, 2, 0, "no"});
  Call call(Deadline::after(kLong));
  EXPECT_EQ(facet->control_ren(spi::RenMode::deassert, call), Status::error_nsup_oper);
}

TEST(HislipChannel, BindsExactlyTheAttributesTheTableGivesToTheDriver) {
  std::set<ViAttr> wanted;
  for (const model::Attribute& row : model::attribute_table()) {
    if (row.kinds.contains(model::Kind::tcpip_hislip) && row.home == model::Home::driver) {
      wanted.insert(row.id);
    }
  }
  std::set<ViAttr> bound;
  for (const auto& binding : HislipChannel::bindings()) {
    EXPECT_TRUE(bound.insert(binding.id).second);
    const auto* row = model::find_attribute(binding.id, model::Kind::tcpip_hislip);
    ASSERT_NE(row, nullptr);
    EXPECT_EQ(binding.set != nullptr, model::writable(*row));
  }
  EXPECT_EQ(bound, wanted);
}

TEST(HislipChannel, SaysWhatWasAgreedOn) {
  OpenHislip device({.version = 0x0200});
  EXPECT_EQ(text_of(*device.channel, VI_ATTR_TCPIP_DEVICE_NAME), "hislip0");
  EXPECT_EQ(text_of(*device.channel, VI_ATTR_TCPIP_ADDR), "127.0.0.1");
  EXPECT_EQ(number_of(*device.channel, VI_ATTR_TCPIP_IS_HISLIP), VI_TRUE);
  EXPECT_EQ(number_of(*device.channel, VI_ATTR_TCPIP_HISLIP_VERSION), 0x00200000U);
  EXPECT_EQ(number_of(*device.channel, VI_ATTR_TCPIP_HISLIP_MAX_MESSAGE_KB), 1024U);
  EXPECT_EQ(number_of(*device.channel, VI_ATTR_TCPIP_HISLIP_OVERLAP_EN), VI_FALSE);
  EXPECT_EQ(number_of(*device.channel, VI_ATTR_TCPIP_HISLIP_ENCRYPTION_EN), VI_FALSE);
}

TEST(HislipChannel, TheMessageSizeIsSentAgainWhenItChanges) {
  OpenHislip device;
  EXPECT_EQ(device.ends.size.payload, std::string("\0\0\0\0\0\x10\0\0", 8));
  const auto limit = drivers::hislip::encode_size(16 + 2);
  put(device.ends.async, {MessageType::async_maximum_message_size_response, 0, 0,
                          std::string(reinterpret_cast<const char*>(limit.data()), 8)});
  Call call(Deadline::after(kLong));
  EXPECT_EQ(
      device.channel->set_attribute(VI_ATTR_TCPIP_HISLIP_MAX_MESSAGE_KB, std::uint64_t{2}, call),
      Status::success);
  EXPECT_EQ(take(device.ends.async).payload, std::string("\0\0\0\0\0\0\x08\0", 8));
  EXPECT_EQ(number_of(*device.channel, VI_ATTR_TCPIP_HISLIP_MAX_MESSAGE_KB), 2U);
  device.write("abc");
  EXPECT_EQ(take(device.ends.sync).payload, "ab") << "the instrument's limit is obeyed anew";
}

// A refused size was noted as agreed on.
TEST(HislipChannel, AMessageSizeThatIsRefusedIsNotTaken) {
  OpenHislip device;
  put(device.ends.async, {MessageType::error, 1, 0, "no sizes here"});
  Call call(Deadline::after(kLong));
  EXPECT_EQ(
      device.channel->set_attribute(VI_ATTR_TCPIP_HISLIP_MAX_MESSAGE_KB, std::uint64_t{2}, call),
      Status::error_nsup_attr_state);
  EXPECT_NE(call.detail.find("no sizes here"), std::string::npos) << call.detail;
  EXPECT_EQ(number_of(*device.channel, VI_ATTR_TCPIP_HISLIP_MAX_MESSAGE_KB), 1024U);
}

}  // namespace
}  // namespace visa::test
