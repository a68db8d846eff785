// SPDX-License-Identifier: MIT
// The attributes that every session, or every message based one, has. Clauses 3.2.1 (template),
// 5.1.11 and 5.1.12 (every INSTR). DMA_ALLOW_EN is a request: on a wire without DMA a program that
// sets it carries on. Constant data, merged and checked in attribute_table.cpp.
#pragma once

#include "lib/model/attribute_rows.h"

namespace visa::model::rows {

inline constexpr std::uint64_t kNormal[] = {VI_PROT_NORMAL};
inline constexpr std::uint64_t kNormalOrHs488[] = {VI_PROT_NORMAL, VI_PROT_HS488};
inline constexpr std::uint64_t kNormalOrFdc[] = {VI_PROT_NORMAL, VI_PROT_FDC};
inline constexpr std::uint64_t kNormalOrStrings[] = {VI_PROT_NORMAL, VI_PROT_4882_STRS};
inline constexpr std::uint64_t kNormalOrVendor[] = {VI_PROT_NORMAL, VI_PROT_USBTMC_VENDOR};
inline constexpr std::uint64_t kReadModes[] = {VI_FLUSH_ON_ACCESS, VI_FLUSH_DISABLE};
inline constexpr std::uint64_t kWriteModes[] = {VI_FLUSH_ON_ACCESS, VI_FLUSH_WHEN_FULL};
inline constexpr std::uint64_t kNoDma[] = {VI_FALSE};

inline constexpr KindSet kSessions = kIoKinds | resource_manager;
inline constexpr KindSet kEverything = kSessions | kEventKinds | find_list;
inline constexpr KindSet kMessage = kMessageInstr | gpib_intfc | kServants | tcpip_socket | usb_raw;
inline constexpr KindSet kDma = kInstr | gpib_intfc | kServants | tcpip_socket | kMemacc;
inline constexpr KindSet kDmaHardware = kDma - (kTcpipIo | kUsb | asrl_instr | tcpip_servant);
inline constexpr KindSet kVxiTrigger = kVxiInstr | kVxiBackplane | vxi_servant;
inline constexpr KindSet kPxiTrigger = pxi_instr | pxi_backplane;
inline constexpr KindSet kSoftwareTrigger = (kMessageInstr | gpib_intfc) - kVxiInstr;

inline constexpr Row kCommonRows[] = {
    read_only(VI_ATTR_RSRC_CLASS, "VI_ATTR_RSRC_CLASS", string, global, core, kSessions),
    read_only(VI_ATTR_RSRC_NAME, "VI_ATTR_RSRC_NAME", string, global, core, kSessions),
    read_only(VI_ATTR_RSRC_IMPL_VERSION, "VI_ATTR_RSRC_IMPL_VERSION", uint32, global, core,
              kEverything),
    read_only(VI_ATTR_RSRC_LOCK_STATE, "VI_ATTR_RSRC_LOCK_STATE", uint32, global, core, kSessions)
        .between(VI_NO_LOCK, VI_SHARED_LOCK),
    row(Access::read_write_until_event, VI_ATTR_MAX_QUEUE_LENGTH, "VI_ATTR_MAX_QUEUE_LENGTH",
        uint32, local, stored, kSessions)
        .between(1, 0xFFFFFFFF)
        .initially(50),
    read_write(VI_ATTR_USER_DATA_32, "VI_ATTR_USER_DATA_32", uint32, local, stored, kSessions)
        .initially(0)
        .kept_as(VI_ATTR_USER_DATA_64),
    read_write(VI_ATTR_USER_DATA_64, "VI_ATTR_USER_DATA_64", uint64, local, stored, kSessions)
        .initially(0),
    read_only(VI_ATTR_RM_SESSION, "VI_ATTR_RM_SESSION", session, local, core, kSessions),
    read_only(VI_ATTR_RSRC_SPEC_VERSION, "VI_ATTR_RSRC_SPEC_VERSION", uint32, global, core,
              kEverything)
        .initially(VI_SPEC_VERSION),
    read_only(VI_ATTR_RSRC_MANF_NAME, "VI_ATTR_RSRC_MANF_NAME", string, global, core, kEverything),
    read_only(VI_ATTR_RSRC_MANF_ID, "VI_ATTR_RSRC_MANF_ID", uint16, global, core, kEverything)
        .between(0, 0x3FFF),
    read_only(VI_ATTR_INTF_TYPE, "VI_ATTR_INTF_TYPE", uint16, global, core, kIoKinds)
        .between(VI_INTF_GPIB, VI_INTF_FIREWIRE),
    read_only(VI_ATTR_INTF_NUM, "VI_ATTR_INTF_NUM", uint16, global, core, kIoKinds).initially(0),
    read_only(VI_ATTR_INTF_INST_NAME, "VI_ATTR_INTF_INST_NAME", string, global, core, kIoKinds),
    read_only(VI_ATTR_INTF_PARENT_NUM, "VI_ATTR_INTF_PARENT_NUM", uint16, global, driver,
              KindSet(gpib_vxi_instr) | gpib_vxi_memacc | gpib_vxi_backplane),
    read_write(VI_ATTR_TMO_VALUE, "VI_ATTR_TMO_VALUE", uint32, local, stored, kIoKinds)
        .initially(2000),
    read_write(VI_ATTR_DMA_ALLOW_EN, "VI_ATTR_DMA_ALLOW_EN", boolean, local, stored, kDmaHardware)
        .initially(VI_TRUE),
    read_write(VI_ATTR_DMA_ALLOW_EN, "VI_ATTR_DMA_ALLOW_EN", boolean, local, stored,
               kDma - kDmaHardware)
        .initially(VI_FALSE)
        .one_of(kNoDma)
        .or_warn(),
    unless_enabled(VI_EVENT_TRIG, VI_ATTR_TRIG_ID, "VI_ATTR_TRIG_ID", int16, local, stored,
                   kVxiTrigger)
        .between(VI_TRIG_SW, VI_TRIG_TTL11)
        .initially(VI_TRIG_SW),
    unless_enabled(VI_EVENT_TRIG, VI_ATTR_TRIG_ID, "VI_ATTR_TRIG_ID", int16, local, stored,
                   kPxiTrigger)
        .between(VI_TRIG_SW, VI_TRIG_TTL7)
        .initially(VI_TRIG_SW),
    unless_enabled(VI_EVENT_TRIG, VI_ATTR_TRIG_ID, "VI_ATTR_TRIG_ID", int16, local, stored,
                   kSoftwareTrigger)
        .between(VI_TRIG_SW, VI_TRIG_SW)
        .initially(VI_TRIG_SW),
    read_write(VI_ATTR_IO_PROT, "VI_ATTR_IO_PROT", uint16, local, stored, gpib_instr | gpib_intfc)
        .initially(VI_PROT_NORMAL)
        .one_of(kNormalOrHs488),
    read_write(VI_ATTR_IO_PROT, "VI_ATTR_IO_PROT", uint16, local, stored, kVxiInstr)
        .initially(VI_PROT_NORMAL)
        .one_of(kNormalOrFdc),
    read_write(VI_ATTR_IO_PROT, "VI_ATTR_IO_PROT", uint16, local, stored,
               KindSet(asrl_instr) | tcpip_socket | usb_raw)
        .initially(VI_PROT_NORMAL)
        .one_of(kNormalOrStrings),
    read_write(VI_ATTR_IO_PROT, "VI_ATTR_IO_PROT", uint16, local, stored, kTcpipInstr)
        .initially(VI_PROT_NORMAL)
        .one_of(kNormal),
    read_write(VI_ATTR_IO_PROT, "VI_ATTR_IO_PROT", uint16, local, stored, usb_instr)
        .initially(VI_PROT_NORMAL)
        .one_of(kNormalOrVendor),
    read_write(VI_ATTR_SEND_END_EN, "VI_ATTR_SEND_END_EN", boolean, local, stored,
               kMessage - usb_raw)
        .initially(VI_TRUE),
    read_write(VI_ATTR_SUPPRESS_END_EN, "VI_ATTR_SUPPRESS_END_EN", boolean, local, stored,
               kMessageInstr | usb_raw)
        .initially(VI_FALSE),
    read_write(VI_ATTR_SUPPRESS_END_EN, "VI_ATTR_SUPPRESS_END_EN", boolean, local, stored,
               tcpip_socket)
        .initially(VI_TRUE),
    read_write(VI_ATTR_TERMCHAR, "VI_ATTR_TERMCHAR", uint8, local, stored, kMessage - asrl_instr)
        .initially(0x0A),
    unless_enabled(VI_EVENT_ASRL_TERMCHAR, VI_ATTR_TERMCHAR, "VI_ATTR_TERMCHAR", uint8, local,
                   stored, asrl_instr)
        .initially(0x0A),
    read_write(VI_ATTR_TERMCHAR_EN, "VI_ATTR_TERMCHAR_EN", boolean, local, stored, kMessage)
        .initially(VI_FALSE),
    read_write(VI_ATTR_RD_BUF_OPER_MODE, "VI_ATTR_RD_BUF_OPER_MODE", uint16, local, stored,
               kMessage)
        .initially(VI_FLUSH_DISABLE)
        .one_of(kReadModes),
    read_write(VI_ATTR_WR_BUF_OPER_MODE, "VI_ATTR_WR_BUF_OPER_MODE", uint16, local, stored,
               kMessage)
        .initially(VI_FLUSH_WHEN_FULL)
        .one_of(kWriteModes),
    read_only(VI_ATTR_RD_BUF_SIZE, "VI_ATTR_RD_BUF_SIZE", uint32, local, core, kMessage),
    read_only(VI_ATTR_WR_BUF_SIZE, "VI_ATTR_WR_BUF_SIZE", uint32, local, core, kMessage),
    read_write(VI_ATTR_FILE_APPEND_EN, "VI_ATTR_FILE_APPEND_EN", boolean, local, stored,
               kMessage - usb_raw)
        .initially(VI_FALSE),
    read_write(VI_ATTR_DEV_STATUS_BYTE, "VI_ATTR_DEV_STATUS_BYTE", uint8, global, driver,
               gpib_intfc | kServants),
};

}  // namespace visa::model::rows
