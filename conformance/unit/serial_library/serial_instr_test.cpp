// SPDX-License-Identifier: MIT
// A USB serial port through the exported functions and the command, in a mock of the system.
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <visa.h>

#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include "conformance/unit/drivers/support/mock_tty.h"
#include "conformance/unit/support/temp_folder.h"
#include "conformance/unit/tools/freevisa/process.h"

namespace visa::test {
namespace {

const std::string kName = std::string("ASRL") + MockTty::kById + "::INSTR";

class SerialInstr : public testing::Test {
 protected:
  void SetUp() override {
    if (const char* const why = MockTty::missing()) GTEST_SKIP() << why;
    plug();
    ASSERT_EQ(viOpenDefaultRM(&rm), VI_SUCCESS);
  }
  void TearDown() override {
    if (rm != 0) viClose(rm);
  }

  /// A port of this name once more, after one before was unplugged.
  void plug() {
    port.reset();
    port = std::make_unique<MockTty>();
    port->plug();
  }

  std::set<std::string> found(const char* expression = "ASRL?*INSTR") {
    std::set<std::string> names;
    ViFindList list = 0;
    ViUInt32 count = 0;
    char name[VI_FIND_BUFLEN] = "";
    if (viFindRsrc(rm, const_cast<char*>(expression), &list, &count, name) != VI_SUCCESS) return {};
    do names.insert(name);
    while (viFindNext(list, name) == VI_SUCCESS);
    viClose(list);
    return names;
  }

  ViSession open(const std::string& name) {
    ViSession session = 0;
    const ViStatus status = viOpen(rm, const_cast<char*>(name.c_str()), VI_NULL, 5000, &session);
    EXPECT_EQ(status, VI_SUCCESS) << text(rm, status);
    viSetAttribute(session, VI_ATTR_TMO_VALUE, 20000);
    return session;
  }

  static std::string text(ViSession session, ViStatus status) {
    char buffer[256] = "";
    viStatusDesc(session, status, buffer);
    return buffer;
  }

  static std::string attribute(ViSession session, ViAttr id) {
    char value[256] = "";
    EXPECT_EQ(viGetAttribute(session, id, value), VI_SUCCESS);
    return value;
  }

  static int line(ViSession session, ViAttr id) {
    ViInt16 value = -2;
    EXPECT_EQ(viGetAttribute(session, id, &value), VI_SUCCESS) << std::hex << id;
    return value;
  }

