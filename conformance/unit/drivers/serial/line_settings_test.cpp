// SPDX-License-Identifier: MIT
#include "drivers/serial/line_settings.h"

#include <gtest/gtest.h>

namespace visa::drivers::serial {
namespace {

TtyState made_of(const LineSettings& settings, bool drop_lines = true) {
  TtyState before{};
  before.c_iflag = ICRNL | ISTRIP | IXANY | BRKINT;
  before.c_oflag = OPOST;
  before.c_lflag = ICANON | ECHO | ISIG;
  before.c_cflag = HUPCL;
  return state_of(settings, before, drop_lines);
}

TEST(LineSettings, LineIsRawAndMarksDamagedBytes) {
  const TtyState state = made_of({});
  EXPECT_EQ(state.c_iflag, tcflag_t{INPCK | PARMRK});
  EXPECT_EQ(state.c_oflag, 0u);
  EXPECT_EQ(state.c_lflag, 0u);
  EXPECT_EQ(state.c_cflag & (CSIZE | CREAD | CLOCAL | PARENB | CSTOPB | CRTSCTS),
            tcflag_t{CS8 | CREAD | CLOCAL});
  EXPECT_EQ(state.c_cc[VMIN], 1);
  EXPECT_EQ(state.c_cc[VTIME], 0);
}

TEST(LineSettings, EveryRateGoesByItsNumber) {
  for (const unsigned baud : {50u, 9600u, 31250u, 250000u, 4000000u}) {
    const TtyState state = made_of({.baud = baud});
    EXPECT_EQ(state.c_cflag & CBAUD, tcflag_t{BOTHER});
    EXPECT_EQ(state.c_ospeed, baud);
    EXPECT_EQ(state.c_ispeed, baud);
  }
}

TEST(LineSettings, DataBitsParityAndStopBits) {
  const std::pair<std::uint16_t, tcflag_t> sizes[] = {{5, CS5}, {6, CS6}, {7, CS7}, {8, CS8}};
  for (const auto& [bits, flag] : sizes) {
    EXPECT_EQ(made_of({.data_bits = bits}).c_cflag & CSIZE, flag);
  }
  const std::pair<std::uint16_t, tcflag_t> parities[] = {
      {VI_ASRL_PAR_NONE, 0},
      {VI_ASRL_PAR_ODD, PARENB | PARODD},
      {VI_ASRL_PAR_EVEN, PARENB},
      {VI_ASRL_PAR_MARK, PARENB | PARODD | CMSPAR},
      {VI_ASRL_PAR_SPACE, PARENB | CMSPAR}};
  for (const auto& [parity, flags] : parities) {
    EXPECT_EQ(made_of({.parity = parity}).c_cflag & (PARENB | PARODD | CMSPAR), flags);
  }
  EXPECT_EQ(made_of({.stop_bits = VI_ASRL_STOP_TWO}).c_cflag & CSTOPB, tcflag_t{CSTOPB});
  EXPECT_EQ(made_of({.data_bits = 5, .stop_bits = VI_ASRL_STOP_ONE5}).c_cflag & CSTOPB,
            tcflag_t{CSTOPB});
}

// pyvisa-py and libserialport had flow control wrong in every way there is (user pain 38).
TEST(LineSettings, FlowControlIsWhereTheKernelLooksForIt) {
  EXPECT_EQ(made_of({}).c_iflag & (IXON | IXOFF | IXANY), 0u);
  const TtyState soft = made_of({.flow = VI_ASRL_FLOW_XON_XOFF, .xon = 1, .xoff = 2});
  EXPECT_EQ(soft.c_iflag & (IXON | IXOFF | IXANY), tcflag_t{IXON | IXOFF});
  EXPECT_EQ(soft.c_cc[VSTART], 1);
  EXPECT_EQ(soft.c_cc[VSTOP], 2);
  EXPECT_EQ(made_of({.flow = VI_ASRL_FLOW_RTS_CTS}).c_cflag & CRTSCTS, tcflag_t{CRTSCTS});
  const TtyState both = made_of({.flow = VI_ASRL_FLOW_RTS_CTS | VI_ASRL_FLOW_XON_XOFF});
  EXPECT_NE(both.c_cflag & CRTSCTS, 0u);
  EXPECT_NE(both.c_iflag & IXON, 0u);
}

TEST(LineSettings, DropsTheLinesAtCloseOnlyIfWanted) {
  EXPECT_NE(made_of({}, true).c_cflag & HUPCL, 0u);
  EXPECT_EQ(made_of({}, false).c_cflag & HUPCL, 0u);
}

TEST(LineSettings, WhatNoPortCanDoIsSaidWithItsCure) {
  EXPECT_EQ(impossible({}), "");
  EXPECT_NE(impossible({.baud = 0}).find("above 0"), std::string::npos);
  EXPECT_NE(impossible({.flow = VI_ASRL_FLOW_DTR_DSR}).find("DTR"), std::string::npos);
  EXPECT_NE(impossible({.flow = VI_ASRL_FLOW_DTR_DSR | VI_ASRL_FLOW_XON_XOFF}), "");
  EXPECT_NE(impossible({.stop_bits = VI_ASRL_STOP_ONE5}), "");
  EXPECT_EQ(impossible({.data_bits = 5, .stop_bits = VI_ASRL_STOP_ONE5}), "");
  EXPECT_NE(impossible({.data_bits = 5, .stop_bits = VI_ASRL_STOP_TWO}), "");
}

TEST(LineSettings, ReadingBackFindsWhatThePortDidNotTake) {
  const LineSettings wanted{.baud = 115200, .data_bits = 7, .parity = VI_ASRL_PAR_EVEN};
  TtyState got = made_of(wanted);
  EXPECT_EQ(refused(wanted, got), "");
  got.c_ospeed = 117000;  // 1.6 %
  EXPECT_EQ(refused(wanted, got), "");
  got.c_ospeed = 120000;
  EXPECT_NE(refused(wanted, got).find("120000"), std::string::npos);
  got = made_of(wanted);
  got.c_cflag = (got.c_cflag & ~tcflag_t{CSIZE}) | CS8;
  EXPECT_NE(refused(wanted, got).find("7 data bits"), std::string::npos);
  got = made_of(wanted);
  got.c_cflag &= ~tcflag_t{PARENB};
  EXPECT_NE(refused(wanted, got).find("parity"), std::string::npos);
  EXPECT_NE(refused({.stop_bits = VI_ASRL_STOP_TWO}, made_of({})).find("stop"), std::string::npos);
  EXPECT_NE(refused({.flow = VI_ASRL_FLOW_RTS_CTS}, made_of({})).find("RTS"), std::string::npos);
}

TEST(LineSettings, ByteHasStartParityAndStopBits) {
  EXPECT_EQ(bits_per_byte({}), 10u);
  EXPECT_EQ(
      bits_per_byte({.data_bits = 7, .parity = VI_ASRL_PAR_EVEN, .stop_bits = VI_ASRL_STOP_TWO}),
      11u);
}

}  // namespace
}  // namespace visa::drivers::serial
