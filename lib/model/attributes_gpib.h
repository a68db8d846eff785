// SPDX-License-Identifier: MIT
// The attributes of GPIB INSTR, INTFC and SERVANT, and the GPIB part of GPIB-VXI. The address is
// the device's on INSTR (read-only) and the board's own on INTFC and SERVANT. Constant data, merged
// and checked in attribute_table.cpp.
#pragma once

#include "lib/model/attribute_rows.h"

namespace visa::model::rows {

inline constexpr KindSet kGpibDevice =
    gpib_instr | KindSet(gpib_vxi_instr) | gpib_vxi_memacc | gpib_vxi_backplane;
inline constexpr KindSet kGpibBoard = gpib_intfc | gpib_servant;
inline constexpr KindSet kGpibInstr = gpib_instr | gpib_vxi_instr;
inline constexpr std::uint64_t kSecondaries[] = {
    0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
    16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, VI_NO_SEC_ADDR};

inline constexpr Row kGpibRows[] = {
    read_only(VI_ATTR_GPIB_PRIMARY_ADDR, "VI_ATTR_GPIB_PRIMARY_ADDR", uint16, global, driver,
              kGpibDevice)
        .between(0, 30),
    read_write(VI_ATTR_GPIB_PRIMARY_ADDR, "VI_ATTR_GPIB_PRIMARY_ADDR", uint16, global, driver,
               kGpibBoard)
        .between(0, 30),
    read_only(VI_ATTR_GPIB_SECONDARY_ADDR, "VI_ATTR_GPIB_SECONDARY_ADDR", uint16, global, driver,
              kGpibDevice)
        .initially(VI_NO_SEC_ADDR)
        .one_of(kSecondaries),
    read_write(VI_ATTR_GPIB_SECONDARY_ADDR, "VI_ATTR_GPIB_SECONDARY_ADDR", uint16, global, driver,
               kGpibBoard)
        .initially(VI_NO_SEC_ADDR)
        .one_of(kSecondaries),
    read_write(VI_ATTR_GPIB_READDR_EN, "VI_ATTR_GPIB_READDR_EN", boolean, local, driver, kGpibInstr)
        .initially(VI_TRUE),
    read_write(VI_ATTR_GPIB_UNADDR_EN, "VI_ATTR_GPIB_UNADDR_EN", boolean, local, driver, kGpibInstr)
        .initially(VI_FALSE),
    read_only(VI_ATTR_GPIB_REN_STATE, "VI_ATTR_GPIB_REN_STATE", int16, global, driver,
              kGpibInstr | kGpibBoard | gpib_vxi_memacc)
        .between(-1, 1),
    read_only(VI_ATTR_GPIB_ATN_STATE, "VI_ATTR_GPIB_ATN_STATE", int16, global, driver, gpib_intfc)
        .between(-1, 1),
    read_only(VI_ATTR_GPIB_NDAC_STATE, "VI_ATTR_GPIB_NDAC_STATE", int16, global, driver, gpib_intfc)
        .between(-1, 1),
    read_only(VI_ATTR_GPIB_SRQ_STATE, "VI_ATTR_GPIB_SRQ_STATE", int16, global, driver, gpib_intfc)
        .between(-1, 1),
    read_only(VI_ATTR_GPIB_ADDR_STATE, "VI_ATTR_GPIB_ADDR_STATE", int16, global, driver, kGpibBoard)
        .between(VI_GPIB_UNADDRESSED, VI_GPIB_LISTENER),
    read_only(VI_ATTR_GPIB_CIC_STATE, "VI_ATTR_GPIB_CIC_STATE", boolean, global, driver,
              gpib_intfc),
    read_write(VI_ATTR_GPIB_SYS_CNTRL_STATE, "VI_ATTR_GPIB_SYS_CNTRL_STATE", boolean, global,
               driver, gpib_intfc),
    read_write(VI_ATTR_GPIB_HS488_CBL_LEN, "VI_ATTR_GPIB_HS488_CBL_LEN", int16, global, driver,
               gpib_intfc)
        .between(VI_GPIB_HS488_NIMPL, 15),
};

}  // namespace visa::model::rows
