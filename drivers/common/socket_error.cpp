// SPDX-License-Identifier: MIT
// viOpen may return neither VI_ERROR_CONN_LOST nor VI_ERROR_IO: it returns VI_ERROR_RSRC_NFOUND for
// a host that is not there, and VI_ERROR_TMO for one that does not answer.
#include "drivers/common/socket_error.h"

#include <cerrno>

namespace visa::drivers {
namespace {

constexpr ErrorText kTooManyFiles{Status::error_alloc, "too many open files",
                                  "close sessions or raise the limit (ulimit -n)"};

}  // namespace

ErrorText connect_error(int error) noexcept {
  switch (error) {
    case ECONNREFUSED:
      return {Status::error_rsrc_nfound, "connection refused",
              "is the instrument on and its socket server enabled?"};
    case ENETUNREACH:
    case ENETDOWN:
      return {Status::error_rsrc_nfound, "no route to that network",
              "check the address and this computer's network"};
    case EHOSTUNREACH:
    case EHOSTDOWN:
      return {Status::error_rsrc_nfound, "host unreachable",
              "is the instrument on and the cable in?"};
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE:
      return {Status::error_rsrc_nfound, "the instrument closed the connection at once",
              "is another program connected to it?"};
    case EADDRNOTAVAIL:
      return {Status::error_rsrc_nfound, "no local address fits",
              "check the address; or too many connections were opened"};
    case EAFNOSUPPORT:
    case EPROTONOSUPPORT:
      return {Status::error_rsrc_nfound, "this computer does not speak that kind of address",
              "is IPv6 switched off?"};
    case EINVAL:
      return {Status::error_rsrc_nfound, "not an address that can be connected to",
              "a link-local address needs its interface, as in [fe80::1%eth0]"};
    case ETIMEDOUT:
      return {Status::error_tmo, "no answer", "is the instrument on and reachable from here?"};
    case EACCES:
    case EPERM:
      return {Status::error_npermission, "not permitted", "check the firewall of this computer"};
    case EMFILE:
    case ENFILE:
      return kTooManyFiles;
    case ENOBUFS:
    case ENOMEM:
      return {Status::error_alloc, "the system is out of memory", ""};
    default:
      return {Status::error_rsrc_nfound, "cannot connect", "check the address"};
  }
}

ErrorText transfer_error(int error) noexcept {
  switch (error) {
    case EFAULT:
      return {Status::error_user_buf, "the buffer of the call cannot be used", ""};
    case ENOBUFS:
    case ENOMEM:
      return {Status::error_alloc, "the system is out of memory", ""};
    case ECONNRESET:
    case EPIPE:
      return {Status::error_conn_lost, "the instrument dropped the connection",
              "close this session and open it again"};
    case ETIMEDOUT:
      return {Status::error_conn_lost, "the instrument does not answer any more",
              "close this session and open it again"};
    case ECONNABORTED:
    case ENOTCONN:
    case ESHUTDOWN:
    case EHOSTUNREACH:
    case EHOSTDOWN:
    case ENETUNREACH:
    case ENETDOWN:
    case ENETRESET:
      return {Status::error_conn_lost, "the connection is lost",
              "check the network, close this session and open it again"};
    default:
      return {Status::error_io, "the system refused the transfer", ""};
  }
}

}  // namespace visa::drivers