  std::unique_ptr<MockTty> port;
  ViSession rm = 0;
};

TEST_F(SerialInstr, IsListedByTheNameThatStaysWithoutBeingOpened) {
  EXPECT_EQ(found(), std::set{kName});
  EXPECT_EQ(found("ASRL?*INSTR{VI_ATTR_INTF_INST_NAME == "
                  "\"Toy serial (/dev/ttyUSB7, USB 0403:6001)\"}"),
            std::set{kName});
  EXPECT_EQ(port->opened(), 0);
}

TEST_F(SerialInstr, OpensAsListedAndAsItsNodeAndIsOnePort) {
  const ViSession listed = open(kName);
  const ViSession node = open("ASRL/dev/ttyUSB7::INSTR");
  EXPECT_EQ(port->opened(), 1);
  EXPECT_EQ(attribute(listed, VI_ATTR_INTF_INST_NAME), "Toy serial (/dev/ttyUSB7, USB 0403:6001)");
  ViUInt32 count = 0;
  ASSERT_EQ(viWrite(node, reinterpret_cast<ViConstBuf>("*IDN?\n"), 6, &count), VI_SUCCESS);
  EXPECT_EQ(port->receive(6), "*IDN?\n");
  port->send("toy\n");
  unsigned char answer[16];
  EXPECT_EQ(viRead(listed, answer, sizeof answer, &count), VI_SUCCESS);
  EXPECT_EQ(count, 4U);
  viClose(listed);
  viClose(node);
}

TEST_F(SerialInstr, ModemLinesAreThoseOfThePort) {
  port->set_inputs(TIOCM_CTS | TIOCM_CAR);
  const ViSession session = open(kName);
  EXPECT_EQ(port->outputs(), TIOCM_RTS | TIOCM_DTR);
  EXPECT_EQ(line(session, VI_ATTR_ASRL_CTS_STATE), VI_STATE_ASSERTED);
  EXPECT_EQ(line(session, VI_ATTR_ASRL_DSR_STATE), VI_STATE_UNASSERTED);
  EXPECT_EQ(line(session, VI_ATTR_ASRL_DCD_STATE), VI_STATE_ASSERTED);
  EXPECT_EQ(line(session, VI_ATTR_ASRL_RI_STATE), VI_STATE_UNASSERTED);
  port->set_inputs(TIOCM_DSR | TIOCM_RNG);
  EXPECT_EQ(line(session, VI_ATTR_ASRL_CTS_STATE), VI_STATE_UNASSERTED);
  EXPECT_EQ(line(session, VI_ATTR_ASRL_DSR_STATE), VI_STATE_ASSERTED);
  EXPECT_EQ(line(session, VI_ATTR_ASRL_RI_STATE), VI_STATE_ASSERTED);
  EXPECT_EQ(viSetAttribute(session, VI_ATTR_ASRL_RTS_STATE, VI_STATE_UNASSERTED), VI_SUCCESS);
  EXPECT_EQ(port->outputs(), TIOCM_DTR);
  EXPECT_EQ(line(session, VI_ATTR_ASRL_RTS_STATE), VI_STATE_UNASSERTED);
  EXPECT_EQ(viSetAttribute(session, VI_ATTR_ASRL_DTR_STATE, VI_STATE_UNASSERTED), VI_SUCCESS);
  EXPECT_EQ(port->outputs(), 0);
  viClose(session);
}

TEST_F(SerialInstr, UnpluggedPortEndsTheReadAndOpensAgainAfterwards) {
  const ViSession session = open(kName);
  unsigned char answer[16];
  ViUInt32 count = 0;
  std::thread pulling([this] {
    EXPECT_EQ(port->receive(1), "?");  // the program is about to read
    port->unplug();
  });
  EXPECT_EQ(viWrite(session, reinterpret_cast<ViConstBuf>("?"), 1, &count), VI_SUCCESS);
  EXPECT_EQ(viRead(session, answer, sizeof answer, &count), VI_ERROR_CONN_LOST);
  pulling.join();
  EXPECT_EQ(viRead(session, answer, sizeof answer, &count), VI_ERROR_CONN_LOST);
  EXPECT_EQ(viWrite(session, reinterpret_cast<ViConstBuf>("?"), 1, &count), VI_ERROR_CONN_LOST);
  ViBoolean connected = VI_TRUE;
  EXPECT_EQ(viGetAttribute(session, VI_ATTR_ASRL_CONNECTED, &connected), VI_SUCCESS);
  EXPECT_EQ(connected, VI_FALSE);
  EXPECT_TRUE(found().empty());
  ViSession none = 0;
  EXPECT_EQ(viOpen(rm, const_cast<char*>(kName.c_str()), VI_NULL, 0, &none), VI_ERROR_RSRC_NFOUND);
  viClose(session);
  plug();
  EXPECT_EQ(found(), std::set{kName});
  const ViSession again = open(kName);
  EXPECT_EQ(viWrite(again, reinterpret_cast<ViConstBuf>("?"), 1, &count), VI_SUCCESS);
  EXPECT_EQ(port->receive(1), "?");
  viClose(again);
}

// libserialport describes it, and opens no port for that.
TEST_F(SerialInstr, CommandDescribesThePortWithoutOpeningIt) {
  if (std::string(FREEVISA_COMMAND).empty()) GTEST_SKIP() << "the command is not built";
  const TempFolder folder;
  tool::Process listing({FREEVISA_COMMAND, "list", "--long", "ASRL?*"},
                        {"FREEVISA_CONFIG=" + folder.make("none.toml", "")});
  EXPECT_EQ(listing.output(), kName + "\tASRL0\tINSTR\t\t0403:6001 FTDI Toy serial\n");
  EXPECT_EQ(listing.wait(), 0);
  EXPECT_EQ(port->opened(), 0);
}

}  // namespace
}  // namespace visa::test
