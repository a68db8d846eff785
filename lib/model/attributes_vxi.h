// SPDX-License-Identifier: MIT
// The attributes of VXI and GPIB-VXI, the register access that PXI and FIREWIRE share with them,
// and the identity of devices, which USB shares. A 32-bit twin names the 64-bit row that stores its
// value. Constant data, merged and checked in attribute_table.cpp.
#pragma once

#include "lib/model/attribute_rows.h"

namespace visa::model::rows {

inline constexpr KindSet kIdentified = kVxiInstr | pxi_instr | kUsb;
inline constexpr KindSet kNamed = kIdentified | pxi_backplane | firewire_instr;
inline constexpr KindSet kVxiMemory = kVxiInstr | kVxiMemacc;
inline constexpr KindSet kMemory = kVxiMemory | pxi_instr | pxi_memacc | firewire_instr;

inline constexpr Row kVxiRows[] = {
    read_only(VI_ATTR_CMDR_LA, "VI_ATTR_CMDR_LA", int16, global, driver, kVxiInstr | vxi_servant)
        .between(VI_UNKNOWN_LA, 255),
    read_only(VI_ATTR_VXI_LA, "VI_ATTR_VXI_LA", int16, global, driver, kVxiMemory | vxi_servant)
        .between(0, 511),
    read_only(VI_ATTR_MAINFRAME_LA, "VI_ATTR_MAINFRAME_LA", int16, global, driver,
              kVxiInstr | kVxiBackplane)
        .between(VI_UNKNOWN_LA, 255),
    read_only(VI_ATTR_SLOT, "VI_ATTR_SLOT", int16, global, driver, kVxiInstr | pxi_instr)
        .between(VI_UNKNOWN_SLOT, 18),
    read_only(VI_ATTR_VXI_DEV_CLASS, "VI_ATTR_VXI_DEV_CLASS", uint16, global, driver, kVxiInstr)
        .between(VI_VXI_CLASS_MEMORY, VI_VXI_CLASS_OTHER),
    read_only(VI_ATTR_IMMEDIATE_SERV, "VI_ATTR_IMMEDIATE_SERV", boolean, global, driver, kVxiInstr),
    read_only(VI_ATTR_MANF_ID, "VI_ATTR_MANF_ID", uint16, global, driver, kIdentified),
    read_only(VI_ATTR_MODEL_CODE, "VI_ATTR_MODEL_CODE", uint16, global, driver, kIdentified),
    read_only(VI_ATTR_MANF_NAME, "VI_ATTR_MANF_NAME", string, global, driver, kNamed),
    read_only(VI_ATTR_MODEL_NAME, "VI_ATTR_MODEL_NAME", string, global, driver, kNamed),
    read_only(VI_ATTR_4882_COMPLIANT, "VI_ATTR_4882_COMPLIANT", boolean, global, driver,
              usb_instr | kVxiInstr),
    read_only(VI_ATTR_MEM_SPACE, "VI_ATTR_MEM_SPACE", uint16, global, driver, kVxiInstr)
        .between(VI_A16_SPACE, VI_A64_SPACE)
        .initially(VI_A16_SPACE),
    read_only(VI_ATTR_MEM_BASE_32, "VI_ATTR_MEM_BASE_32", uint32, global, driver, kVxiInstr)
        .kept_as(VI_ATTR_MEM_BASE_64),
    read_only(VI_ATTR_MEM_BASE_64, "VI_ATTR_MEM_BASE_64", bus_address, global, driver, kVxiInstr),
    read_only(VI_ATTR_MEM_SIZE_32, "VI_ATTR_MEM_SIZE_32", uint32, global, driver, kVxiInstr)
        .kept_as(VI_ATTR_MEM_SIZE_64),
    read_only(VI_ATTR_MEM_SIZE_64, "VI_ATTR_MEM_SIZE_64", uint64, global, driver, kVxiInstr),
    read_write(VI_ATTR_FDC_CHNL, "VI_ATTR_FDC_CHNL", uint16, local, driver, vxi_instr)
        .between(0, 7),
    read_write(VI_ATTR_FDC_MODE, "VI_ATTR_FDC_MODE", uint16, local, driver, vxi_instr)
        .between(VI_FDC_NORMAL, VI_FDC_STREAM)
        .initially(VI_FDC_NORMAL),
    read_write(VI_ATTR_FDC_GEN_SIGNAL_EN, "VI_ATTR_FDC_GEN_SIGNAL_EN", boolean, local, driver,
               vxi_instr)
        .initially(VI_FALSE),
    read_write(VI_ATTR_FDC_USE_PAIR, "VI_ATTR_FDC_USE_PAIR", boolean, local, driver, vxi_instr)
        .initially(VI_FALSE),
    read_write(VI_ATTR_SRC_ACCESS_PRIV, "VI_ATTR_SRC_ACCESS_PRIV", uint16, local, stored,
               kVxiMemory)
        .between(VI_DATA_PRIV, VI_D64_SST320)
        .initially(VI_DATA_PRIV),
    read_write(VI_ATTR_DEST_ACCESS_PRIV, "VI_ATTR_DEST_ACCESS_PRIV", uint16, local, stored,
               kVxiMemory)
        .between(VI_DATA_PRIV, VI_D64_SST320)
        .initially(VI_DATA_PRIV),
    row(Access::read_write_until_map, VI_ATTR_WIN_ACCESS_PRIV, "VI_ATTR_WIN_ACCESS_PRIV", uint16,
        local, stored, kVxiMemory)
        .between(VI_DATA_PRIV, VI_BLCK_NPRIV)
        .initially(VI_DATA_PRIV),
    read_write(VI_ATTR_SRC_BYTE_ORDER, "VI_ATTR_SRC_BYTE_ORDER", uint16, local, stored, kVxiMemory)
        .between(VI_BIG_ENDIAN, VI_LITTLE_ENDIAN)
        .initially(VI_BIG_ENDIAN),
    read_write(VI_ATTR_DEST_BYTE_ORDER, "VI_ATTR_DEST_BYTE_ORDER", uint16, local, stored,
               kVxiMemory)
        .between(VI_BIG_ENDIAN, VI_LITTLE_ENDIAN)
        .initially(VI_BIG_ENDIAN),
    row(Access::read_write_until_map, VI_ATTR_WIN_BYTE_ORDER, "VI_ATTR_WIN_BYTE_ORDER", uint16,
        local, stored, kVxiMemory)
        .between(VI_BIG_ENDIAN, VI_LITTLE_ENDIAN)
        .initially(VI_BIG_ENDIAN),
    read_write(VI_ATTR_SRC_INCREMENT, "VI_ATTR_SRC_INCREMENT", int32, local, stored, kMemory)
        .between(0, 1)
        .initially(1),
    read_write(VI_ATTR_DEST_INCREMENT, "VI_ATTR_DEST_INCREMENT", int32, local, stored, kMemory)
        .between(0, 1)
        .initially(1),
    read_only(VI_ATTR_WIN_ACCESS, "VI_ATTR_WIN_ACCESS", uint16, local, driver, kMemory)
        .between(VI_NMAPPED, VI_DEREF_ADDR)
        .initially(VI_NMAPPED),
    read_only(VI_ATTR_WIN_BASE_ADDR_32, "VI_ATTR_WIN_BASE_ADDR_32", uint32, local, driver, kMemory)
        .kept_as(VI_ATTR_WIN_BASE_ADDR_64),
    read_only(VI_ATTR_WIN_BASE_ADDR_64, "VI_ATTR_WIN_BASE_ADDR_64", bus_address, local, driver,
              kMemory),
    read_only(VI_ATTR_WIN_SIZE_32, "VI_ATTR_WIN_SIZE_32", uint32, local, driver, kMemory)
        .kept_as(VI_ATTR_WIN_SIZE_64),
    read_only(VI_ATTR_WIN_SIZE_64, "VI_ATTR_WIN_SIZE_64", uint64, local, driver, kMemory),
    read_only(VI_ATTR_VXI_TRIG_STATUS, "VI_ATTR_VXI_TRIG_STATUS", uint32, global, driver,
              kVxiBackplane),
    read_only(VI_ATTR_VXI_TRIG_SUPPORT, "VI_ATTR_VXI_TRIG_SUPPORT", uint32, global, driver,
              kVxiInstr | kVxiBackplane),
    read_only(VI_ATTR_VXI_VME_INTR_STATUS, "VI_ATTR_VXI_VME_INTR_STATUS", uint16, global, driver,
              kVxiBackplane)
        .between(0, 0x7F),
    read_only(VI_ATTR_VXI_VME_SYSFAIL_STATE, "VI_ATTR_VXI_VME_SYSFAIL_STATE", int16, global, driver,
              kVxiBackplane | vxi_servant)
        .between(-1, 1),
    read_write(VI_ATTR_VXI_TRIG_LINES_EN, "VI_ATTR_VXI_TRIG_LINES_EN", uint16, global, driver,
               vxi_instr)
        .initially(0),
    read_write(VI_ATTR_VXI_TRIG_DIR, "VI_ATTR_VXI_TRIG_DIR", uint16, global, driver, vxi_instr)
        .initially(0),
    read_write(VI_ATTR_SYNC_MXI_ALLOW_EN, "VI_ATTR_SYNC_MXI_ALLOW_EN", boolean, local, driver,
               vxi_backplane),
    read_write(VI_ATTR_FIREWIRE_DEST_UPPER_OFFSET, "VI_ATTR_FIREWIRE_DEST_UPPER_OFFSET", uint32,
               local, stored, firewire_instr)
        .initially(0),
    read_write(VI_ATTR_FIREWIRE_SRC_UPPER_OFFSET, "VI_ATTR_FIREWIRE_SRC_UPPER_OFFSET", uint32,
               local, stored, firewire_instr)
        .initially(0),
    read_write(VI_ATTR_FIREWIRE_WIN_UPPER_OFFSET, "VI_ATTR_FIREWIRE_WIN_UPPER_OFFSET", uint32,
               local, stored, firewire_instr)
        .initially(0),
    read_only(VI_ATTR_FIREWIRE_VENDOR_ID, "VI_ATTR_FIREWIRE_VENDOR_ID", uint32, global, driver,
              firewire_instr),
    read_only(VI_ATTR_FIREWIRE_LOWER_CHIP_ID, "VI_ATTR_FIREWIRE_LOWER_CHIP_ID", uint32, global,
              driver, firewire_instr),
    read_only(VI_ATTR_FIREWIRE_UPPER_CHIP_ID, "VI_ATTR_FIREWIRE_UPPER_CHIP_ID", uint32, global,
              driver, firewire_instr),
};

}  // namespace visa::model::rows
