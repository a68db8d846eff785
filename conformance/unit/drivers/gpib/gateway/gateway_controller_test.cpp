// SPDX-License-Identifier: MIT
// A board over a gateway: which link does what, and what is asked of the interface.
#include "drivers/gpib/gateway/gateway_controller.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "conformance/unit/drivers/support/fake_gateway.h"
#include "conformance/unit/support/patience.h"

namespace visa::drivers::gpib::gateway {
namespace {

using test::FakeGateway;
using test::kPatience;
using namespace std::chrono_literals;

class GatewayTest : public testing::Test {
 protected:
  GatewayTest() {
    for (const char* name : {"gpib0", "gpib0,5", "gpib0,6", "gpib0,7,0"}) wire.devices[name];
  }
  ~GatewayTest() override { board.close(call); }
  Status attach(const Address& address) { return board.attach(address, call); }
  spi::WriteResult write(const Address& to, std::string_view text) {
    return board.write(to, std::as_bytes(std::span(text.data(), text.size())), spi::WriteEnd::end,
                       {}, call);
  }
  std::string read(const Address& from) {
    std::vector<std::byte> room(100);
    const auto got = board.read(from, room, {}, {}, call);
    reason = got.reason;
    return {reinterpret_cast<const char*>(room.data()), got.count};
  }

