// SPDX-License-Identifier: MIT
// The attributes of sessions in the order of the standard's chapters; a test compares them with the
// fact sheet. Left out: the twins of another width (_32, _64) and the certificate itself, a text of
// several kilobytes. A value is read at exactly its width.
#include "tools/freevisa/attribute_table.h"

#include <array>
#include <cstdio>

#include "tools/freevisa/visa_session.h"

namespace visa::tool {
namespace {

using Form = Attribute::Form;

constexpr NamedValue kLocks[] = {
    {VI_NO_LOCK, "VI_NO_LOCK"},
    {VI_EXCLUSIVE_LOCK, "VI_EXCLUSIVE_LOCK"},
    {VI_SHARED_LOCK, "VI_SHARED_LOCK"},
};
constexpr NamedValue kInterfaces[] = {
    {VI_INTF_GPIB, "VI_INTF_GPIB"},         {VI_INTF_VXI, "VI_INTF_VXI"},
    {VI_INTF_GPIB_VXI, "VI_INTF_GPIB_VXI"}, {VI_INTF_ASRL, "VI_INTF_ASRL"},
    {VI_INTF_PXI, "VI_INTF_PXI"},           {VI_INTF_TCPIP, "VI_INTF_TCPIP"},
    {VI_INTF_USB, "VI_INTF_USB"},           {VI_INTF_RIO, "VI_INTF_RIO"},
    {VI_INTF_FIREWIRE, "VI_INTF_FIREWIRE"},
};
constexpr NamedValue kTimeouts[] = {
    {VI_TMO_IMMEDIATE, "VI_TMO_IMMEDIATE"},
    {VI_TMO_INFINITE, "VI_TMO_INFINITE"},
};
constexpr NamedValue kTriggers[] = {
    {VI_TRIG_SW, "VI_TRIG_SW"},     {VI_TRIG_TTL0, "VI_TRIG_TTL0"},
    {VI_TRIG_TTL1, "VI_TRIG_TTL1"}, {VI_TRIG_TTL2, "VI_TRIG_TTL2"},
    {VI_TRIG_TTL3, "VI_TRIG_TTL3"}, {VI_TRIG_TTL4, "VI_TRIG_TTL4"},
    {VI_TRIG_TTL5, "VI_TRIG_TTL5"}, {VI_TRIG_TTL6, "VI_TRIG_TTL6"},
    {VI_TRIG_TTL7, "VI_TRIG_TTL7"}, {VI_TRIG_ECL0, "VI_TRIG_ECL0"},
    {VI_TRIG_ECL1, "VI_TRIG_ECL1"}, {VI_TRIG_PANEL_IN, "VI_TRIG_PANEL_IN"},
};
constexpr NamedValue kProtocols[] = {
    {VI_PROT_NORMAL, "VI_PROT_NORMAL"},
    {VI_PROT_FDC, "VI_PROT_FDC"},
    {VI_PROT_HS488, "VI_PROT_HS488"},
    {VI_PROT_4882_STRS, "VI_PROT_4882_STRS"},
    {VI_PROT_USBTMC_VENDOR, "VI_PROT_USBTMC_VENDOR"},
};
constexpr NamedValue kFlushing[] = {
    {VI_FLUSH_ON_ACCESS, "VI_FLUSH_ON_ACCESS"},
    {VI_FLUSH_WHEN_FULL, "VI_FLUSH_WHEN_FULL"},
    {VI_FLUSH_DISABLE, "VI_FLUSH_DISABLE"},
};
constexpr NamedValue kParities[] = {
    {VI_ASRL_PAR_NONE, "VI_ASRL_PAR_NONE"},   {VI_ASRL_PAR_ODD, "VI_ASRL_PAR_ODD"},
    {VI_ASRL_PAR_EVEN, "VI_ASRL_PAR_EVEN"},   {VI_ASRL_PAR_MARK, "VI_ASRL_PAR_MARK"},
    {VI_ASRL_PAR_SPACE, "VI_ASRL_PAR_SPACE"},
};
constexpr NamedValue kStopBits[] = {
    {VI_ASRL_STOP_ONE, "VI_ASRL_STOP_ONE"},
    {VI_ASRL_STOP_ONE5, "VI_ASRL_STOP_ONE5"},
    {VI_ASRL_STOP_TWO, "VI_ASRL_STOP_TWO"},
};
constexpr NamedValue kFlowControl[] = {
    {VI_ASRL_FLOW_NONE, "VI_ASRL_FLOW_NONE"},
    {VI_ASRL_FLOW_XON_XOFF, "VI_ASRL_FLOW_XON_XOFF"},
    {VI_ASRL_FLOW_RTS_CTS, "VI_ASRL_FLOW_RTS_CTS"},
    {VI_ASRL_FLOW_DTR_DSR, "VI_ASRL_FLOW_DTR_DSR"},
};
constexpr NamedValue kSerialEnds[] = {
    {VI_ASRL_END_NONE, "VI_ASRL_END_NONE"},
    {VI_ASRL_END_LAST_BIT, "VI_ASRL_END_LAST_BIT"},
    {VI_ASRL_END_TERMCHAR, "VI_ASRL_END_TERMCHAR"},
    {VI_ASRL_END_BREAK, "VI_ASRL_END_BREAK"},
};
constexpr NamedValue kWireModes[] = {
    {VI_ASRL_WIRE_485_4, "VI_ASRL_WIRE_485_4"},
    {VI_ASRL_WIRE_485_2_DTR_ECHO, "VI_ASRL_WIRE_485_2_DTR_ECHO"},
    {VI_ASRL_WIRE_485_2_DTR_CTRL, "VI_ASRL_WIRE_485_2_DTR_CTRL"},
    {VI_ASRL_WIRE_485_2_AUTO, "VI_ASRL_WIRE_485_2_AUTO"},
    {VI_ASRL_WIRE_232_DTE, "VI_ASRL_WIRE_232_DTE"},
    {VI_ASRL_WIRE_232_DCE, "VI_ASRL_WIRE_232_DCE"},
    {VI_ASRL_WIRE_232_AUTO, "VI_ASRL_WIRE_232_AUTO"},
    {VI_STATE_UNKNOWN, "VI_STATE_UNKNOWN"},
};
constexpr NamedValue kStates[] = {
    {VI_STATE_ASSERTED, "VI_STATE_ASSERTED"},
    {VI_STATE_UNASSERTED, "VI_STATE_UNASSERTED"},
    {VI_STATE_UNKNOWN, "VI_STATE_UNKNOWN"},
};
constexpr NamedValue kGpibRoles[] = {
    {VI_GPIB_UNADDRESSED, "VI_GPIB_UNADDRESSED"},
    {VI_GPIB_TALKER, "VI_GPIB_TALKER"},
    {VI_GPIB_LISTENER, "VI_GPIB_LISTENER"},
};
constexpr NamedValue kSecondary[] = {
    {VI_NO_SEC_ADDR, "VI_NO_SEC_ADDR"},
};
constexpr NamedValue kUsbEnds[] = {
    {VI_USB_END_NONE, "VI_USB_END_NONE"},
    {VI_USB_END_SHORT, "VI_USB_END_SHORT"},
    {VI_USB_END_SHORT_OR_COUNT, "VI_USB_END_SHORT_OR_COUNT"},
};
constexpr NamedValue kPipes[] = {
    {VI_USB_PIPE_STATE_UNKNOWN, "VI_USB_PIPE_STATE_UNKNOWN"},
    {VI_USB_PIPE_READY, "VI_USB_PIPE_READY"},
    {VI_USB_PIPE_STALLED, "VI_USB_PIPE_STALLED"},
};

constexpr Attribute kAttributes[] = {
    {VI_ATTR_RSRC_CLASS, "VI_ATTR_RSRC_CLASS", Form::text, {}},
    {VI_ATTR_RSRC_NAME, "VI_ATTR_RSRC_NAME", Form::text, {}},
    {VI_ATTR_RSRC_IMPL_VERSION, "VI_ATTR_RSRC_IMPL_VERSION", Form::version, {}},
    {VI_ATTR_RSRC_LOCK_STATE, "VI_ATTR_RSRC_LOCK_STATE", Form::u32, kLocks},
    {VI_ATTR_MAX_QUEUE_LENGTH, "VI_ATTR_MAX_QUEUE_LENGTH", Form::u32, {}},
    {VI_ATTR_USER_DATA, "VI_ATTR_USER_DATA", Form::bus, {}},
    {VI_ATTR_RM_SESSION, "VI_ATTR_RM_SESSION", Form::u32, {}},
    {VI_ATTR_RSRC_SPEC_VERSION, "VI_ATTR_RSRC_SPEC_VERSION", Form::version, {}},
    {VI_ATTR_RSRC_MANF_NAME, "VI_ATTR_RSRC_MANF_NAME", Form::text, {}},
    {VI_ATTR_RSRC_MANF_ID, "VI_ATTR_RSRC_MANF_ID", Form::hex16, {}},
    {VI_ATTR_INTF_TYPE, "VI_ATTR_INTF_TYPE", Form::u16, kInterfaces},
    {VI_ATTR_INTF_NUM, "VI_ATTR_INTF_NUM", Form::u16, {}},
    {VI_ATTR_INTF_INST_NAME, "VI_ATTR_INTF_INST_NAME", Form::text, {}},
    {VI_ATTR_INTF_PARENT_NUM, "VI_ATTR_INTF_PARENT_NUM", Form::u16, {}},
    {VI_ATTR_TMO_VALUE, "VI_ATTR_TMO_VALUE", Form::u32, kTimeouts},
    {VI_ATTR_DMA_ALLOW_EN, "VI_ATTR_DMA_ALLOW_EN", Form::boolean, {}},
    {VI_ATTR_TRIG_ID, "VI_ATTR_TRIG_ID", Form::i16, kTriggers},
    {VI_ATTR_IO_PROT, "VI_ATTR_IO_PROT", Form::u16, kProtocols},
    {VI_ATTR_SEND_END_EN, "VI_ATTR_SEND_END_EN", Form::boolean, {}},
    {VI_ATTR_SUPPRESS_END_EN, "VI_ATTR_SUPPRESS_END_EN", Form::boolean, {}},
    {VI_ATTR_TERMCHAR, "VI_ATTR_TERMCHAR", Form::u8, {}},
    {VI_ATTR_TERMCHAR_EN, "VI_ATTR_TERMCHAR_EN", Form::boolean, {}},
    {VI_ATTR_RD_BUF_OPER_MODE, "VI_ATTR_RD_BUF_OPER_MODE", Form::u16, kFlushing},
    {VI_ATTR_WR_BUF_OPER_MODE, "VI_ATTR_WR_BUF_OPER_MODE", Form::u16, kFlushing},
    {VI_ATTR_RD_BUF_SIZE, "VI_ATTR_RD_BUF_SIZE", Form::u32, {}},
    {VI_ATTR_WR_BUF_SIZE, "VI_ATTR_WR_BUF_SIZE", Form::u32, {}},
    {VI_ATTR_FILE_APPEND_EN, "VI_ATTR_FILE_APPEND_EN", Form::boolean, {}},
    {VI_ATTR_DEV_STATUS_BYTE, "VI_ATTR_DEV_STATUS_BYTE", Form::u8, {}},
    {VI_ATTR_ASRL_AVAIL_NUM, "VI_ATTR_ASRL_AVAIL_NUM", Form::u32, {}},
    {VI_ATTR_ASRL_BAUD, "VI_ATTR_ASRL_BAUD", Form::u32, {}},
    {VI_ATTR_ASRL_DATA_BITS, "VI_ATTR_ASRL_DATA_BITS", Form::u16, {}},
    {VI_ATTR_ASRL_PARITY, "VI_ATTR_ASRL_PARITY", Form::u16, kParities},
    {VI_ATTR_ASRL_STOP_BITS, "VI_ATTR_ASRL_STOP_BITS", Form::u16, kStopBits},
    {VI_ATTR_ASRL_FLOW_CNTRL, "VI_ATTR_ASRL_FLOW_CNTRL", Form::u16, kFlowControl},
    {VI_ATTR_ASRL_END_IN, "VI_ATTR_ASRL_END_IN", Form::u16, kSerialEnds},
    {VI_ATTR_ASRL_END_OUT, "VI_ATTR_ASRL_END_OUT", Form::u16, kSerialEnds},
    {VI_ATTR_ASRL_CTS_STATE, "VI_ATTR_ASRL_CTS_STATE", Form::i16, kStates},
    {VI_ATTR_ASRL_DCD_STATE, "VI_ATTR_ASRL_DCD_STATE", Form::i16, kStates},
    {VI_ATTR_ASRL_DSR_STATE, "VI_ATTR_ASRL_DSR_STATE", Form::i16, kStates},
    {VI_ATTR_ASRL_DTR_STATE, "VI_ATTR_ASRL_DTR_STATE", Form::i16, kStates},
    {VI_ATTR_ASRL_RI_STATE, "VI_ATTR_ASRL_RI_STATE", Form::i16, kStates},
    {VI_ATTR_ASRL_RTS_STATE, "VI_ATTR_ASRL_RTS_STATE", Form::i16, kStates},
    {VI_ATTR_ASRL_REPLACE_CHAR, "VI_ATTR_ASRL_REPLACE_CHAR", Form::u8, {}},
    {VI_ATTR_ASRL_XON_CHAR, "VI_ATTR_ASRL_XON_CHAR", Form::u8, {}},
    {VI_ATTR_ASRL_XOFF_CHAR, "VI_ATTR_ASRL_XOFF_CHAR", Form::u8, {}},
    {VI_ATTR_ASRL_DISCARD_NULL, "VI_ATTR_ASRL_DISCARD_NULL", Form::boolean, {}},
    {VI_ATTR_ASRL_CONNECTED, "VI_ATTR_ASRL_CONNECTED", Form::boolean, {}},
    {VI_ATTR_ASRL_BREAK_STATE, "VI_ATTR_ASRL_BREAK_STATE", Form::i16, kStates},
    {VI_ATTR_ASRL_BREAK_LEN, "VI_ATTR_ASRL_BREAK_LEN", Form::i16, {}},
    {VI_ATTR_ASRL_ALLOW_TRANSMIT, "VI_ATTR_ASRL_ALLOW_TRANSMIT", Form::boolean, {}},
    {VI_ATTR_ASRL_WIRE_MODE, "VI_ATTR_ASRL_WIRE_MODE", Form::i16, kWireModes},
    {VI_ATTR_GPIB_PRIMARY_ADDR, "VI_ATTR_GPIB_PRIMARY_ADDR", Form::u16, {}},
    {VI_ATTR_GPIB_SECONDARY_ADDR, "VI_ATTR_GPIB_SECONDARY_ADDR", Form::u16, kSecondary},
    {VI_ATTR_GPIB_READDR_EN, "VI_ATTR_GPIB_READDR_EN", Form::boolean, {}},
    {VI_ATTR_GPIB_UNADDR_EN, "VI_ATTR_GPIB_UNADDR_EN", Form::boolean, {}},
    {VI_ATTR_GPIB_REN_STATE, "VI_ATTR_GPIB_REN_STATE", Form::i16, kStates},
    {VI_ATTR_GPIB_ATN_STATE, "VI_ATTR_GPIB_ATN_STATE", Form::i16, kStates},
    {VI_ATTR_GPIB_NDAC_STATE, "VI_ATTR_GPIB_NDAC_STATE", Form::i16, kStates},
    {VI_ATTR_GPIB_SRQ_STATE, "VI_ATTR_GPIB_SRQ_STATE", Form::i16, kStates},
    {VI_ATTR_GPIB_ADDR_STATE, "VI_ATTR_GPIB_ADDR_STATE", Form::i16, kGpibRoles},
    {VI_ATTR_GPIB_CIC_STATE, "VI_ATTR_GPIB_CIC_STATE", Form::boolean, {}},
    {VI_ATTR_GPIB_SYS_CNTRL_STATE, "VI_ATTR_GPIB_SYS_CNTRL_STATE", Form::boolean, {}},
    {VI_ATTR_GPIB_HS488_CBL_LEN, "VI_ATTR_GPIB_HS488_CBL_LEN", Form::i16, {}},
    {VI_ATTR_CMDR_LA, "VI_ATTR_CMDR_LA", Form::i16, {}},
    {VI_ATTR_VXI_LA, "VI_ATTR_VXI_LA", Form::i16, {}},
    {VI_ATTR_MAINFRAME_LA, "VI_ATTR_MAINFRAME_LA", Form::i16, {}},
    {VI_ATTR_SLOT, "VI_ATTR_SLOT", Form::i16, {}},
    {VI_ATTR_VXI_DEV_CLASS, "VI_ATTR_VXI_DEV_CLASS", Form::u16, {}},
    {VI_ATTR_IMMEDIATE_SERV, "VI_ATTR_IMMEDIATE_SERV", Form::boolean, {}},
    {VI_ATTR_MANF_ID, "VI_ATTR_MANF_ID", Form::hex16, {}},
    {VI_ATTR_MODEL_CODE, "VI_ATTR_MODEL_CODE", Form::hex16, {}},
    {VI_ATTR_MANF_NAME, "VI_ATTR_MANF_NAME", Form::text, {}},
    {VI_ATTR_MODEL_NAME, "VI_ATTR_MODEL_NAME", Form::text, {}},
    {VI_ATTR_MEM_SPACE, "VI_ATTR_MEM_SPACE", Form::u16, {}},
    {VI_ATTR_MEM_BASE, "VI_ATTR_MEM_BASE", Form::bus, {}},
    {VI_ATTR_MEM_SIZE, "VI_ATTR_MEM_SIZE", Form::bus, {}},
    {VI_ATTR_FDC_CHNL, "VI_ATTR_FDC_CHNL", Form::u16, {}},
    {VI_ATTR_FDC_MODE, "VI_ATTR_FDC_MODE", Form::u16, {}},
    {VI_ATTR_FDC_GEN_SIGNAL_EN, "VI_ATTR_FDC_GEN_SIGNAL_EN", Form::boolean, {}},
    {VI_ATTR_FDC_USE_PAIR, "VI_ATTR_FDC_USE_PAIR", Form::boolean, {}},
    {VI_ATTR_SRC_ACCESS_PRIV, "VI_ATTR_SRC_ACCESS_PRIV", Form::u16, {}},
    {VI_ATTR_DEST_ACCESS_PRIV, "VI_ATTR_DEST_ACCESS_PRIV", Form::u16, {}},
    {VI_ATTR_WIN_ACCESS_PRIV, "VI_ATTR_WIN_ACCESS_PRIV", Form::u16, {}},
    {VI_ATTR_SRC_BYTE_ORDER, "VI_ATTR_SRC_BYTE_ORDER", Form::u16, {}},
    {VI_ATTR_DEST_BYTE_ORDER, "VI_ATTR_DEST_BYTE_ORDER", Form::u16, {}},
    {VI_ATTR_WIN_BYTE_ORDER, "VI_ATTR_WIN_BYTE_ORDER", Form::u16, {}},
    {VI_ATTR_SRC_INCREMENT, "VI_ATTR_SRC_INCREMENT", Form::i32, {}},
    {VI_ATTR_DEST_INCREMENT, "VI_ATTR_DEST_INCREMENT", Form::i32, {}},
    {VI_ATTR_WIN_ACCESS, "VI_ATTR_WIN_ACCESS", Form::u16, {}},
    {VI_ATTR_WIN_BASE_ADDR, "VI_ATTR_WIN_BASE_ADDR", Form::bus, {}},
    {VI_ATTR_WIN_SIZE, "VI_ATTR_WIN_SIZE", Form::bus, {}},
    {VI_ATTR_VXI_TRIG_STATUS, "VI_ATTR_VXI_TRIG_STATUS", Form::u32, {}},
    {VI_ATTR_VXI_TRIG_SUPPORT, "VI_ATTR_VXI_TRIG_SUPPORT", Form::u32, {}},
    {VI_ATTR_VXI_VME_INTR_STATUS, "VI_ATTR_VXI_VME_INTR_STATUS", Form::u16, {}},
    {VI_ATTR_VXI_VME_SYSFAIL_STATE, "VI_ATTR_VXI_VME_SYSFAIL_STATE", Form::i16, kStates},
    {VI_ATTR_VXI_TRIG_LINES_EN, "VI_ATTR_VXI_TRIG_LINES_EN", Form::u16, {}},
    {VI_ATTR_VXI_TRIG_DIR, "VI_ATTR_VXI_TRIG_DIR", Form::u16, {}},
    {VI_ATTR_SYNC_MXI_ALLOW_EN, "VI_ATTR_SYNC_MXI_ALLOW_EN", Form::boolean, {}},
    {VI_ATTR_TCPIP_ADDR, "VI_ATTR_TCPIP_ADDR", Form::text, {}},
    {VI_ATTR_TCPIP_HOSTNAME, "VI_ATTR_TCPIP_HOSTNAME", Form::text, {}},
    {VI_ATTR_TCPIP_DEVICE_NAME, "VI_ATTR_TCPIP_DEVICE_NAME", Form::text, {}},
    {VI_ATTR_TCPIP_PORT, "VI_ATTR_TCPIP_PORT", Form::u16, {}},
    {VI_ATTR_TCPIP_NODELAY, "VI_ATTR_TCPIP_NODELAY", Form::boolean, {}},
    {VI_ATTR_TCPIP_KEEPALIVE, "VI_ATTR_TCPIP_KEEPALIVE", Form::boolean, {}},
    {VI_ATTR_TCPIP_IS_HISLIP, "VI_ATTR_TCPIP_IS_HISLIP", Form::boolean, {}},
    {VI_ATTR_TCPIP_HISLIP_OVERLAP_EN, "VI_ATTR_TCPIP_HISLIP_OVERLAP_EN", Form::boolean, {}},
    {VI_ATTR_TCPIP_HISLIP_VERSION, "VI_ATTR_TCPIP_HISLIP_VERSION", Form::version, {}},
    {VI_ATTR_TCPIP_HISLIP_MAX_MESSAGE_KB, "VI_ATTR_TCPIP_HISLIP_MAX_MESSAGE_KB", Form::u32, {}},
    {VI_ATTR_TCPIP_HISLIP_ENCRYPTION_EN, "VI_ATTR_TCPIP_HISLIP_ENCRYPTION_EN", Form::boolean, {}},
    {VI_ATTR_TCPIP_SERVER_CERT_ISSUER_NAME,
     "VI_ATTR_TCPIP_SERVER_CERT_ISSUER_NAME",
     Form::text,
     {}},
    {VI_ATTR_TCPIP_SERVER_CERT_SUBJECT_NAME,
     "VI_ATTR_TCPIP_SERVER_CERT_SUBJECT_NAME",
     Form::text,
     {}},
    {VI_ATTR_TCPIP_SERVER_CERT_EXPIRATION_DATE,
     "VI_ATTR_TCPIP_SERVER_CERT_EXPIRATION_DATE",
     Form::text,
     {}},
    {VI_ATTR_TCPIP_SERVER_CERT_IS_PERPETUAL,
     "VI_ATTR_TCPIP_SERVER_CERT_IS_PERPETUAL",
     Form::boolean,
     {}},
    {VI_ATTR_TCPIP_SERVER_CERT_SIZE, "VI_ATTR_TCPIP_SERVER_CERT_SIZE", Form::u32, {}},
    {VI_ATTR_TCPIP_SASL_MECHANISM, "VI_ATTR_TCPIP_SASL_MECHANISM", Form::text, {}},
    {VI_ATTR_TCPIP_TLS_CIPHER_SUITE, "VI_ATTR_TCPIP_TLS_CIPHER_SUITE", Form::text, {}},
    {VI_ATTR_USB_SERIAL_NUM, "VI_ATTR_USB_SERIAL_NUM", Form::text, {}},
    {VI_ATTR_USB_INTFC_NUM, "VI_ATTR_USB_INTFC_NUM", Form::i16, {}},
    {VI_ATTR_USB_MAX_INTR_SIZE, "VI_ATTR_USB_MAX_INTR_SIZE", Form::u16, {}},
    {VI_ATTR_USB_PROTOCOL, "VI_ATTR_USB_PROTOCOL", Form::i16, {}},
    {VI_ATTR_4882_COMPLIANT, "VI_ATTR_4882_COMPLIANT", Form::boolean, {}},
    {VI_ATTR_USB_BULK_OUT_PIPE, "VI_ATTR_USB_BULK_OUT_PIPE", Form::i16, {}},
    {VI_ATTR_USB_BULK_IN_PIPE, "VI_ATTR_USB_BULK_IN_PIPE", Form::i16, {}},
    {VI_ATTR_USB_INTR_IN_PIPE, "VI_ATTR_USB_INTR_IN_PIPE", Form::i16, {}},
    {VI_ATTR_USB_CTRL_PIPE, "VI_ATTR_USB_CTRL_PIPE", Form::i16, {}},
    {VI_ATTR_USB_CLASS, "VI_ATTR_USB_CLASS", Form::i16, {}},
    {VI_ATTR_USB_SUBCLASS, "VI_ATTR_USB_SUBCLASS", Form::i16, {}},
    {VI_ATTR_USB_ALT_SETTING, "VI_ATTR_USB_ALT_SETTING", Form::i16, {}},
    {VI_ATTR_USB_END_IN, "VI_ATTR_USB_END_IN", Form::u16, kUsbEnds},
    {VI_ATTR_USB_NUM_INTFCS, "VI_ATTR_USB_NUM_INTFCS", Form::i16, {}},
    {VI_ATTR_USB_NUM_PIPES, "VI_ATTR_USB_NUM_PIPES", Form::i16, {}},
    {VI_ATTR_USB_BULK_OUT_STATUS, "VI_ATTR_USB_BULK_OUT_STATUS", Form::i16, kPipes},
    {VI_ATTR_USB_BULK_IN_STATUS, "VI_ATTR_USB_BULK_IN_STATUS", Form::i16, kPipes},
    {VI_ATTR_USB_INTR_IN_STATUS, "VI_ATTR_USB_INTR_IN_STATUS", Form::i16, kPipes},
    {VI_ATTR_PXI_DEV_NUM, "VI_ATTR_PXI_DEV_NUM", Form::u16, {}},
    {VI_ATTR_PXI_FUNC_NUM, "VI_ATTR_PXI_FUNC_NUM", Form::u16, {}},
    {VI_ATTR_PXI_BUS_NUM, "VI_ATTR_PXI_BUS_NUM", Form::u16, {}},
    {VI_ATTR_PXI_CHASSIS, "VI_ATTR_PXI_CHASSIS", Form::i16, {}},
    {VI_ATTR_PXI_SLOTPATH, "VI_ATTR_PXI_SLOTPATH", Form::text, {}},
    {VI_ATTR_PXI_SLOT_LBUS_LEFT, "VI_ATTR_PXI_SLOT_LBUS_LEFT", Form::i16, {}},
    {VI_ATTR_PXI_SLOT_LBUS_RIGHT, "VI_ATTR_PXI_SLOT_LBUS_RIGHT", Form::i16, {}},
    {VI_ATTR_PXI_STAR_TRIG_BUS, "VI_ATTR_PXI_STAR_TRIG_BUS", Form::i16, {}},
    {VI_ATTR_PXI_STAR_TRIG_LINE, "VI_ATTR_PXI_STAR_TRIG_LINE", Form::i16, {}},
    {VI_ATTR_PXI_IS_EXPRESS, "VI_ATTR_PXI_IS_EXPRESS", Form::boolean, {}},
    {VI_ATTR_PXI_SLOT_LWIDTH, "VI_ATTR_PXI_SLOT_LWIDTH", Form::i16, {}},
    {VI_ATTR_PXI_MAX_LWIDTH, "VI_ATTR_PXI_MAX_LWIDTH", Form::i16, {}},
    {VI_ATTR_PXI_ACTUAL_LWIDTH, "VI_ATTR_PXI_ACTUAL_LWIDTH", Form::i16, {}},
    {VI_ATTR_PXI_DSTAR_BUS, "VI_ATTR_PXI_DSTAR_BUS", Form::i16, {}},
    {VI_ATTR_PXI_DSTAR_SET, "VI_ATTR_PXI_DSTAR_SET", Form::i16, {}},
    {VI_ATTR_PXI_SLOT_WIDTH, "VI_ATTR_PXI_SLOT_WIDTH", Form::u16, {}},
    {VI_ATTR_PXI_SLOT_OFFSET, "VI_ATTR_PXI_SLOT_OFFSET", Form::u16, {}},
    {VI_ATTR_PXI_TRIG_BUS, "VI_ATTR_PXI_TRIG_BUS", Form::i16, {}},
    {VI_ATTR_PXI_SRC_TRIG_BUS, "VI_ATTR_PXI_SRC_TRIG_BUS", Form::i16, {}},
    {VI_ATTR_PXI_DEST_TRIG_BUS, "VI_ATTR_PXI_DEST_TRIG_BUS", Form::i16, {}},
    {VI_ATTR_PXI_ALLOW_WRITE_COMBINE, "VI_ATTR_PXI_ALLOW_WRITE_COMBINE", Form::boolean, {}},
    {VI_ATTR_PXI_USE_PREALLOC_POOL, "VI_ATTR_PXI_USE_PREALLOC_POOL", Form::boolean, {}},
    {VI_ATTR_PXI_MEM_TYPE_BAR0, "VI_ATTR_PXI_MEM_TYPE_BAR0", Form::u16, {}},
    {VI_ATTR_PXI_MEM_TYPE_BAR1, "VI_ATTR_PXI_MEM_TYPE_BAR1", Form::u16, {}},
    {VI_ATTR_PXI_MEM_TYPE_BAR2, "VI_ATTR_PXI_MEM_TYPE_BAR2", Form::u16, {}},
    {VI_ATTR_PXI_MEM_TYPE_BAR3, "VI_ATTR_PXI_MEM_TYPE_BAR3", Form::u16, {}},
    {VI_ATTR_PXI_MEM_TYPE_BAR4, "VI_ATTR_PXI_MEM_TYPE_BAR4", Form::u16, {}},
    {VI_ATTR_PXI_MEM_TYPE_BAR5, "VI_ATTR_PXI_MEM_TYPE_BAR5", Form::u16, {}},
    {VI_ATTR_PXI_MEM_BASE_BAR0, "VI_ATTR_PXI_MEM_BASE_BAR0", Form::bus, {}},
    {VI_ATTR_PXI_MEM_BASE_BAR1, "VI_ATTR_PXI_MEM_BASE_BAR1", Form::bus, {}},
    {VI_ATTR_PXI_MEM_BASE_BAR2, "VI_ATTR_PXI_MEM_BASE_BAR2", Form::bus, {}},
    {VI_ATTR_PXI_MEM_BASE_BAR3, "VI_ATTR_PXI_MEM_BASE_BAR3", Form::bus, {}},
    {VI_ATTR_PXI_MEM_BASE_BAR4, "VI_ATTR_PXI_MEM_BASE_BAR4", Form::bus, {}},
    {VI_ATTR_PXI_MEM_BASE_BAR5, "VI_ATTR_PXI_MEM_BASE_BAR5", Form::bus, {}},
    {VI_ATTR_PXI_MEM_SIZE_BAR0, "VI_ATTR_PXI_MEM_SIZE_BAR0", Form::bus, {}},
    {VI_ATTR_PXI_MEM_SIZE_BAR1, "VI_ATTR_PXI_MEM_SIZE_BAR1", Form::bus, {}},
    {VI_ATTR_PXI_MEM_SIZE_BAR2, "VI_ATTR_PXI_MEM_SIZE_BAR2", Form::bus, {}},
    {VI_ATTR_PXI_MEM_SIZE_BAR3, "VI_ATTR_PXI_MEM_SIZE_BAR3", Form::bus, {}},
    {VI_ATTR_PXI_MEM_SIZE_BAR4, "VI_ATTR_PXI_MEM_SIZE_BAR4", Form::bus, {}},
    {VI_ATTR_PXI_MEM_SIZE_BAR5, "VI_ATTR_PXI_MEM_SIZE_BAR5", Form::bus, {}},
    {VI_ATTR_FIREWIRE_DEST_UPPER_OFFSET, "VI_ATTR_FIREWIRE_DEST_UPPER_OFFSET", Form::u32, {}},
    {VI_ATTR_FIREWIRE_SRC_UPPER_OFFSET, "VI_ATTR_FIREWIRE_SRC_UPPER_OFFSET", Form::u32, {}},
    {VI_ATTR_FIREWIRE_WIN_UPPER_OFFSET, "VI_ATTR_FIREWIRE_WIN_UPPER_OFFSET", Form::u32, {}},
    {VI_ATTR_FIREWIRE_VENDOR_ID, "VI_ATTR_FIREWIRE_VENDOR_ID", Form::u32, {}},
    {VI_ATTR_FIREWIRE_LOWER_CHIP_ID, "VI_ATTR_FIREWIRE_LOWER_CHIP_ID", Form::u32, {}},
    {VI_ATTR_FIREWIRE_UPPER_CHIP_ID, "VI_ATTR_FIREWIRE_UPPER_CHIP_ID", Form::u32, {}},
};

template <typename Value>
std::optional<std::int64_t> get(ViObject vi, ViAttr attribute) {
  Value value{};
  if (viGetAttribute(vi, attribute, &value) < VI_SUCCESS) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

std::optional<std::int64_t> read_number(ViObject vi, const Attribute& attribute) {
  switch (attribute.form) {
    case Form::text:
      break;
    case Form::boolean:
      return get<ViBoolean>(vi, attribute.id);
    case Form::u8:
      return get<ViUInt8>(vi, attribute.id);
    case Form::i16:
      return get<ViInt16>(vi, attribute.id);
    case Form::u16:
    case Form::hex16:
      return get<ViUInt16>(vi, attribute.id);
    case Form::u32:
    case Form::version:
      return get<ViUInt32>(vi, attribute.id);
    case Form::i32:
      return get<ViInt32>(vi, attribute.id);
    case Form::bus:
      return get<ViBusAddress>(vi, attribute.id);
  }
  return std::nullopt;
}

std::string hexadecimal(std::int64_t number, int digits) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "0x%0*llX", digits,
                static_cast<unsigned long long>(number));
  return text.data();
}

std::string number_text(const Attribute& attribute, std::int64_t number) {
  for (const NamedValue& one : attribute.values)
    if (one.value == number) return std::string(one.name) + " (" + std::to_string(number) + ")";
  switch (attribute.form) {
    case Form::boolean:
      return number != VI_FALSE ? "true" : "false";
    case Form::hex16:
      return hexadecimal(number, 4);
    case Form::bus:
      return hexadecimal(number, 1);
    case Form::version:
      return version_text(static_cast<ViVersion>(number));
    default:
      return std::to_string(number);
  }
}

}  // namespace

std::span<const Attribute> attributes() noexcept {
  return kAttributes;
}

std::optional<AttributeValue> read_attribute(ViObject vi, const Attribute& attribute) {
  if (attribute.form == Form::text) {
    std::array<ViChar, 1024> text{};
    if (viGetAttribute(vi, attribute.id, text.data()) < VI_SUCCESS) return std::nullopt;
    return AttributeValue{text.data(), std::nullopt};
  }
  const std::optional<std::int64_t> number = read_number(vi, attribute);
  if (!number) return std::nullopt;
  return AttributeValue{number_text(attribute, *number), number};
}

}  // namespace visa::tool
