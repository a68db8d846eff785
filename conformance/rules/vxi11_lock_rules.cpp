// SPDX-License-Identifier: MIT
// VPP-4.3 3.6.4, 3.6.6 and VXI-11 B.6.10, B.6.11: the device enforces an exclusive lock against
// other computers; a shared lock stays in the library. SecondClient plays the other computer.
#include <future>

#include "conformance/rules/check.h"
#include "conformance/rules/second_client.h"
#include "conformance/rules/wire.h"

namespace visa::rules {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t kNone = 0;
constexpr std::uint32_t kLocked = 11;

void gives(Check& check, const char* what, std::uint32_t got, std::uint32_t wanted) {
  check.that(got == wanted, std::string("the second client's ") + what + " is answered with " +
                                std::to_string(got) + ", expected " + std::to_string(wanted));
}

void rule_3_6_4_an_exclusive_lock_goes_to_the_device(Check& check) {
  SecondClient second(check);
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  MUST_ANSWER(viLock(vi, VI_EXCLUSIVE_LOCK, 1000, VI_NULL, VI_NULL), VI_SUCCESS);
  gives(check, "device_lock", second.lock(), kLocked);
  gives(check, "device_write", second.write("*IDN?\n"), kLocked);
  check.that(!check.ask(vi, "*IDN?\n").empty(), "the holder cannot use the device");
  ANSWERS(viUnlock(vi), VI_SUCCESS);
  gives(check, "device_lock", second.lock(), kNone);
  // The other way round, by 3.6.21: viClose gives the lock up.
  gives(check, "device_unlock", second.unlock(), kNone);
  MUST_ANSWER(viLock(vi, VI_EXCLUSIVE_LOCK, 1000, VI_NULL, VI_NULL), VI_SUCCESS);
  ANSWERS(viClose(vi), VI_SUCCESS);
  gives(check, "device_lock", second.lock(), kNone);
}

// B.6.72: the lock of a device does not nest, so the library counts and sends it once.
void rule_vxi11_b_6_72_nested_locks_are_sent_once(Check& check) {
  Wire wire(check);
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  wire.events();
  const double seconds = seconds_of([&] {
    ANSWERS(viLock(vi, VI_EXCLUSIVE_LOCK, 3000, VI_NULL, VI_NULL), VI_SUCCESS);
    ANSWERS(viLock(vi, VI_EXCLUSIVE_LOCK, 3000, VI_NULL, VI_NULL), VI_SUCCESS_NESTED_EXCLUSIVE);
    ANSWERS(viLock(vi, VI_EXCLUSIVE_LOCK, 3000, VI_NULL, VI_NULL), VI_SUCCESS_NESTED_EXCLUSIVE);
  });
  check.that(seconds < 2, "the library waited for itself: " + std::to_string(seconds) + " s");
  check.that(wire.calls("device_lock").size() == 1, "three viLock are not one device_lock");
  ANSWERS(viUnlock(vi), VI_SUCCESS_NESTED_EXCLUSIVE);
  ANSWERS(viUnlock(vi), VI_SUCCESS_NESTED_EXCLUSIVE);
  check.that(wire.calls("device_unlock").empty(), "the device is unlocked too early");
  ANSWERS(viUnlock(vi), VI_SUCCESS);
  check.that(wire.calls("device_unlock").size() == 1, "the device is not unlocked");
}

void rule_3_6_6_shared_locks_are_kept_in_the_library(Check& check) {
  Wire wire(check);
  SecondClient second(check);
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  wire.events();
  MUST_ANSWER(viLock(vi, VI_SHARED_LOCK, 1000, VI_NULL, VI_NULL), VI_SUCCESS);
  check.that(wire.calls("device_lock").empty(), "a shared lock goes to the device");
  gives(check, "device_lock", second.lock(), kNone);
  gives(check, "device_unlock", second.unlock(), kNone);
  // An exclusive lock over a shared one goes to the device.
  ANSWERS(viLock(vi, VI_EXCLUSIVE_LOCK, 1000, VI_NULL, VI_NULL), VI_SUCCESS);
  gives(check, "device_lock", second.lock(), kLocked);
  ANSWERS(viUnlock(vi), VI_SUCCESS_NESTED_SHARED);
  gives(check, "device_lock", second.lock(), kNone);
}

// B.5.3 waitlock, B.6.73 to B.6.76: viLock waits at the device for its whole timeout.
void rule_vxi11_b_5_3_a_lock_waits_at_the_device(Check& check) {
  Wire wire(check);
  SecondClient second(check);
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  check.set(vi, VI_ATTR_TMO_VALUE, 100);  // must have no effect here: pain 28
  gives(check, "device_lock", second.lock(), kNone);
  wire.events();
  ViStatus status = VI_SUCCESS;
  double seconds =
      seconds_of([&] { status = visa.viLock(vi, VI_EXCLUSIVE_LOCK, 600, VI_NULL, VI_NULL); });
  check.that(seconds >= 0.59 && seconds < 5, "it took " + std::to_string(seconds) + " s");
  check.refused("viLock of a device another client has locked", status);
  if (check.options().strict) {
    check.answered("viLock of a device another client has locked", status, {VI_ERROR_TMO});
    const WireCalls locks = wire.calls("device_lock");
    check.need_that(!locks.empty(), "the device was not asked");
    check.that(locks[0]["flags"] == 1, "device_lock does not wait");
    check.that(locks[0]["lock"] >= 550 && locks[0]["lock"] <= 600,
               "lock_timeout is " + std::to_string(locks[0]["lock"]));
  }
  seconds = seconds_of(
      [&] { REFUSES(viLock(vi, VI_EXCLUSIVE_LOCK, VI_TMO_IMMEDIATE, VI_NULL, VI_NULL)); });
  check.that(seconds < 1.5, "an immediate viLock took " + std::to_string(seconds) + " s");
  ANSWERS(viUnlock(vi), VI_ERROR_SESN_NLOCKED);
  auto waiting = std::async(std::launch::async, [&] {
    return visa.viLock(vi, VI_EXCLUSIVE_LOCK, 8000, VI_NULL, VI_NULL);
  });
  // Only time can show that viLock waits, and for longer than the timeout of the session.
  check.that(waiting.wait_for(300ms) != std::future_status::ready, "viLock did not wait");
  gives(check, "device_unlock", second.unlock(), kNone);
  check.answered("the waiting viLock", waiting.get(), {VI_SUCCESS});
  ANSWERS(viUnlock(vi), VI_SUCCESS);
}

// Error 11 is reported at once as VI_ERROR_RSRC_LOCKED. Pain 27: the call sets neither waitlock nor
// lock_timeout.
void rule_vxi11_a_foreign_lock_refuses_at_once(Check& check) {
  Wire wire(check);
  SecondClient second(check);
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  gives(check, "device_lock", second.lock(), kNone);
  ViByte byte = '\n';
  ViUInt32 count = 0;
  ViUInt16 status_byte = 0;
  const double seconds = seconds_of([&] {
    ANSWERS(viWrite(vi, &byte, 1, &count), VI_ERROR_RSRC_LOCKED);
    ANSWERS(viRead(vi, &byte, 1, &count), VI_ERROR_RSRC_LOCKED);
    ANSWERS(viReadSTB(vi, &status_byte), VI_ERROR_RSRC_LOCKED);
    ANSWERS(viClear(vi), VI_ERROR_RSRC_LOCKED);
    ANSWERS(viAssertTrigger(vi, VI_TRIG_PROT_DEFAULT), VI_ERROR_RSRC_LOCKED);
    ANSWERS(viGpibControlREN(vi, VI_GPIB_REN_ASSERT_ADDRESS), VI_ERROR_RSRC_LOCKED);
  });
  if (check.options().strict) {
    check.that(seconds < 2, "six refusals took " + std::to_string(seconds) + " s");
    for (const WireCall& call : wire.calls()) {
      if (call["lock"] < 0 || call.procedure == "device_lock") continue;
      check.that(call["lock"] == 0, call.procedure + " waits for the lock");
    }
  }
  gives(check, "device_unlock", second.unlock(), kNone);
  check.that(!check.ask(vi, "*IDN?\n").empty(), "the session is no good afterwards");
}

// B.6.77: a lock ends with the connection of its holder.
void rule_vxi11_b_6_77_a_lost_connection_frees_the_lock(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  {
    SecondClient second(check);
    gives(check, "device_lock", second.lock(), kNone);
  }
  ANSWERS(viLock(vi, VI_EXCLUSIVE_LOCK, 3000, VI_NULL, VI_NULL), VI_SUCCESS);
  ANSWERS(viUnlock(vi), VI_SUCCESS);
}

}  // namespace

Rules vxi11_lock_rules() {
  constexpr On kOn = On::answering;
  constexpr const char* kKind = "TCPIP_VXI11";
  return {
      {"rule_3_6_4_an_exclusive_lock_goes_to_the_device",
       rule_3_6_4_an_exclusive_lock_goes_to_the_device, kOn, kKind},
      {"rule_3_6_6_shared_locks_are_kept_in_the_library",
       rule_3_6_6_shared_locks_are_kept_in_the_library, kOn, kKind},
      {"rule_vxi11_b_6_72_nested_locks_are_sent_once", rule_vxi11_b_6_72_nested_locks_are_sent_once,
       kOn, kKind},
      {"rule_vxi11_b_5_3_a_lock_waits_at_the_device", rule_vxi11_b_5_3_a_lock_waits_at_the_device,
       kOn, kKind},
      {"rule_vxi11_a_foreign_lock_refuses_at_once", rule_vxi11_a_foreign_lock_refuses_at_once, kOn,
       kKind},
      {"rule_vxi11_b_6_77_a_lost_connection_frees_the_lock",
       rule_vxi11_b_6_77_a_lost_connection_frees_the_lock, kOn, kKind},
  };
}

}  // namespace visa::rules
