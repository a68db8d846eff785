// SPDX-License-Identifier: MIT
// The attributes of ASRL INSTR. Line settings are global: they belong to the port, so the driver
// holds them and asks the port what it can do; the bounds here are those of the standard. The core
// stores END_IN and END_OUT. Constant data, merged and checked in attribute_table.cpp.
#pragma once

#include "lib/model/attribute_rows.h"

namespace visa::model::rows {

inline constexpr std::uint64_t kParities[] = {VI_ASRL_PAR_NONE, VI_ASRL_PAR_ODD, VI_ASRL_PAR_EVEN,
                                              VI_ASRL_PAR_MARK, VI_ASRL_PAR_SPACE};
inline constexpr std::uint64_t kStopBits[] = {VI_ASRL_STOP_ONE, VI_ASRL_STOP_ONE5,
                                              VI_ASRL_STOP_TWO};
inline constexpr std::uint64_t kSettableLines[] = {VI_STATE_UNASSERTED, VI_STATE_ASSERTED};
inline constexpr std::uint64_t kWireModes[] = {
    VI_ASRL_WIRE_485_4,      VI_ASRL_WIRE_485_2_DTR_ECHO, VI_ASRL_WIRE_485_2_DTR_CTRL,
    VI_ASRL_WIRE_485_2_AUTO, VI_ASRL_WIRE_232_DTE,        VI_ASRL_WIRE_232_DCE,
    VI_ASRL_WIRE_232_AUTO};

inline constexpr Row kSerialRows[] = {
    read_only(VI_ATTR_ASRL_AVAIL_NUM, "VI_ATTR_ASRL_AVAIL_NUM", uint32, global, driver, asrl_instr),
    read_write(VI_ATTR_ASRL_BAUD, "VI_ATTR_ASRL_BAUD", uint32, global, driver, asrl_instr)
        .initially(9600),
    read_write(VI_ATTR_ASRL_DATA_BITS, "VI_ATTR_ASRL_DATA_BITS", uint16, global, driver, asrl_instr)
        .between(5, 8)
        .initially(8),
    read_write(VI_ATTR_ASRL_PARITY, "VI_ATTR_ASRL_PARITY", uint16, global, driver, asrl_instr)
        .initially(VI_ASRL_PAR_NONE)
        .one_of(kParities),
    read_write(VI_ATTR_ASRL_STOP_BITS, "VI_ATTR_ASRL_STOP_BITS", uint16, global, driver, asrl_instr)
        .initially(VI_ASRL_STOP_ONE)
        .one_of(kStopBits),
    read_write(VI_ATTR_ASRL_FLOW_CNTRL, "VI_ATTR_ASRL_FLOW_CNTRL", uint16, global, driver,
               asrl_instr)
        .between(0, 7)
        .initially(VI_ASRL_FLOW_NONE),
    read_write(VI_ATTR_ASRL_END_IN, "VI_ATTR_ASRL_END_IN", uint16, local, stored, asrl_instr)
        .between(VI_ASRL_END_NONE, VI_ASRL_END_TERMCHAR)
        .initially(VI_ASRL_END_TERMCHAR),
    read_write(VI_ATTR_ASRL_END_OUT, "VI_ATTR_ASRL_END_OUT", uint16, local, stored, asrl_instr)
        .between(VI_ASRL_END_NONE, VI_ASRL_END_BREAK)
        .initially(VI_ASRL_END_NONE),
    read_only(VI_ATTR_ASRL_CTS_STATE, "VI_ATTR_ASRL_CTS_STATE", int16, global, driver, asrl_instr)
        .between(-1, 1),
    read_only(VI_ATTR_ASRL_DCD_STATE, "VI_ATTR_ASRL_DCD_STATE", int16, global, driver, asrl_instr)
        .between(-1, 1),
    read_only(VI_ATTR_ASRL_DSR_STATE, "VI_ATTR_ASRL_DSR_STATE", int16, global, driver, asrl_instr)
        .between(-1, 1),
    read_write(VI_ATTR_ASRL_DTR_STATE, "VI_ATTR_ASRL_DTR_STATE", int16, global, driver, asrl_instr)
        .between(-1, 1)
        .one_of(kSettableLines),
    read_only(VI_ATTR_ASRL_RI_STATE, "VI_ATTR_ASRL_RI_STATE", int16, global, driver, asrl_instr)
        .between(-1, 1),
    read_write(VI_ATTR_ASRL_RTS_STATE, "VI_ATTR_ASRL_RTS_STATE", int16, global, driver, asrl_instr)
        .between(-1, 1)
        .one_of(kSettableLines),
    read_write(VI_ATTR_ASRL_REPLACE_CHAR, "VI_ATTR_ASRL_REPLACE_CHAR", uint8, local, driver,
               asrl_instr)
        .initially(0),
    read_write(VI_ATTR_ASRL_XON_CHAR, "VI_ATTR_ASRL_XON_CHAR", uint8, local, driver, asrl_instr)
        .initially(0x11),
    read_write(VI_ATTR_ASRL_XOFF_CHAR, "VI_ATTR_ASRL_XOFF_CHAR", uint8, local, driver, asrl_instr)
        .initially(0x13),
    read_write(VI_ATTR_ASRL_DISCARD_NULL, "VI_ATTR_ASRL_DISCARD_NULL", boolean, global, driver,
               asrl_instr)
        .initially(VI_FALSE),
    read_only(VI_ATTR_ASRL_CONNECTED, "VI_ATTR_ASRL_CONNECTED", boolean, global, driver,
              asrl_instr),
    read_write(VI_ATTR_ASRL_BREAK_STATE, "VI_ATTR_ASRL_BREAK_STATE", int16, global, driver,
               asrl_instr)
        .between(-1, 1)
        .initially(VI_STATE_UNASSERTED)
        .one_of(kSettableLines),
    read_write(VI_ATTR_ASRL_BREAK_LEN, "VI_ATTR_ASRL_BREAK_LEN", int16, local, driver, asrl_instr)
        .between(1, 500)
        .initially(250),
    read_write(VI_ATTR_ASRL_ALLOW_TRANSMIT, "VI_ATTR_ASRL_ALLOW_TRANSMIT", boolean, global, driver,
               asrl_instr)
        .initially(VI_TRUE),
    read_write(VI_ATTR_ASRL_WIRE_MODE, "VI_ATTR_ASRL_WIRE_MODE", int16, global, driver, asrl_instr)
        .between(-1, 130)
        .initially(VI_ASRL_WIRE_232_DTE)
        .one_of(kWireModes),
};

}  // namespace visa::model::rows
