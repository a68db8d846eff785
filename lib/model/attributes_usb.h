// SPDX-License-Identifier: MIT
// The attributes of USB INSTR and of NI's RAW class. Pipes and alternate settings belong to RAW
// only. Constant data, merged and checked in attribute_table.cpp.
#pragma once

#include "lib/model/attribute_rows.h"

namespace visa::model::rows {

inline constexpr std::uint64_t kPipeReady[] = {VI_USB_PIPE_READY};
inline constexpr std::uint64_t kUsbEnds[] = {VI_USB_END_NONE, VI_USB_END_SHORT,
                                             VI_USB_END_SHORT_OR_COUNT};

inline constexpr Row kUsbRows[] = {
    read_only(VI_ATTR_USB_SERIAL_NUM, "VI_ATTR_USB_SERIAL_NUM", string, global, driver, kUsb),
    read_only(VI_ATTR_USB_INTFC_NUM, "VI_ATTR_USB_INTFC_NUM", int16, global, driver, kUsb)
        .between(0, 254)
        .initially(0),
    unless_enabled(VI_EVENT_USB_INTR, VI_ATTR_USB_MAX_INTR_SIZE, "VI_ATTR_USB_MAX_INTR_SIZE",
                   uint16, local, driver, kUsb),
    read_only(VI_ATTR_USB_PROTOCOL, "VI_ATTR_USB_PROTOCOL", int16, global, driver, kUsb)
        .between(0, 255),
    read_write(VI_ATTR_USB_BULK_OUT_PIPE, "VI_ATTR_USB_BULK_OUT_PIPE", int16, local, driver,
               usb_raw)
        .between(-1, 0x0F),
    read_write(VI_ATTR_USB_BULK_IN_PIPE, "VI_ATTR_USB_BULK_IN_PIPE", int16, local, driver, usb_raw)
        .between(-1, 0x8F),
    read_write(VI_ATTR_USB_INTR_IN_PIPE, "VI_ATTR_USB_INTR_IN_PIPE", int16, local, driver, usb_raw)
        .between(-1, 0x8F),
    read_write(VI_ATTR_USB_CTRL_PIPE, "VI_ATTR_USB_CTRL_PIPE", int16, local, driver, usb_raw)
        .between(0, 0x0F)
        .initially(0),
    read_only(VI_ATTR_USB_CLASS, "VI_ATTR_USB_CLASS", int16, global, driver, usb_raw)
        .between(0, 0xFF),
    read_only(VI_ATTR_USB_SUBCLASS, "VI_ATTR_USB_SUBCLASS", int16, global, driver, usb_raw)
        .between(0, 0xFF),
    unless_enabled(VI_EVENT_USB_INTR, VI_ATTR_USB_ALT_SETTING, "VI_ATTR_USB_ALT_SETTING", int16,
                   global, driver, usb_raw)
        .between(0, 0xFF)
        .initially(0),
    read_write(VI_ATTR_USB_END_IN, "VI_ATTR_USB_END_IN", uint16, local, driver, usb_raw)
        .initially(VI_USB_END_SHORT_OR_COUNT)
        .one_of(kUsbEnds),
    read_only(VI_ATTR_USB_NUM_INTFCS, "VI_ATTR_USB_NUM_INTFCS", int16, global, driver, usb_raw)
        .between(1, 0xFF),
    read_only(VI_ATTR_USB_NUM_PIPES, "VI_ATTR_USB_NUM_PIPES", int16, global, driver, usb_raw)
        .between(0, 30),
    read_write(VI_ATTR_USB_BULK_OUT_STATUS, "VI_ATTR_USB_BULK_OUT_STATUS", int16, local, driver,
               usb_raw)
        .between(-1, 1)
        .one_of(kPipeReady),
    read_write(VI_ATTR_USB_BULK_IN_STATUS, "VI_ATTR_USB_BULK_IN_STATUS", int16, local, driver,
               usb_raw)
        .between(-1, 1)
        .one_of(kPipeReady),
    read_write(VI_ATTR_USB_INTR_IN_STATUS, "VI_ATTR_USB_INTR_IN_STATUS", int16, local, driver,
               usb_raw)
        .between(-1, 1)
        .one_of(kPipeReady),
};

}  // namespace visa::model::rows
