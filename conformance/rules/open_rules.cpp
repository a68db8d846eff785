// SPDX-License-Identifier: MIT
// VPP-4.3 4.3.3 and docs/locks-and-events.md A4: viOpen, its access modes, timeout and statuses.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conformance/rules/check.h"

namespace visa::rules {
namespace {

ViStatus open_as(Check& check, ViAccessMode mode, ViUInt32 timeout, ViSession& vi) {
  vi = VI_NULL;
  return check.visa().viOpen(check.manager(), check.resource().name.c_str(), mode, timeout, &vi);
}

ViUInt32 state(Check& check, ViSession vi) {
  ViUInt32 value = 77;
  check.need("viGetAttribute(vi, VI_ATTR_RSRC_LOCK_STATE)",
             check.visa().viGetAttribute(vi, VI_ATTR_RSRC_LOCK_STATE, &value), {VI_SUCCESS});
  return value;
}

void rule_table_a4_open_without_lock(Check& check) {
  const auto& visa = check.visa();
  ViSession holder = VI_NULL;
  ViSession vi = VI_NULL;
  check.need("viOpen", open_as(check, VI_NO_LOCK, 2000, holder), {VI_SUCCESS});
  MUST_ANSWER(viLock(holder, VI_EXCLUSIVE_LOCK, 1000, VI_NULL, VI_NULL), VI_SUCCESS);
  check.answered("viOpen(VI_NO_LOCK) under a lock", open_as(check, VI_NO_LOCK, 2000, vi),
                 {VI_SUCCESS});
  ANSWERS(viUnlock(vi), VI_ERROR_SESN_NLOCKED);
}

void rule_table_a4_open_with_exclusive_lock(Check& check) {
  const auto& visa = check.visa();
  ViSession vi = VI_NULL;
  ViSession other = VI_NULL;
  check.need("viOpen(VI_EXCLUSIVE_LOCK)", open_as(check, VI_EXCLUSIVE_LOCK, 2000, vi),
             {VI_SUCCESS});
  check.that(state(check, vi) == VI_EXCLUSIVE_LOCK, "the session holds no exclusive lock");
  // A failed viOpen leaves no session.
  double seconds = seconds_of([&] {
    check.refused("viOpen(VI_EXCLUSIVE_LOCK) while locked",
                  open_as(check, VI_EXCLUSIVE_LOCK, 600, other));
  });
  check.that(seconds >= 0.59 && seconds < 6, "it took " + std::to_string(seconds) + " s");
  check.that(other == VI_NULL, "a failed viOpen returns a session");
  ANSWERS(viUnlock(vi), VI_SUCCESS);
  check.answered("viOpen(VI_EXCLUSIVE_LOCK) when free again",
                 open_as(check, VI_EXCLUSIVE_LOCK, 2000, other), {VI_SUCCESS});
  ANSWERS(viUnlock(vi), VI_ERROR_SESN_NLOCKED);
  ANSWERS(viClose(other), VI_SUCCESS);
  check.that(state(check, vi) == VI_NO_LOCK, "viClose did not give the lock of viOpen back");
}

void rule_table_a4_open_with_shared_lock(Check& check) {
  const auto& visa = check.visa();
  ViSession vi = VI_NULL;
  ViSession other = VI_NULL;
  const ViStatus status = open_as(check, VI_SHARED_LOCK, 2000, vi);
  if (!check.options().strict && status == VI_ERROR_INV_ACC_MODE) {
    throw NotShown{"viOpen knows no VI_SHARED_LOCK, which vendors' pages do not name either"};
  }
  check.need("viOpen(VI_SHARED_LOCK)", status, {VI_SUCCESS});
  check.that(state(check, vi) == VI_SHARED_LOCK, "the session holds no shared lock");
  check.refused("viOpen(VI_SHARED_LOCK) while others share",
                open_as(check, VI_SHARED_LOCK, 100, other));
  check.that(other == VI_NULL, "a failed viOpen returns a session");
  ANSWERS(viUnlock(vi), VI_SUCCESS);
}

void rule_table_a4_access_modes_that_are_none(Check& check) {
  ViSession vi = VI_NULL;
  for (const ViAccessMode mode :
       {ViAccessMode{VI_EXCLUSIVE_LOCK | VI_SHARED_LOCK}, 7U, 8U, 0x40U, 0x80000000U}) {
    check.answered("viOpen with an access mode that is none", open_as(check, mode, 2000, vi),
                   {VI_ERROR_INV_ACC_MODE});
    check.that(vi == VI_NULL, "a failed viOpen returns a session");
  }
}

void rule_table_a4_load_config(Check& check) {
  ViSession vi = VI_NULL;
  check.answered("viOpen(VI_LOAD_CONFIG)", open_as(check, VI_LOAD_CONFIG, 2000, vi),
                 {VI_SUCCESS, VI_WARN_CONFIG_NLOADED});
  ViUInt32 value = 0;
  check.answered("viGetAttribute", check.visa().viGetAttribute(vi, VI_ATTR_TMO_VALUE, &value),
                 {VI_SUCCESS});
  check.visa().viClose(vi);
  check.answered("viOpen(VI_LOAD_CONFIG | VI_EXCLUSIVE_LOCK)",
                 open_as(check, VI_LOAD_CONFIG | VI_EXCLUSIVE_LOCK, 2000, vi),
                 {VI_SUCCESS, VI_WARN_CONFIG_NLOADED});
  check.that(state(check, vi) == VI_EXCLUSIVE_LOCK, "the session holds no exclusive lock");
}

// RECOMMENDATION 4.3.3: PyVISA passes 0 when the program gives no timeout.
void rule_rec_4_3_3_timeout_zero_opens(Check& check) {
  ViSession vi = VI_NULL;
  check.answered("viOpen with timeout 0", open_as(check, VI_NO_LOCK, 0, vi), {VI_SUCCESS});
  check.answered("viOpen with VI_TMO_INFINITE", open_as(check, VI_NO_LOCK, VI_TMO_INFINITE, vi),
                 {VI_SUCCESS});
}

void rule_rec_4_3_3_timeout_zero_is_at_once_for_the_lock(Check& check) {
  ViSession holder = VI_NULL;
  ViSession vi = VI_NULL;
  check.need("viOpen", open_as(check, VI_EXCLUSIVE_LOCK, 2000, holder), {VI_SUCCESS});
  const double seconds = seconds_of([&] {
    check.refused("viOpen(VI_EXCLUSIVE_LOCK, 0)", open_as(check, VI_EXCLUSIVE_LOCK, 0, vi));
  });
  check.that(seconds < 4, "it took " + std::to_string(seconds) + " s");
}

// A port of this machine without a listener, bound so that no other program can listen on it.
int dead_port(int& fd) {
  fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    throw NotShown{"no port can be had"};
  }
  return ntohs(address.sin_port);
}

void rule_s4_3_3_a_port_nobody_listens_on(Check& check) {
  const auto& visa = check.visa();
  int fd = -1;
  const std::string name = "TCPIP0::127.0.0.1::" + std::to_string(dead_port(fd)) + "::SOCKET";
  ViSession vi = VI_NULL;
  ViStatus status = VI_SUCCESS;
  const ViSession manager = check.manager();
  const double seconds =
      seconds_of([&] { status = visa.viOpen(manager, name.c_str(), VI_NO_LOCK, 3000, &vi); });
  ::close(fd);
  check.refused("viOpen of a port without a listener", status);
  check.that(vi == VI_NULL, "a failed viOpen returns a session");
  check.that(seconds < 10, "it took " + std::to_string(seconds) + " s");
  if (check.options().strict) {
    check.answered("viOpen of a port without a listener", status,
                   {VI_ERROR_RSRC_NFOUND, VI_ERROR_TMO});
  } else {
    check.that(status != VI_ERROR_CONN_LOST && status != VI_ERROR_IO,
               "viOpen answers " + check.symbol(status) + ", which is not in its list");
  }
}

void rule_s4_3_3_bad_handles_and_names(Check& check) {
  const auto& visa = check.visa();
  ViSession vi = VI_NULL;
  const char* const name = "TCPIP0::127.0.0.1::5025::SOCKET";
  ANSWERS(viOpen(VI_NULL, name, VI_NO_LOCK, 100, &vi), VI_ERROR_INV_OBJECT);
  ANSWERS(viOpen(0x7FFFFFFF, name, VI_NO_LOCK, 100, &vi), VI_ERROR_INV_OBJECT);
  ANSWERS(viOpen(check.manager(), "no such thing at all", VI_NO_LOCK, 100, &vi),
          VI_ERROR_INV_RSRC_NAME, VI_ERROR_RSRC_NFOUND);
  ANSWERS(viOpen(check.manager(), "", VI_NO_LOCK, 100, &vi), VI_ERROR_INV_RSRC_NAME);
  ANSWERS(viOpen(check.manager(), "GPIB0::99::INSTR", VI_NO_LOCK, 100, &vi),
          VI_ERROR_INV_RSRC_NAME);
}

}  // namespace

Rules open_rules() {
  return {
      {"rule_table_a4_open_without_lock", rule_table_a4_open_without_lock},
      {"rule_table_a4_open_with_exclusive_lock", rule_table_a4_open_with_exclusive_lock},
      {"rule_table_a4_open_with_shared_lock", rule_table_a4_open_with_shared_lock},
      {"rule_table_a4_access_modes_that_are_none", rule_table_a4_access_modes_that_are_none},
      {"rule_table_a4_load_config", rule_table_a4_load_config},
      {"rule_rec_4_3_3_timeout_zero_opens", rule_rec_4_3_3_timeout_zero_opens},
      {"rule_rec_4_3_3_timeout_zero_is_at_once_for_the_lock",
       rule_rec_4_3_3_timeout_zero_is_at_once_for_the_lock},
      {"rule_s4_3_3_a_port_nobody_listens_on", rule_s4_3_3_a_port_nobody_listens_on, On::every_kind,
       "TCPIP_SOCKET"},
      {"rule_s4_3_3_bad_handles_and_names", rule_s4_3_3_bad_handles_and_names, On::nothing},
  };
}

}  // namespace visa::rules
