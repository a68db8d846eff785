// SPDX-License-Identifier: MIT
// The attributes of PXI INSTR and BACKPLANE. Constant data, merged and checked in
// attribute_table.cpp.
#pragma once

#include "lib/model/attribute_rows.h"

namespace visa::model::rows {

inline constexpr std::uint64_t kTriggerBuses[] = {~std::uint64_t{0}, 1, 2, 3};  // -1: all of them

inline constexpr Row kPxiRows[] = {
    read_only(VI_ATTR_PXI_DEV_NUM, "VI_ATTR_PXI_DEV_NUM", uint16, global, driver, pxi_instr)
        .between(0, 31),
    read_only(VI_ATTR_PXI_FUNC_NUM, "VI_ATTR_PXI_FUNC_NUM", uint16, global, driver, pxi_instr)
        .between(0, 7),
    read_only(VI_ATTR_PXI_BUS_NUM, "VI_ATTR_PXI_BUS_NUM", uint16, global, driver, pxi_instr)
        .between(0, 255),
    read_only(VI_ATTR_PXI_CHASSIS, "VI_ATTR_PXI_CHASSIS", int16, global, driver,
              pxi_instr | pxi_backplane)
        .between(VI_UNKNOWN_CHASSIS, 255),
    read_only(VI_ATTR_PXI_SLOTPATH, "VI_ATTR_PXI_SLOTPATH", string, global, driver, pxi_instr),
    read_only(VI_ATTR_PXI_SLOT_LBUS_LEFT, "VI_ATTR_PXI_SLOT_LBUS_LEFT", int16, global, driver,
              pxi_instr)
        .between(VI_PXI_LBUS_UNKNOWN, VI_PXI_LBUS_SCXI),
    read_only(VI_ATTR_PXI_SLOT_LBUS_RIGHT, "VI_ATTR_PXI_SLOT_LBUS_RIGHT", int16, global, driver,
              pxi_instr)
        .between(VI_PXI_LBUS_UNKNOWN, VI_PXI_LBUS_SCXI),
    read_only(VI_ATTR_PXI_STAR_TRIG_BUS, "VI_ATTR_PXI_STAR_TRIG_BUS", int16, global, driver,
              pxi_instr)
        .between(-1, 3),
    read_only(VI_ATTR_PXI_STAR_TRIG_LINE, "VI_ATTR_PXI_STAR_TRIG_LINE", int16, global, driver,
              pxi_instr)
        .between(0, 32767),
    read_only(VI_ATTR_PXI_IS_EXPRESS, "VI_ATTR_PXI_IS_EXPRESS", boolean, global, driver, pxi_instr),
    read_only(VI_ATTR_PXI_SLOT_LWIDTH, "VI_ATTR_PXI_SLOT_LWIDTH", int16, global, driver, pxi_instr)
        .between(-1, 8),
    read_only(VI_ATTR_PXI_MAX_LWIDTH, "VI_ATTR_PXI_MAX_LWIDTH", int16, global, driver, pxi_instr)
        .between(-1, 16),
    read_only(VI_ATTR_PXI_ACTUAL_LWIDTH, "VI_ATTR_PXI_ACTUAL_LWIDTH", int16, global, driver,
              pxi_instr)
        .between(-1, 16),
    read_only(VI_ATTR_PXI_DSTAR_BUS, "VI_ATTR_PXI_DSTAR_BUS", int16, global, driver, pxi_instr),
    read_only(VI_ATTR_PXI_DSTAR_SET, "VI_ATTR_PXI_DSTAR_SET", int16, global, driver, pxi_instr)
        .between(-1, 16),
    read_only(VI_ATTR_PXI_SLOT_WIDTH, "VI_ATTR_PXI_SLOT_WIDTH", uint16, global, driver, pxi_instr),
    read_only(VI_ATTR_PXI_SLOT_OFFSET, "VI_ATTR_PXI_SLOT_OFFSET", uint16, global, driver,
              pxi_instr),
    read_only(VI_ATTR_PXI_TRIG_BUS, "VI_ATTR_PXI_TRIG_BUS", int16, global, driver, pxi_instr)
        .between(-1, 3),
    read_write(VI_ATTR_PXI_TRIG_BUS, "VI_ATTR_PXI_TRIG_BUS", int16, local, driver, pxi_backplane)
        .between(-1, 3)
        .initially(-1)
        .one_of(kTriggerBuses),
    read_write(VI_ATTR_PXI_SRC_TRIG_BUS, "VI_ATTR_PXI_SRC_TRIG_BUS", int16, local, driver,
               pxi_backplane)
        .between(-1, 3)
        .initially(-1)
        .one_of(kTriggerBuses),
    read_write(VI_ATTR_PXI_DEST_TRIG_BUS, "VI_ATTR_PXI_DEST_TRIG_BUS", int16, local, driver,
               pxi_backplane)
        .between(-1, 3)
        .initially(-1)
        .one_of(kTriggerBuses),
    read_write(VI_ATTR_PXI_ALLOW_WRITE_COMBINE, "VI_ATTR_PXI_ALLOW_WRITE_COMBINE", boolean, local,
               stored, pxi_instr)
        .initially(VI_FALSE),
    read_write(VI_ATTR_PXI_USE_PREALLOC_POOL, "VI_ATTR_PXI_USE_PREALLOC_POOL", boolean, local,
               driver, pxi_instr),
    read_only(VI_ATTR_PXI_MEM_TYPE_BAR0, "VI_ATTR_PXI_MEM_TYPE_BAR0", uint16, global, driver,
              pxi_instr)
        .between(VI_PXI_ADDR_NONE, VI_PXI_ADDR_IO),
    read_only(VI_ATTR_PXI_MEM_TYPE_BAR1, "VI_ATTR_PXI_MEM_TYPE_BAR1", uint16, global, driver,
              pxi_instr)
        .between(VI_PXI_ADDR_NONE, VI_PXI_ADDR_IO),
    read_only(VI_ATTR_PXI_MEM_TYPE_BAR2, "VI_ATTR_PXI_MEM_TYPE_BAR2", uint16, global, driver,
              pxi_instr)
        .between(VI_PXI_ADDR_NONE, VI_PXI_ADDR_IO),
    read_only(VI_ATTR_PXI_MEM_TYPE_BAR3, "VI_ATTR_PXI_MEM_TYPE_BAR3", uint16, global, driver,
              pxi_instr)
        .between(VI_PXI_ADDR_NONE, VI_PXI_ADDR_IO),
    read_only(VI_ATTR_PXI_MEM_TYPE_BAR4, "VI_ATTR_PXI_MEM_TYPE_BAR4", uint16, global, driver,
              pxi_instr)
        .between(VI_PXI_ADDR_NONE, VI_PXI_ADDR_IO),
    read_only(VI_ATTR_PXI_MEM_TYPE_BAR5, "VI_ATTR_PXI_MEM_TYPE_BAR5", uint16, global, driver,
              pxi_instr)
        .between(VI_PXI_ADDR_NONE, VI_PXI_ADDR_IO),
    read_only(VI_ATTR_PXI_MEM_BASE_BAR0_32, "VI_ATTR_PXI_MEM_BASE_BAR0_32", uint32, global, driver,
              pxi_instr)
        .kept_as(VI_ATTR_PXI_MEM_BASE_BAR0_64),
    read_only(VI_ATTR_PXI_MEM_BASE_BAR0_64, "VI_ATTR_PXI_MEM_BASE_BAR0_64", bus_address, global,
              driver, pxi_instr),
    read_only(VI_ATTR_PXI_MEM_BASE_BAR1_32, "VI_ATTR_PXI_MEM_BASE_BAR1_32", uint32, global, driver,
              pxi_instr)
        .kept_as(VI_ATTR_PXI_MEM_BASE_BAR1_64),
    read_only(VI_ATTR_PXI_MEM_BASE_BAR1_64, "VI_ATTR_PXI_MEM_BASE_BAR1_64", bus_address, global,
              driver, pxi_instr),
    read_only(VI_ATTR_PXI_MEM_BASE_BAR2_32, "VI_ATTR_PXI_MEM_BASE_BAR2_32", uint32, global, driver,
              pxi_instr)
        .kept_as(VI_ATTR_PXI_MEM_BASE_BAR2_64),
    read_only(VI_ATTR_PXI_MEM_BASE_BAR2_64, "VI_ATTR_PXI_MEM_BASE_BAR2_64", bus_address, global,
              driver, pxi_instr),
    read_only(VI_ATTR_PXI_MEM_BASE_BAR3_32, "VI_ATTR_PXI_MEM_BASE_BAR3_32", uint32, global, driver,
              pxi_instr)
        .kept_as(VI_ATTR_PXI_MEM_BASE_BAR3_64),
    read_only(VI_ATTR_PXI_MEM_BASE_BAR3_64, "VI_ATTR_PXI_MEM_BASE_BAR3_64", bus_address, global,
              driver, pxi_instr),
    read_only(VI_ATTR_PXI_MEM_BASE_BAR4_32, "VI_ATTR_PXI_MEM_BASE_BAR4_32", uint32, global, driver,
              pxi_instr)
        .kept_as(VI_ATTR_PXI_MEM_BASE_BAR4_64),
    read_only(VI_ATTR_PXI_MEM_BASE_BAR4_64, "VI_ATTR_PXI_MEM_BASE_BAR4_64", bus_address, global,
              driver, pxi_instr),
    read_only(VI_ATTR_PXI_MEM_BASE_BAR5_32, "VI_ATTR_PXI_MEM_BASE_BAR5_32", uint32, global, driver,
              pxi_instr)
        .kept_as(VI_ATTR_PXI_MEM_BASE_BAR5_64),
    read_only(VI_ATTR_PXI_MEM_BASE_BAR5_64, "VI_ATTR_PXI_MEM_BASE_BAR5_64", bus_address, global,
              driver, pxi_instr),
    read_only(VI_ATTR_PXI_MEM_SIZE_BAR0_32, "VI_ATTR_PXI_MEM_SIZE_BAR0_32", uint32, global, driver,
              pxi_instr)
        .kept_as(VI_ATTR_PXI_MEM_SIZE_BAR0_64),
    read_only(VI_ATTR_PXI_MEM_SIZE_BAR0_64, "VI_ATTR_PXI_MEM_SIZE_BAR0_64", uint64, global, driver,
              pxi_instr),
    read_only(VI_ATTR_PXI_MEM_SIZE_BAR1_32, "VI_ATTR_PXI_MEM_SIZE_BAR1_32", uint32, global, driver,
              pxi_instr)
        .kept_as(VI_ATTR_PXI_MEM_SIZE_BAR1_64),
    read_only(VI_ATTR_PXI_MEM_SIZE_BAR1_64, "VI_ATTR_PXI_MEM_SIZE_BAR1_64", uint64, global, driver,
              pxi_instr),
    read_only(VI_ATTR_PXI_MEM_SIZE_BAR2_32, "VI_ATTR_PXI_MEM_SIZE_BAR2_32", uint32, global, driver,
              pxi_instr)
        .kept_as(VI_ATTR_PXI_MEM_SIZE_BAR2_64),
    read_only(VI_ATTR_PXI_MEM_SIZE_BAR2_64, "VI_ATTR_PXI_MEM_SIZE_BAR2_64", uint64, global, driver,
              pxi_instr),
    read_only(VI_ATTR_PXI_MEM_SIZE_BAR3_32, "VI_ATTR_PXI_MEM_SIZE_BAR3_32", uint32, global, driver,
              pxi_instr)
        .kept_as(VI_ATTR_PXI_MEM_SIZE_BAR3_64),
    read_only(VI_ATTR_PXI_MEM_SIZE_BAR3_64, "VI_ATTR_PXI_MEM_SIZE_BAR3_64", uint64, global, driver,
              pxi_instr),
    read_only(VI_ATTR_PXI_MEM_SIZE_BAR4_32, "VI_ATTR_PXI_MEM_SIZE_BAR4_32", uint32, global, driver,
              pxi_instr)
        .kept_as(VI_ATTR_PXI_MEM_SIZE_BAR4_64),
    read_only(VI_ATTR_PXI_MEM_SIZE_BAR4_64, "VI_ATTR_PXI_MEM_SIZE_BAR4_64", uint64, global, driver,
              pxi_instr),
    read_only(VI_ATTR_PXI_MEM_SIZE_BAR5_32, "VI_ATTR_PXI_MEM_SIZE_BAR5_32", uint32, global, driver,
              pxi_instr)
        .kept_as(VI_ATTR_PXI_MEM_SIZE_BAR5_64),
    read_only(VI_ATTR_PXI_MEM_SIZE_BAR5_64, "VI_ATTR_PXI_MEM_SIZE_BAR5_64", uint64, global, driver,
              pxi_instr),
};

}  // namespace visa::model::rows
