// SPDX-License-Identifier: MIT
// The attributes of event contexts. The core fills them from the record that a driver posted; a
// program can set none of them. Constant data, merged and checked in attribute_table.cpp.
#pragma once

#include "lib/model/attribute_rows.h"

namespace visa::model::rows {

inline constexpr Row kEventRows[] = {
    read_only(VI_ATTR_EVENT_TYPE, "VI_ATTR_EVENT_TYPE", uint32, event, core, kEventKinds),
    read_only(VI_ATTR_STATUS, "VI_ATTR_STATUS", status, event, core,
              KindSet(event_io_completion) | event_exception | event_usb_intr),
    read_only(VI_ATTR_OPER_NAME, "VI_ATTR_OPER_NAME", string, event, core,
              event_io_completion | event_exception),
    read_only(VI_ATTR_JOB_ID, "VI_ATTR_JOB_ID", uint32, event, core, event_io_completion),
    read_only(VI_ATTR_BUFFER, "VI_ATTR_BUFFER", address, event, core, event_io_completion),
    read_only(VI_ATTR_RET_COUNT_32, "VI_ATTR_RET_COUNT_32", uint32, event, core,
              event_io_completion)
        .kept_as(VI_ATTR_RET_COUNT_64),
    read_only(VI_ATTR_RET_COUNT_64, "VI_ATTR_RET_COUNT_64", uint64, event, core,
              event_io_completion),
    read_only(VI_ATTR_RECV_TRIG_ID, "VI_ATTR_RECV_TRIG_ID", int16, event, core, event_trig),
    read_only(VI_ATTR_SIGP_STATUS_ID, "VI_ATTR_SIGP_STATUS_ID", uint16, event, core,
              event_vxi_sigp),
    read_only(VI_ATTR_INTR_STATUS_ID, "VI_ATTR_INTR_STATUS_ID", uint32, event, core,
              event_vxi_vme_intr),
    read_only(VI_ATTR_RECV_INTR_LEVEL, "VI_ATTR_RECV_INTR_LEVEL", int16, event, core,
              event_vxi_vme_intr)
        .between(-1, 7),
    read_only(VI_ATTR_GPIB_RECV_CIC_STATE, "VI_ATTR_GPIB_RECV_CIC_STATE", boolean, event, core,
              event_gpib_cic),
    read_only(VI_ATTR_RECV_TCPIP_ADDR, "VI_ATTR_RECV_TCPIP_ADDR", string, event, core,
              event_tcpip_connect),
    read_only(VI_ATTR_USB_RECV_INTR_SIZE, "VI_ATTR_USB_RECV_INTR_SIZE", uint16, event, core,
              event_usb_intr),
    read_only(VI_ATTR_USB_RECV_INTR_DATA, "VI_ATTR_USB_RECV_INTR_DATA", bytes, event, core,
              event_usb_intr),
    read_only(VI_ATTR_PXI_RECV_INTR_SEQ, "VI_ATTR_PXI_RECV_INTR_SEQ", int16, event, core,
              event_pxi_intr),
    read_only(VI_ATTR_PXI_RECV_INTR_DATA, "VI_ATTR_PXI_RECV_INTR_DATA", uint32, event, core,
              event_pxi_intr),
    read_only(VI_ATTR_VXI_DEV_CMD_TYPE, "VI_ATTR_VXI_DEV_CMD_TYPE", int16, event, core,
              event_vxi_dev_cmd),
    read_only(VI_ATTR_VXI_DEV_CMD_VALUE, "VI_ATTR_VXI_DEV_CMD_VALUE", uint32, event, core,
              event_vxi_dev_cmd),
};

}  // namespace visa::model::rows
