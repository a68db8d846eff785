// SPDX-License-Identifier: MIT
// docs/locks-and-events.md, tables A2 and A3, row by row: which session holds what, which asks for
// what, and the status that it gets.
#include "conformance/rules/check.h"

namespace visa::rules {
namespace {

constexpr char kKey[] = "the key of the group";

struct Sessions {
  explicit Sessions(Check& check) : check_(check), one(check.open()), two(check.open()) {}

  ViStatus exclusive(ViSession vi, ViUInt32 timeout = VI_TMO_IMMEDIATE) {
    return check_.visa().viLock(vi, VI_EXCLUSIVE_LOCK, timeout, VI_NULL, VI_NULL);
  }
  ViStatus shared(ViSession vi, ViConstString key, ViUInt32 timeout = VI_TMO_IMMEDIATE) {
    char buffer[256];
    return check_.visa().viLock(vi, VI_SHARED_LOCK, timeout, key, buffer);
  }

  Check& check_;
  ViSession one;
  ViSession two;
};

#define ROW(call, ...) check.answered(#call, s.call, {__VA_ARGS__})

// The codes of a lock that was not granted. docs/locks-and-events.md has the first for an immediate
// request and the second after a wait; some vendors use one for both.
void is_refused(Check& check, const char* call, ViStatus got, ViUInt32 timeout) {
  if (check.options().strict) {
    const ViStatus wanted =
        timeout == VI_TMO_IMMEDIATE ? ViStatus{VI_ERROR_RSRC_LOCKED} : ViStatus{VI_ERROR_TMO};
    check.answered(call, got, {wanted});
  } else {
    check.answered(call, got, {VI_ERROR_RSRC_LOCKED, VI_ERROR_TMO});
  }
}

void rule_table_a2_nobody_holds(Check& check) {
  Sessions s(check);
  ROW(exclusive(s.one), VI_SUCCESS);
  check.visa().viUnlock(s.one);
  ROW(shared(s.one, VI_NULL), VI_SUCCESS);
  check.visa().viUnlock(s.one);
  ROW(shared(s.one, ""), VI_SUCCESS);
  check.visa().viUnlock(s.one);
  ROW(shared(s.one, kKey), VI_SUCCESS);
}

void rule_table_a2_same_session_exclusive(Check& check) {
  Sessions s(check);
  ROW(exclusive(s.one), VI_SUCCESS);
  ROW(exclusive(s.one), VI_SUCCESS_NESTED_EXCLUSIVE);
  ROW(shared(s.one, VI_NULL), VI_ERROR_RSRC_LOCKED);
  ROW(shared(s.one, kKey, 500), VI_ERROR_RSRC_LOCKED);
}

void rule_table_a2_same_session_shared(Check& check) {
  const auto& visa = check.visa();
  Sessions s(check);
  ROW(shared(s.one, kKey), VI_SUCCESS);
  ROW(shared(s.two, kKey), VI_SUCCESS);
  ROW(shared(s.one, kKey), VI_SUCCESS_NESTED_SHARED);
  ROW(shared(s.one, VI_NULL), VI_SUCCESS_NESTED_SHARED);
  ROW(shared(s.one, "another"), VI_ERROR_INV_ACCESS_KEY);
  // Granted over the shared lock; the other members are shut out meanwhile.
  ROW(exclusive(s.one), VI_SUCCESS);
  ViByte byte = 0;
  ViUInt32 count = 0;
  check.set(s.two, VI_ATTR_TMO_VALUE, 50);
  ANSWERS(viRead(s.two, &byte, 1, &count), VI_ERROR_RSRC_LOCKED);
  is_refused(check, "exclusive by another member", s.exclusive(s.two), VI_TMO_IMMEDIATE);
  ANSWERS(viUnlock(s.one), VI_SUCCESS_NESTED_SHARED);
  ANSWERS(viRead(s.two, &byte, 1, &count), VI_ERROR_TMO);
}

void rule_table_a2_same_session_both(Check& check) {
  Sessions s(check);
  ROW(shared(s.one, kKey), VI_SUCCESS);
  ROW(exclusive(s.one), VI_SUCCESS);
  ROW(exclusive(s.one), VI_SUCCESS_NESTED_EXCLUSIVE);
  if (check.options().strict) {  // shared while holding both: the only source is an NI page
    ROW(shared(s.one, kKey), VI_SUCCESS_NESTED_SHARED);
  }
}

void rule_table_a2_other_session_exclusive(Check& check) {
  Sessions s(check);
  ROW(exclusive(s.one), VI_SUCCESS);
  for (const ViUInt32 timeout : {ViUInt32{VI_TMO_IMMEDIATE}, ViUInt32{200}}) {
    is_refused(check, "exclusive", s.exclusive(s.two, timeout), timeout);
    is_refused(check, "shared", s.shared(s.two, VI_NULL, timeout), timeout);
    is_refused(check, "shared with a key", s.shared(s.two, kKey, timeout), timeout);
  }
  check.visa().viUnlock(s.one);
  ROW(exclusive(s.two), VI_SUCCESS);
}

void rule_table_a2_other_sessions_shared(Check& check) {
  const auto& visa = check.visa();
  Sessions s(check);
  ROW(shared(s.one, kKey), VI_SUCCESS);
  for (const ViUInt32 timeout : {ViUInt32{VI_TMO_IMMEDIATE}, ViUInt32{200}}) {
    is_refused(check, "exclusive", s.exclusive(s.two, timeout), timeout);
    is_refused(check, "shared without a key", s.shared(s.two, VI_NULL, timeout), timeout);
    const ViStatus wrong = s.shared(s.two, "a wrong key", timeout);
    // One vendor's table gives this code for any key that is not the resource's.
    if (check.options().strict || wrong != VI_ERROR_INV_ACCESS_KEY) {
      is_refused(check, "shared with a wrong key", wrong, timeout);
    }
  }
  ANSWERS(viUnlock(s.two), VI_ERROR_SESN_NLOCKED);
  ROW(shared(s.two, kKey), VI_SUCCESS);
  ANSWERS(viUnlock(s.two), VI_SUCCESS);
}

void rule_table_a2_the_key_dies_with_its_group(Check& check) {
  const auto& visa = check.visa();
  Sessions s(check);
  ROW(shared(s.one, kKey), VI_SUCCESS);
  ROW(shared(s.two, kKey), VI_SUCCESS);
  ANSWERS(viUnlock(s.one), VI_SUCCESS);
  is_refused(check, "a wrong key while one member is left", s.shared(s.one, VI_NULL),
             VI_TMO_IMMEDIATE);
  ANSWERS(viUnlock(s.two), VI_SUCCESS);
  ROW(shared(s.one, "a new key"), VI_SUCCESS);
}

void rule_table_a2_no_room_for_a_key(Check& check) {
  const auto& visa = check.visa();
  Sessions s(check);
  ANSWERS(viLock(s.one, VI_SHARED_LOCK, VI_TMO_IMMEDIATE, kKey, VI_NULL), VI_SUCCESS);
  ROW(shared(s.two, kKey), VI_SUCCESS);
}

// A failed viLock changes no count and leaves both sessions usable.
void rule_table_a2_a_refusal_leaves_the_session_usable(Check& check) {
  const auto& visa = check.visa();
  Sessions s(check);
  const ViSession one = check.talk();
  const ViSession two = check.talk();
  ROW(exclusive(one), VI_SUCCESS);
  check.refused("exclusive elsewhere", s.exclusive(two));
  ANSWERS(viUnlock(two), VI_ERROR_SESN_NLOCKED);
  check.that(!check.ask(one, "*IDN?\n").empty(), "the holder gets no answer");
  ANSWERS(viUnlock(one), VI_SUCCESS);
  check.that(!check.ask(two, "*IDN?\n").empty(), "the session that was refused gets no answer");
}

// A3: what viUnlock returns depends on what is left in this session; other sessions do not count.
void rule_table_a3_unlock(Check& check) {
  const auto& visa = check.visa();
  Sessions s(check);
  ROW(shared(s.one, kKey), VI_SUCCESS);
  ROW(shared(s.two, kKey), VI_SUCCESS);
  ROW(shared(s.two, kKey), VI_SUCCESS_NESTED_SHARED);
  ROW(exclusive(s.one), VI_SUCCESS);
  ANSWERS(viUnlock(s.one), VI_SUCCESS_NESTED_SHARED);  // 3.6.33
  ANSWERS(viUnlock(s.one), VI_SUCCESS);                // the other session still shares
  ANSWERS(viUnlock(s.one), VI_ERROR_SESN_NLOCKED);
  ViUInt32 state = 77;
  ANSWERS(viGetAttribute(s.one, VI_ATTR_RSRC_LOCK_STATE, &state), VI_SUCCESS);
  check.that(state == VI_SHARED_LOCK, "the other session's shared locks are gone");
  ANSWERS(viUnlock(s.two), VI_SUCCESS_NESTED_SHARED);
  ANSWERS(viUnlock(s.two), VI_SUCCESS);
  ROW(exclusive(s.two), VI_SUCCESS);
  ROW(exclusive(s.two), VI_SUCCESS_NESTED_EXCLUSIVE);
  ANSWERS(viUnlock(s.two), VI_SUCCESS_NESTED_EXCLUSIVE);  // 3.6.32
  ANSWERS(viUnlock(s.two), VI_SUCCESS);
}

// A lock belongs to the resource, for every spelling of its name.
void rule_3_6_8_one_domain_for_every_spelling(Check& check) {
  const auto& visa = check.visa();
  const ViSession one = check.open();
  std::string lower = check.resource().name;
  for (char& c : lower) {
    if (c == '/') break;  // the case of a path counts
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  ViSession second = VI_NULL;
  MUST_ANSWER(viOpenDefaultRM(&second), VI_SUCCESS, VI_WARN_CONFIG_NLOADED);
  ViSession two = VI_NULL;
  MUST_ANSWER(viOpen(second, lower.c_str(), VI_NO_LOCK, 5000, &two), VI_SUCCESS);
  MUST_ANSWER(viLock(one, VI_EXCLUSIVE_LOCK, VI_TMO_IMMEDIATE, VI_NULL, VI_NULL), VI_SUCCESS);
  REFUSES(viLock(two, VI_EXCLUSIVE_LOCK, VI_TMO_IMMEDIATE, VI_NULL, VI_NULL));
  ANSWERS(viUnlock(one), VI_SUCCESS);
  ANSWERS(viLock(two, VI_EXCLUSIVE_LOCK, VI_TMO_IMMEDIATE, VI_NULL, VI_NULL), VI_SUCCESS);
}

}  // namespace

Rules lock_table_rules() {
  return {
      {"rule_table_a2_nobody_holds", rule_table_a2_nobody_holds},
      {"rule_table_a2_same_session_exclusive", rule_table_a2_same_session_exclusive},
      {"rule_table_a2_same_session_shared", rule_table_a2_same_session_shared},
      {"rule_table_a2_same_session_both", rule_table_a2_same_session_both},
      {"rule_table_a2_other_session_exclusive", rule_table_a2_other_session_exclusive},
      {"rule_table_a2_other_sessions_shared", rule_table_a2_other_sessions_shared},
      {"rule_table_a2_the_key_dies_with_its_group", rule_table_a2_the_key_dies_with_its_group},
      {"rule_table_a2_no_room_for_a_key", rule_table_a2_no_room_for_a_key},
      {"rule_table_a2_a_refusal_leaves_the_session_usable",
       rule_table_a2_a_refusal_leaves_the_session_usable, On::answering},
      {"rule_table_a3_unlock", rule_table_a3_unlock},
      {"rule_3_6_8_one_domain_for_every_spelling", rule_3_6_8_one_domain_for_every_spelling},
  };
}

}  // namespace visa::rules
