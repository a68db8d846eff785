// SPDX-License-Identifier: MIT
// The attributes of TCPIP: clauses 5.1.16 (every INSTR), 5.1.17 (HiSLIP), 5.1.2 (overlapped mode).
// The driver gives both the facts of the name and those of the socket. Constant data, merged and
// checked in attribute_table.cpp.
#pragma once

#include "lib/model/attribute_rows.h"

namespace visa::model::rows {

inline constexpr Row kTcpipRows[] = {
    read_only(VI_ATTR_TCPIP_ADDR, "VI_ATTR_TCPIP_ADDR", string, global, driver, kTcpipIo),
    read_only(VI_ATTR_TCPIP_HOSTNAME, "VI_ATTR_TCPIP_HOSTNAME", string, global, driver, kTcpipIo),
    read_only(VI_ATTR_TCPIP_DEVICE_NAME, "VI_ATTR_TCPIP_DEVICE_NAME", string, global, driver,
              kTcpipInstr | tcpip_servant),
    read_only(VI_ATTR_TCPIP_PORT, "VI_ATTR_TCPIP_PORT", uint16, global, driver,
              tcpip_hislip | tcpip_socket),
    read_write(VI_ATTR_TCPIP_NODELAY, "VI_ATTR_TCPIP_NODELAY", boolean, local, driver, kTcpipIo)
        .initially(VI_TRUE),
    read_write(VI_ATTR_TCPIP_KEEPALIVE, "VI_ATTR_TCPIP_KEEPALIVE", boolean, local, driver,
               tcpip_hislip | tcpip_socket)
        .initially(VI_FALSE),
    // No clause asks for this attribute on VXI-11. It is on, because routers drop idle connections,
    // and the instrument then drops the link's lock.
    read_write(VI_ATTR_TCPIP_KEEPALIVE, "VI_ATTR_TCPIP_KEEPALIVE", boolean, local, driver,
               tcpip_vxi11)
        .initially(VI_TRUE),
    read_only(VI_ATTR_TCPIP_IS_HISLIP, "VI_ATTR_TCPIP_IS_HISLIP", boolean, global, driver,
              kTcpipInstr),
    read_write(VI_ATTR_TCPIP_HISLIP_OVERLAP_EN, "VI_ATTR_TCPIP_HISLIP_OVERLAP_EN", boolean, local,
               driver, tcpip_hislip),
    read_only(VI_ATTR_TCPIP_HISLIP_VERSION, "VI_ATTR_TCPIP_HISLIP_VERSION", uint32, local, driver,
              tcpip_hislip),
    read_write(VI_ATTR_TCPIP_HISLIP_MAX_MESSAGE_KB, "VI_ATTR_TCPIP_HISLIP_MAX_MESSAGE_KB", uint32,
               local, driver, tcpip_hislip)
        .initially(1024),
    read_write(VI_ATTR_TCPIP_HISLIP_ENCRYPTION_EN, "VI_ATTR_TCPIP_HISLIP_ENCRYPTION_EN", boolean,
               local, driver, tcpip_hislip),
    read_only(VI_ATTR_TCPIP_SERVER_CERT_ISSUER_NAME, "VI_ATTR_TCPIP_SERVER_CERT_ISSUER_NAME",
              string, global, driver, tcpip_hislip),
    read_only(VI_ATTR_TCPIP_SERVER_CERT_SUBJECT_NAME, "VI_ATTR_TCPIP_SERVER_CERT_SUBJECT_NAME",
              string, global, driver, tcpip_hislip),
    read_only(VI_ATTR_TCPIP_SERVER_CERT_EXPIRATION_DATE,
              "VI_ATTR_TCPIP_SERVER_CERT_EXPIRATION_DATE", string, global, driver, tcpip_hislip),
    read_only(VI_ATTR_TCPIP_SERVER_CERT_IS_PERPETUAL, "VI_ATTR_TCPIP_SERVER_CERT_IS_PERPETUAL",
              boolean, global, driver, tcpip_hislip),
    read_only(VI_ATTR_TCPIP_SERVER_CERT, "VI_ATTR_TCPIP_SERVER_CERT", bytes, global, driver,
              tcpip_hislip),
    read_only(VI_ATTR_TCPIP_SERVER_CERT_SIZE, "VI_ATTR_TCPIP_SERVER_CERT_SIZE", uint32, global,
              driver, tcpip_hislip),
    read_only(VI_ATTR_TCPIP_SASL_MECHANISM, "VI_ATTR_TCPIP_SASL_MECHANISM", string, global, driver,
              tcpip_hislip),
    read_only(VI_ATTR_TCPIP_TLS_CIPHER_SUITE, "VI_ATTR_TCPIP_TLS_CIPHER_SUITE", string, global,
              driver, tcpip_hislip),
};

}  // namespace visa::model::rows