  FakeGateway wire;
  GatewayController board{{"host", "gpib0"}, {}, wire};
  Call call{Deadline::after(kPatience)};
  spi::StopReason reason = spi::StopReason::count;
};

TEST_F(GatewayTest, EachDeviceHasALinkAndAQueryIsTwoCalls) {
  ASSERT_EQ(attach({5}), Status::success);
  wire.devices["gpib0,5"].answers = {"ACME\n"};
  EXPECT_EQ(write({5}, "*IDN?").count, 5u);
  EXPECT_EQ(read({5}), "ACME\n");
  EXPECT_EQ(reason, spi::StopReason::end);
  EXPECT_EQ(wire.diary(),
            (std::vector<std::string>{"gpib0,5 open", "gpib0,5 write", "gpib0,5 read"}));
  board.detach({5}, call);
  EXPECT_EQ(wire.times("gpib0,5 close"), 1u);
}

TEST_F(GatewayTest, SecondaryAddressesFollowThePrimary) {
  EXPECT_EQ(attach({7, std::uint8_t{0}}), Status::success);
  EXPECT_EQ(wire.diary().front(), "gpib0,7,0 open");
  EXPECT_EQ(attach({9}), Status::error_rsrc_nfound);
}

TEST_F(GatewayTest, ASessionOfTheBoardNeedsTheInterface) {
  EXPECT_EQ(board.attach_board(call), Status::success);
  EXPECT_EQ(wire.diary(), std::vector<std::string>{"gpib0 open"});
  FakeGateway without;
  GatewayController other({"host", "gpib0"}, {}, without);
  EXPECT_EQ(other.attach_board(call), Status::error_rsrc_nfound);
}

TEST_F(GatewayTest, ALinkThatIsLostIsMadeAnewByTheNextOperation) {
  ASSERT_EQ(attach({5}), Status::success);
  wire.devices["gpib0,5"].next = Status::error_conn_lost;
  EXPECT_EQ(write({5}, "x").status, Status::error_conn_lost);
  EXPECT_EQ(write({5}, "x").status, Status::success);
  EXPECT_EQ(wire.times("gpib0,5 open"), 2u);
  EXPECT_EQ(wire.times("gpib0,5 close"), 1u);
}

TEST_F(GatewayTest, OperationsOfADeviceGoByItsLink) {
  ASSERT_EQ(attach({5}), Status::success);
  const Address five{5};
  EXPECT_EQ(board.clear(five, call), Status::success);
  EXPECT_EQ(board.trigger(five, call), Status::success);
  wire.devices["gpib0,5"].status = 0x11;
  EXPECT_EQ(*board.serial_poll(five, call), 0x11);
  EXPECT_EQ(board.control_ren(&five, spi::RenMode::assert_address, call), Status::success);
  EXPECT_EQ(board.control_ren(&five, spi::RenMode::deassert_gtl, call), Status::success);
  for (const char* line : {"clear", "trigger", "poll", "ren 3", "ren 2"}) {
    EXPECT_EQ(wire.times(std::string("gpib0,5 ") + line), 1u) << line;
  }
  EXPECT_EQ(wire.times("gpib0 open"), 0u);
}

TEST_F(GatewayTest, TheRenLineAloneGoesByTheInterface) {
  const Address five{5};
  ASSERT_EQ(attach(five), Status::success);
  EXPECT_EQ(board.control_ren(&five, spi::RenMode::deassert, call), Status::success);
  EXPECT_EQ(board.control_ren(nullptr, spi::RenMode::assert_llo, call), Status::success);
  EXPECT_EQ(board.control_ren(nullptr, spi::RenMode::assert_address, call), Status::error_inv_mode);
  EXPECT_EQ(wire.times("gpib0 cmd 20003 0000"), 1u);
  EXPECT_EQ(wire.times("gpib0 cmd 20003 0001"), 1u);
  EXPECT_EQ(wire.times("gpib0 cmd 20000 11"), 1u);
}

TEST_F(GatewayTest, TheBusIsUsedByCommandsOfTheInterface) {
  const std::vector<std::byte> commands(300, std::byte{0x3F});
  EXPECT_EQ(board.command(commands, call).count, 300u);
  EXPECT_EQ(board.send({commands.data(), 3}, true, call).count, 3u);
  EXPECT_EQ(board.send({commands.data(), 3}, false, call).count, 3u);
  wire.devices["gpib0"].answers = {"data"};
  std::vector<std::byte> room(9);
  EXPECT_EQ(board.receive(room, {}, call).count, 4u);
  EXPECT_EQ(board.send_ifc(call), Status::success);
  EXPECT_EQ(board.control_atn(AtnMode::assert_atn, call), Status::success);
  EXPECT_EQ(board.control_atn(AtnMode::deassert, call), Status::success);
  EXPECT_EQ(board.control_atn(AtnMode::assert_immediate, call), Status::error_nsup_mode);
  EXPECT_EQ(board.pass_control({7}, call), Status::success);
  EXPECT_EQ(board.pass_control({7, std::uint8_t{1}}, call), Status::error_nsup_oper);
  EXPECT_EQ(board.trigger_listeners(call), Status::success);
  EXPECT_EQ(board.set_own_address({3}, call), Status::success);
  for (const char* line :
       {"open", "write", "write part", "read", "cmd 20010 ", "cmd 20002 0001", "cmd 20002 0000",
        "cmd 20004 00000007", "trigger", "cmd 2000A 00000003"}) {
    EXPECT_EQ(wire.times(std::string("gpib0 ") + line), 1u) << line;
  }
}

TEST_F(GatewayTest, TheStateIsAskedLineByLineAndUnknownWithoutCommands) {
  wire.lines[2] = 1;
  wire.lines[6] = 1;
  auto state = board.state(call);
  ASSERT_TRUE(state);
  EXPECT_EQ(state->ren, State::asserted);
  EXPECT_EQ(state->srq, State::asserted);
  EXPECT_EQ(state->ndac, State::unasserted);
  EXPECT_EQ(state->addressed, Addressed::talker);
  EXPECT_EQ(state->atn, State::unknown);
  wire.knows_commands = false;
  state = board.state(call);
  ASSERT_TRUE(state);
  EXPECT_EQ(state->ren, State::unknown);
  EXPECT_EQ(board.send_ifc(call), Status::error_nsup_oper);
}

TEST_F(GatewayTest, FindsListenersByTheBusAlone) {
  wire.listeners = {5, 6};
  const auto found = board.find_listeners(call);
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, (std::vector<Address>{{5}, {6}}));
  const auto diary = wire.diary();
  for (const auto& line : diary) EXPECT_EQ(line.find("write"), std::string::npos) << line;
  EXPECT_LT(diary.size(), 220u) << "three calls for each question";
  EXPECT_EQ(board.own_address(), Address{21});
}

/// What the errors of VXI-11 are to later calls (vxi11_error.h).
constexpr Status kLaterErrors[] = {
    Status::error_io,    Status::error_nsup_mech,   Status::error_nsup_oper,
    Status::error_alloc, Status::error_rsrc_locked, Status::error_sesn_nlocked,
    Status::error_tmo,   Status::error_abort,       Status::error_system_error};

TEST_F(GatewayTest, AnErrorOfADeviceIsThatOfTheOperationAndItsLinkStays) {
  const Address five{5};
  ASSERT_EQ(attach(five), Status::success);
  std::vector<std::byte> room(9);
  const std::function<Status()> operations[] = {
      [&] { return write(five, "x").status; },
      [&] { return board.read(five, room, {}, {}, call).status; },
      [&] { return board.serial_poll(five, call).status(); },
      [&] { return board.clear(five, call); },
      [&] { return board.trigger(five, call); },
      [&] { return board.control_ren(&five, spi::RenMode::assert_address, call); },
      [&] { return board.control_ren(&five, spi::RenMode::address_gtl, call); },
      [&] { return board.control_ren(&five, spi::RenMode::deassert_gtl, call); }};
  for (const auto& operate : operations) {
    for (const Status error : kLaterErrors) {
      wire.devices["gpib0,5"].next = error;
      EXPECT_EQ(operate(), error);
      EXPECT_EQ(write(five, "x").status, Status::success);
    }
  }
  EXPECT_EQ(wire.times("gpib0,5 open"), 1u);
}

TEST_F(GatewayTest, AnErrorOfTheInterfaceIsThatOfTheOperationAndItsLinkStays) {
  const std::byte unlisten[] = {std::byte{kUnl}};
  std::vector<std::byte> room(9);
  const std::function<Status()> operations[] = {
      [&] { return board.command(unlisten, call).status; },
      [&] { return board.send(unlisten, true, call).status; },
      [&] { return board.receive(room, {}, call).status; },
      [&] { return board.send_ifc(call); },
      [&] { return board.control_atn(AtnMode::assert_atn, call); },
      [&] { return board.control_ren(nullptr, spi::RenMode::assert_ren, call); },
      [&] { return board.control_ren(nullptr, spi::RenMode::deassert, call); },
      [&] { return board.pass_control({7}, call); },
      [&] { return board.trigger_listeners(call); }};
  for (const auto& operate : operations) {
    for (const Status error : kLaterErrors) {
      wire.devices["gpib0"].next = error;
      EXPECT_EQ(operate(), error);
      EXPECT_EQ(board.send_ifc(call), Status::success);
    }
  }
  EXPECT_EQ(wire.times("gpib0 open"), 1u);
}

// A gateway that does not know a question does not know that state; any other error is one.
TEST_F(GatewayTest, AQuestionForTheBusThatFailsIsUnknownOnlyWhereTheGatewayRefusesIt) {
  for (const Status error : kLaterErrors) {
    const bool refused = error == Status::error_io || error == Status::error_nsup_oper;
    wire.devices["gpib0"].next = error;
    const auto state = board.state(call);
    EXPECT_EQ(state.status(), refused ? Status::success : error);
    if (state) {
      EXPECT_EQ(state->ren, State::unknown);
    }
    if (state) {
      EXPECT_EQ(state->system_controller, State::asserted);
    }
    wire.devices["gpib0"].next = error;
    EXPECT_EQ(board.set_own_address({3}, call), refused ? Status::error_nsup_attr_state : error);
  }
  EXPECT_EQ(board.own_address(), Address{});
}

// The program's name is right; the one that the gateway does not understand was made of it.
TEST_F(GatewayTest, ALinkThatIsRefusedHasAStatusOfViOpen) {
  const struct {
    Status refusal;
    Status status;
  } rows[] = {{Status::error_inv_rsrc_name, Status::error_rsrc_nfound},
              {Status::error_rsrc_nfound, Status::error_rsrc_nfound},
              {Status::error_system_error, Status::error_system_error},
              {Status::error_nsup_oper, Status::error_nsup_oper},
              {Status::error_alloc, Status::error_alloc},
              {Status::error_rsrc_locked, Status::error_rsrc_locked},
              {Status::error_tmo, Status::error_tmo}};
  for (const auto& row : rows) {
    wire.opening = row.refusal;
    EXPECT_EQ(attach({5}), row.status);
    EXPECT_EQ(call.detail, "VXI-11 error");
    wire.opening = row.refusal;
    EXPECT_EQ(board.attach_board(call), row.status);
  }
  EXPECT_EQ(attach({5}), Status::success);
  EXPECT_EQ(board.attach_board(call), Status::success);
}

TEST_F(GatewayTest, ARequestMakesTheBusLookUntilARoundFindsNone) {
  ASSERT_EQ(attach({5}), Status::success);
  ASSERT_EQ(attach({6}), Status::success);
  Call brief(Deadline::after(10ms));
  EXPECT_EQ(board.wait_events(BusEvents::service, brief).status(), Status::error_tmo);
  wire.request("gpib0,5");
  EXPECT_EQ(*board.wait_events(BusEvents::service, call), BusEvents::service);
  wire.devices["gpib0,6"].status = 0x40;  // while SRQ is asserted: no gateway tells
  EXPECT_EQ(*board.serial_poll({5}, call), 0x40);
  EXPECT_EQ(*board.wait_events(BusEvents::service, call), BusEvents::service);
  EXPECT_EQ(*board.serial_poll({6}, call), 0x40);
  EXPECT_EQ(*board.wait_events(BusEvents::service, call), BusEvents::service);
  EXPECT_EQ(*board.serial_poll({5}, call), 0);
  EXPECT_EQ(*board.serial_poll({6}, call), 0);
  Call again(Deadline::after(10ms));
  EXPECT_EQ(board.wait_events(BusEvents::service, again).status(), Status::error_tmo);
  EXPECT_EQ(wire.times("gpib0,5 enable"), 1u);
}

TEST_F(GatewayTest, ALinkMadeDuringTheWaitIsEnabledToo) {
  std::thread other([&] {
    EXPECT_EQ(attach({5}), Status::success);
    const auto limit = std::chrono::steady_clock::now() + kPatience;
    while (wire.times("gpib0,5 enable") == 0 && std::chrono::steady_clock::now() < limit) {
      std::this_thread::yield();
    }
    wire.request("gpib0,5");
  });
  Call waiting(Deadline::after(kPatience));
  EXPECT_EQ(*board.wait_events(BusEvents::service, waiting), BusEvents::service);
  other.join();
  board.detach({5}, call);
  EXPECT_EQ(wire.times("gpib0,5 disable"), 1u);
}

TEST_F(GatewayTest, WithoutInterruptsTheLineIsAskedFor) {
  wire.devices["gpib0,5"].enabling = Status::error_nsup_mech;
  ASSERT_EQ(attach({5}), Status::success);
  wire.lines[2] = 1;
  EXPECT_EQ(*board.wait_events(BusEvents::service, call), BusEvents::service);
  wire.with([](FakeGateway& gateway) { gateway.knows_commands = false; });
  EXPECT_EQ(board.wait_events(BusEvents::service, call).status(), Status::error_nsup_oper);
}

TEST_F(GatewayTest, WithoutADeviceTheLineIsAskedFor) {
  wire.lines[2] = 1;
  EXPECT_EQ(*board.wait_events(BusEvents::service, call), BusEvents::service);
}

TEST_F(GatewayTest, ACancelEndsTheWait) {
  Call waiting(Deadline::infinite());
  std::thread other([&] {
    waiting.cancel();
    board.wake();
  });
  EXPECT_EQ(board.wait_events(BusEvents::service, waiting).status(), Status::error_abort);
  other.join();
}

}  // namespace
}  // namespace visa::drivers::gpib::gateway
