// SPDX-License-Identifier: MIT
// The command bytes of each operation, and when a device is not addressed again.
#include "drivers/gpib/command_controller.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

#include "conformance/unit/drivers/support/fake_board.h"

namespace visa::drivers::gpib {
namespace {

constexpr Address kDmm{5};
constexpr Address kScope{9, 2};

std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

class CommandControllerTest : public testing::Test {
 protected:
  CommandControllerTest() {
    board_.devices[kDmm];
    board_.devices[kScope];
  }

  Status write(const Address& to, std::string_view text, spi::WriteEnd end = spi::WriteEnd::end,
               const AddressRule& rule = {}) {
    return board_.write(to, bytes(text), end, rule, call_).status;
  }

  spi::ReadResult read(const Address& from, std::size_t most, const spi::EndRule& rule = {},
                       const AddressRule& addressing = {}) {
    answer_.assign(most, '?');
    const auto result =
        board_.read(from, std::as_writable_bytes(std::span(answer_)), rule, addressing, call_);
    answer_.resize(result.count);
    return result;
  }

  FakeDevice& dmm() { return board_.devices[kDmm]; }
  std::string log() { return std::exchange(board_.log, ""); }

  FakeBoard board_;
  Call call_{Deadline::immediate()};
  std::string answer_;
};

TEST_F(CommandControllerTest, AddressesEachTransferOfAQuery) {
  dmm().answers = {"1.5\n"};
  EXPECT_EQ(write(kDmm, "READ?"), Status::success);
  EXPECT_EQ(read(kDmm, 100).reason, spi::StopReason::end);
  EXPECT_EQ(answer_, "1.5\n");
  EXPECT_EQ(log(), "C403F25 W5e C3F2045 R100 ");
}

TEST_F(CommandControllerTest, SendsSecondaryAddressesAfterThePrimary) {
  board_.devices[kScope].answers = {"x"};
  EXPECT_EQ(write(kScope, "Q"), Status::success);
  EXPECT_EQ(read(kScope, 10).count, 1U);
  EXPECT_EQ(log(), "C403F2962 W1e C3F204962 R10 ");
}

TEST_F(CommandControllerTest, ContinuesAnAnswerThatStoppedOnItsCount) {
  dmm().answers = {"0123456789"};
  EXPECT_EQ(read(kDmm, 4).reason, spi::StopReason::count);
  EXPECT_EQ(read(kDmm, 4).reason, spi::StopReason::count);
  EXPECT_EQ(read(kDmm, 4).reason, spi::StopReason::end);
  EXPECT_EQ(answer_, "89");
  EXPECT_EQ(log(), "C3F2045 R4 R4 R4 ");
}

TEST_F(CommandControllerTest, AddressesAgainWhenTheBusWasGivenAwayInBetween) {
  dmm().answers = {"0123456789"};
  EXPECT_EQ(read(kDmm, 4).count, 4U);
  EXPECT_EQ(board_.serial_poll(kScope, call_).status(), Status::success);
  log();
  EXPECT_EQ(read(kDmm, 4).count, 4U);
  EXPECT_EQ(log(), "C3F2045 R4 ");
}

TEST_F(CommandControllerTest, AddressesTheNextAnswerAgainUnlessToldOtherwise) {
  dmm().answers = {"a", "b", "c"};
  EXPECT_EQ(read(kDmm, 4).count, 1U);
  EXPECT_EQ(read(kDmm, 4).count, 1U);
  EXPECT_EQ(read(kDmm, 4, {}, {.readdress = false}).count, 1U);
  EXPECT_EQ(log(), "C3F2045 R4 C3F2045 R4 R4 ");
}

TEST_F(CommandControllerTest, ContinuesAMessageWithoutEnd) {
  EXPECT_EQ(write(kDmm, "AB", spi::WriteEnd::none), Status::success);
  EXPECT_EQ(write(kDmm, "CD"), Status::success);
  EXPECT_EQ(dmm().messages, std::vector<std::string>{"ABCD"});
  EXPECT_EQ(log(), "C403F25 W2 W2e ");
}

TEST_F(CommandControllerTest, GoesOnAfterAReadThatWasGivenUp) {
  EXPECT_EQ(read(kDmm, 4).status, Status::error_tmo);
  dmm().answers = {"late"};
  EXPECT_EQ(read(kDmm, 10).status, Status::success);
  EXPECT_EQ(answer_, "late");
  EXPECT_EQ(log(), "C3F2045 R4 R10 ");
}

TEST_F(CommandControllerTest, UnaddressesAfterATransferWhereWanted) {
  dmm().answers = {"ab"};
  const AddressRule unaddress{.unaddress = true};
  EXPECT_EQ(write(kDmm, "Q", spi::WriteEnd::end, unaddress), Status::success);
  EXPECT_EQ(read(kDmm, 1, {}, unaddress).count, 1U);  // the answer goes on
  EXPECT_EQ(read(kDmm, 9, {}, unaddress).count, 1U);
  EXPECT_EQ(log(), "C403F25 W1e C3F5F C3F2045 R1 R9 C3F5F ");
}

TEST_F(CommandControllerTest, StopsAtTheTerminationCharacterAndReadsOn) {
  dmm().answers = {"one\ntwo\n"};
  const spi::EndRule lines{.termchar_enabled = true};
  EXPECT_EQ(read(kDmm, 100, lines).reason, spi::StopReason::termchar);
  EXPECT_EQ(answer_, "one\n");
  EXPECT_EQ(read(kDmm, 100, lines).reason, spi::StopReason::end);
  EXPECT_EQ(answer_, "two\n");
}

TEST_F(CommandControllerTest, PollsAndEndsThePoll) {
  dmm().status = 0x51;
  const auto status = board_.serial_poll(kDmm, call_);
  ASSERT_TRUE(status.has_value());
  EXPECT_EQ(*status, 0x51);
  EXPECT_EQ(log(), "C3F201845 R1 C195F ");
}

TEST_F(CommandControllerTest, EndsThePollOfADeviceThatDoesNotAnswer) {
  dmm().answers_poll = false;
  EXPECT_EQ(board_.serial_poll(kDmm, call_).status(), Status::error_tmo);
  EXPECT_EQ(log(), "C3F201845 R1 C195F ");
}

// The devices would answer the next read with their status byte.
TEST_F(CommandControllerTest, AnEndOfAPollThatFailedGoesBeforeTheNextCommands) {
  dmm().status = 0x51;
  dmm().answers = {"mine"};
  board_.fails_after = 1;
  EXPECT_EQ(board_.serial_poll(kDmm, call_).status(), Status::error_io);
  EXPECT_EQ(log(), "C3F201845 R1 ");
  EXPECT_EQ(read(kDmm, 10).status, Status::success);
  EXPECT_EQ(answer_, "mine");
  EXPECT_EQ(log(), "C195F C3F2045 R10 ");
  EXPECT_EQ(read(kDmm, 10).status, Status::error_tmo);
  EXPECT_EQ(log(), "C3F2045 R10 ");
}

TEST_F(CommandControllerTest, AnEndOfAPollThatFailedGoesBeforeTheNextPoll) {
  dmm().status = 0x51;
  board_.fails_after = 1;
  EXPECT_EQ(board_.serial_poll(kDmm, call_).status(), Status::error_io);
  log();
  EXPECT_EQ(*board_.serial_poll(kDmm, call_), 0x11);
  EXPECT_EQ(log(), "C195F C3F201845 R1 C195F ");
}

TEST_F(CommandControllerTest, AnInterfaceClearEndsAPoll) {
  dmm().answers = {"mine"};
  board_.fails_after = 1;
  EXPECT_EQ(board_.serial_poll(kDmm, call_).status(), Status::error_io);
  log();
  EXPECT_EQ(board_.send_ifc(call_), Status::success);
  EXPECT_EQ(read(kDmm, 10).status, Status::success);
  EXPECT_EQ(log(), "IFC C3F2045 R10 ");
}

TEST_F(CommandControllerTest, APollWithoutAByteIsNoStatus) {
  dmm().empty_poll = true;
  EXPECT_EQ(board_.serial_poll(kDmm, call_).status(), Status::error_io);
  EXPECT_EQ(call_.detail, "fake board, address 5: a poll without a status byte");
  EXPECT_EQ(log(), "C3F201845 R1 C195F ");
}

TEST_F(CommandControllerTest, ClearsAndTriggersOneDevice) {
  EXPECT_EQ(board_.clear(kDmm, call_), Status::success);
  EXPECT_EQ(board_.trigger(kDmm, call_), Status::success);
  EXPECT_EQ(dmm().clears, 1U);
  EXPECT_EQ(dmm().triggers, 1U);
  EXPECT_EQ(board_.devices[kScope].clears, 0U);
  EXPECT_EQ(log(), "C403F2504 C403F2508 ");
}

TEST_F(CommandControllerTest, ControlsRemoteAndLocalInEachMode) {
  using enum spi::RenMode;
  const std::pair<spi::RenMode, std::string> cases[] = {{deassert, ""},
                                                        {assert_ren, ""},
                                                        {assert_address, "C403F25 "},
                                                        {assert_llo, "C11 "},
                                                        {assert_address_llo, "C403F2511 "},
                                                        {address_gtl, "C403F2501 "},
                                                        {deassert_gtl, "C403F2501 "}};
  for (const auto& [mode, sent] : cases) {
    EXPECT_EQ(board_.control_ren(&kDmm, mode, call_), Status::success);
    EXPECT_EQ(log(), sent);
    EXPECT_EQ(board_.ren, mode != deassert && mode != deassert_gtl);
  }
  EXPECT_EQ(board_.control_ren(nullptr, assert_llo, call_), Status::success);
  EXPECT_EQ(board_.control_ren(nullptr, address_gtl, call_), Status::error_inv_mode);
}

TEST_F(CommandControllerTest, PassesControl) {
  EXPECT_EQ(board_.pass_control(kDmm, call_), Status::success);
  EXPECT_EQ(log(), "C3F4509 ");
  EXPECT_FALSE(board_.atn);
}

TEST_F(CommandControllerTest, AddressesAnewAfterCommandsOfTheProgram) {
  dmm().answers = {"0123456789"};
  EXPECT_EQ(read(kDmm, 4).count, 4U);
  const std::array<std::byte, 1> untalk{std::byte{kUnt}};
  EXPECT_EQ(board_.command(untalk, call_).count, 1U);
  EXPECT_EQ(read(kDmm, 4).count, 4U);
  EXPECT_EQ(log(), "C3F2045 R4 C5F C3F2045 R4 ");
}

TEST_F(CommandControllerTest, ReportsAFailureToAddressAndWorksOn) {
  board_.next_command = Status::error_tmo;
  EXPECT_EQ(write(kDmm, "Q"), Status::error_tmo);
  EXPECT_EQ(write(kDmm, "Q"), Status::success);
  EXPECT_EQ(write(Address{7}, "Q"), Status::error_nlisteners);
  EXPECT_EQ(write(kDmm, "Q"), Status::success);
}

// A cancel that came cannot come again: the bus is left in order in little time.
TEST_F(CommandControllerTest, ACancelledPollIsTidiedInLittleTime) {
  Call call(Deadline::infinite());
  call.cancel();
  EXPECT_EQ(board_.serial_poll(kDmm, call).status(), Status::success);
  EXPECT_FALSE(board_.commands_until.is_infinite());
  Call patient(Deadline::infinite());
  EXPECT_EQ(board_.serial_poll(kDmm, patient).status(), Status::success);
  EXPECT_TRUE(board_.commands_until.is_infinite());
}

}  // namespace
}  // namespace visa::drivers::gpib
