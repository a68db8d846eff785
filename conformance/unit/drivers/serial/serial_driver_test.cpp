// SPDX-License-Identifier: MIT
// Opening and sharing: names, settings, initial attributes, other processes, fork.
#include "drivers/serial/serial_driver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>

#include <optional>

#include "conformance/unit/drivers/support/fake_uart.h"
#include "conformance/unit/drivers/support/open_serial.h"
#include "conformance/unit/support/child_process.h"
#include "conformance/unit/support/temp_folder.h"

namespace visa::test {
namespace {

using testing::HasSubstr;

Status open_status(const std::string& path, std::string& detail, const spi::Settings& settings = {},
                   const InitialAttributes& initial = {}) {
  Call call(Deadline::after(kLong));
  auto channel = open_serial(path, call, settings, initial);
  if (channel) (*channel)->close(call);
  detail = call.detail;
  return channel.status();
}

TEST(SerialDriver, OpensEveryNameOfAPortAsOnePort) {
  const PtyMaster master;
  const TempFolder folder;
  ASSERT_EQ(::symlink(master.node().c_str(), folder.file("by-id").c_str()), 0);
  const SerialSession node(master.node());
  const SerialSession link(folder.file("by-id"));
  Call call(Deadline::after(kLong));
  const spi::Settings configured{{"device", folder.file("by-id")}};
  const auto name = *model::parse_resource_name("ASRL7::INSTR");
  auto numbered = drivers::make_serial_driver()->open({name, configured, {}}, call);
  ASSERT_TRUE(numbered) << call.detail;
  EXPECT_EQ(node.set(VI_ATTR_ASRL_BAUD, 57600), Status::success);
  EXPECT_EQ(link.get(VI_ATTR_ASRL_BAUD), 57600) << "line settings are global";
  const auto baud = (*numbered)->get_attribute(VI_ATTR_ASRL_BAUD, call);
  ASSERT_TRUE(baud);
  EXPECT_EQ(model::number(*baud), 57600u);
  (*numbered)->close(call);
}

TEST(SerialDriver, JoiningSessionDoesNotResetThePort) {
  const PtyMaster master;
  const SerialSession first(master.node());
  ASSERT_EQ(first.set(VI_ATTR_ASRL_BAUD, 19200), Status::success);
  const SerialSession second(master.node());
  EXPECT_EQ(second.get(VI_ATTR_ASRL_BAUD), 19200);
  EXPECT_EQ(master.state().c_ospeed, 19200u);
}

// VI_LOAD_CONFIG: the port never has other settings than the configured ones.
TEST(SerialDriver, InitialAttributesCountBeforeThePortIsTouched) {
  FakeUart chip;
  chip.set_lines(0);
  const PtyMaster master;
  const SerialSession port(master.node(), {},
                           {{VI_ATTR_ASRL_STOP_BITS, std::uint64_t{VI_ASRL_STOP_ONE5}},
                            {VI_ATTR_ASRL_DATA_BITS, std::uint64_t{5}},
                            {VI_ATTR_ASRL_BAUD, std::uint64_t{45}},
                            {VI_ATTR_ASRL_DTR_STATE, std::uint64_t{0}},
                            {VI_ATTR_ASRL_BREAK_LEN, std::uint64_t{100}}});
  EXPECT_EQ(chip.state()->c_ospeed, 45u);
  EXPECT_EQ(port.get(VI_ATTR_ASRL_DATA_BITS), 5);
  EXPECT_EQ(port.get(VI_ATTR_ASRL_STOP_BITS), VI_ASRL_STOP_ONE5);
  EXPECT_EQ(port.get(VI_ATTR_ASRL_BREAK_LEN), 100);
  EXPECT_EQ(chip.lines(), TIOCM_RTS);
}

TEST(SerialDriver, InitialAttributeThePortCannotHaveFailsTheOpen) {
  const PtyMaster master;
  const termios2 before = master.state();
  std::string detail;
  EXPECT_EQ(open_status(master.node(), detail, {}, {{VI_ATTR_ASRL_DATA_BITS, std::uint64_t{7}}}),
            Status::error_nsup_attr_state);
  EXPECT_THAT(detail, HasSubstr("7 data bits"));
  EXPECT_EQ(master.state().c_iflag, before.c_iflag) << "the port is as it was";
  EXPECT_EQ(open_status(master.node(), detail), Status::success) << detail;
}

TEST(SerialDriver, WrongSettingsFailTheOpenByName) {
  const PtyMaster master;
  std::string detail;
  const std::pair<std::string, spi::Setting> bad[] = {{"device", std::string("ttyUSB0")},
                                                      {"device", std::int64_t{1}},
                                                      {"keep_lines", std::string("yes")}};
  for (const auto& [key, value] : bad) {
    EXPECT_EQ(open_status(master.node(), detail, {{key, value}}), Status::error_inv_setup);
    EXPECT_THAT(detail, HasSubstr(key));
  }
}

TEST(SerialDriver, WhatIsNoSerialPortIsNotFound) {
  std::string detail;
  EXPECT_EQ(open_status("/dev/null", detail), Status::error_rsrc_nfound);
  EXPECT_THAT(detail, HasSubstr("no serial port"));
  EXPECT_EQ(open_status("/dev/ttyNone", detail), Status::error_rsrc_nfound);
}

TEST(SerialDriver, BytesOfAnEarlierProgramAreNotReadAsAnAnswer) {
  const PtyMaster master;
  SerialSession(master.node()).close();
  master.send("late answer of before\n");
  const SerialSession port(master.node());
  EXPECT_EQ(port.get(VI_ATTR_ASRL_AVAIL_NUM), 0);
  master.send("mine\n");
  EXPECT_EQ(port.read(100, line_rule()).data, "mine\n");
}

// A second process gets an error that names the process which has the port.
TEST(SerialDriver, PortOfAnotherProcessIsBusyAndNamesItsHolder) {
  const PtyMaster master;
  const SerialSession holder(master.node());
  const std::string pid = std::to_string(::getpid());
  EXPECT_EQ(in_child([&] {
              std::string detail;
              if (open_status(master.node(), detail) != Status::error_rsrc_busy) return 1;
              if (detail.find("process " + pid + " (") == std::string::npos) return 2;
              return detail.find(master.node()) == std::string::npos ? 3 : 0;
            }),
            "");
}

TEST(SerialDriver, PortThatAStrangerHasLockedIsBusy) {
  const PtyMaster master;
  const UniqueFd stranger(::open(master.node().c_str(), O_RDWR | O_NOCTTY));
  ASSERT_EQ(::flock(stranger.get(), LOCK_EX | LOCK_NB), 0);
  std::string detail;
  EXPECT_EQ(open_status(master.node(), detail), Status::error_rsrc_busy);
  EXPECT_THAT(detail, HasSubstr("close it there first"));
}

TEST(SerialDriver, KilledProgramLeavesNothingThatKeepsTheNextOneOut) {
  const PtyMaster master;
  int told[2];
  ASSERT_EQ(::pipe(told), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::alarm(60);
    const SerialSession port(master.node());
    [[maybe_unused]] const auto size = ::write(told[1], "x", 1);
    for (;;) ::pause();
  }
  char byte = 0;
  ASSERT_EQ(::read(told[0], &byte, 1), 1);
  std::string detail;
  EXPECT_EQ(open_status(master.node(), detail), Status::error_rsrc_busy);
  ::kill(child, SIGKILL);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_EQ(open_status(master.node(), detail), Status::success) << detail;
  ::close(told[0]);
  ::close(told[1]);
}

TEST(SerialDriver, ClosedPortIsFreeForOthers) {
  const PtyMaster master;
  SerialSession(master.node()).close();
  EXPECT_EQ(in_child([&] {
              std::string detail;
              return open_status(master.node(), detail) == Status::success ? 0 : 1;
            }),
            "");
}

// A child of fork neither disturbs the port nor keeps it after its parent.
TEST(SerialDriver, ChildOfForkHoldsNothing) {
  const PtyMaster master;
  std::optional<SerialSession> port(std::in_place, master.node());
  ASSERT_EQ(port->set(VI_ATTR_ASRL_BAUD, 19200), Status::success);
  int gate[2];
  ASSERT_EQ(::pipe(gate), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {  // lives on until the parent lets it go
    ::alarm(60);
    ::close(gate[1]);
    char byte = 0;
    ::_exit(::read(gate[0], &byte, 1) == 0 ? 0 : 1);
  }
  ::close(gate[0]);
  EXPECT_EQ(master.state().c_ospeed, 19200u);
  master.send("answer\n");
  EXPECT_EQ(port->read(100, line_rule()).data, "answer\n");
  port.reset();
  EXPECT_EQ(in_child([&] {
              std::string detail;
              return open_status(master.node(), detail) == Status::success ? 0 : 1;
            }),
            "")
      << "the child of before does not hold it";
  ::close(gate[1]);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST(SerialDriver, OpenAndCloseLeaveNoDescriptor) {
  const auto open_descriptors = [] {
    int count = 0;
    for (int fd = 0; fd < 1024; ++fd) count += ::fcntl(fd, F_GETFD) >= 0 ? 1 : 0;
    return count;
  };
  const PtyMaster master;
  SerialSession(master.node()).close();
  const int before = open_descriptors();
  for (int i = 0; i < 10; ++i) {
    SerialSession port(master.node());
    port.read(1, line_rule(), std::chrono::milliseconds(1));
  }
  EXPECT_EQ(open_descriptors(), before);
}

}  // namespace
}  // namespace visa::test
