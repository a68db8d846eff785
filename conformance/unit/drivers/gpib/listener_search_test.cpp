// SPDX-License-Identifier: MIT
// Devices that listen, found by NDAC alone.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "conformance/unit/drivers/support/fake_board.h"

namespace visa::drivers::gpib {
namespace {

constexpr Address kDmm{5};
constexpr Address kScope{9, 2};
using Found = std::vector<Address>;

/// Answers the first `good` calls of state() as FakeBoard does, every later one with `failure`.
class FailingBoard final : public FakeBoard {
 public:
  unsigned good = 1000;
  Status failure = Status::error_io;
  Result<BusState> state(Call& call) override {
    if (good == 0) return failure;
    --good;
    return FakeBoard::state(call);
  }
};

class ListenerSearchTest : public testing::Test {
 protected:
  ListenerSearchTest() {
    board.devices[kDmm];
    board.devices[kScope];
  }
  FailingBoard board;
  Call call{Deadline::infinite()};
};

TEST_F(ListenerSearchTest, FindsDevicesWithAndWithoutSecondaryAddresses) {
  const auto found = board.find_listeners(call);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(*found, (Found{kDmm, kScope}));
}

TEST_F(ListenerSearchTest, WritesNothingAndLeavesNobodyAddressed) {
  EXPECT_TRUE(board.find_listeners(call).has_value());
  EXPECT_EQ(board.log.find('W'), std::string::npos) << board.log;
  EXPECT_EQ(board.log.find('R'), std::string::npos) << board.log;
  EXPECT_TRUE(board.log.ends_with("C3F5F ")) << board.log;
  EXPECT_TRUE(board.devices[kDmm].received.empty());
}

TEST_F(ListenerSearchTest, DoesNotTakeTheBoardForADevice) {
  board.devices.clear();
  board.devices[Address{0}];
  EXPECT_EQ(*board.find_listeners(call), Found{});
}

TEST_F(ListenerSearchTest, FindsNothingOnAnEmptyBus) {
  board.devices.clear();
  EXPECT_EQ(*board.find_listeners(call), Found{});
  EXPECT_TRUE(call.detail.empty()) << call.detail;
}

TEST_F(ListenerSearchTest, FindsNothingWhereOneHoldsNdacUnaddressed) {
  board.holds_ndac = true;
  EXPECT_EQ(*board.find_listeners(call), Found{});
  EXPECT_NE(call.detail.find("NDAC"), std::string::npos) << call.detail;
}

TEST_F(ListenerSearchTest, IsNotOfferedWhereNdacCannotBeRead) {
  board.reads_ndac = false;
  EXPECT_EQ(board.find_listeners(call).status(), Status::error_nsup_oper);
}

TEST_F(ListenerSearchTest, ReturnsAtTheDeadlineWhatItHas) {
  Call late(Deadline::immediate());
  const auto found = board.find_listeners(late);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(*found, Found{});
  EXPECT_TRUE(board.log.ends_with("C3F5F ")) << board.log;
}

TEST_F(ListenerSearchTest, AFailureInTheMiddleIsOne) {
  board.good = 8;
  EXPECT_EQ(board.find_listeners(call).status(), Status::error_io);
  board.good = 1000;
  board.next_command = Status::error_conn_lost;
  EXPECT_EQ(board.find_listeners(call).status(), Status::error_conn_lost);
}

// What was addressed before a search is not after it.
TEST_F(ListenerSearchTest, TheNextTransferAddressesAnew) {
  board.devices[kDmm].answers = {"a"};
  std::string answer(1, '?');
  const auto read = [&] {
    return board.read(kDmm, std::as_writable_bytes(std::span(answer)), {}, {}, call).status;
  };
  EXPECT_EQ(read(), Status::success);
  EXPECT_TRUE(board.find_listeners(call).has_value());
  board.devices[kDmm].answers = {"b"};
  board.log.clear();
  const AddressRule keep{.readdress = false};
  EXPECT_EQ(board.read(kDmm, std::as_writable_bytes(std::span(answer)), {}, keep, call).status,
            Status::success);
  EXPECT_TRUE(board.log.starts_with("C")) << board.log;
  EXPECT_EQ(answer, "b");
}

}  // namespace
}  // namespace visa::drivers::gpib
