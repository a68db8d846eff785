// SPDX-License-Identifier: MIT
// VPP-4.3 3.6: the rules of viLock and viUnlock that need no waiting. Tables A2 and A3 are in
// lock_table_rules.cpp, A4 in open_rules.cpp, the waits in lock_wait_rules.cpp.
#include <cstring>
#include <set>

#include "conformance/rules/check.h"

namespace visa::rules {
namespace {

ViStatus exclusive(Check& check, ViSession vi) {
  return check.visa().viLock(vi, VI_EXCLUSIVE_LOCK, VI_TMO_IMMEDIATE, VI_NULL, VI_NULL);
}

ViStatus shared(Check& check, ViSession vi, const char* wanted, std::string* key) {
  char buffer[512];
  std::memset(buffer, 0x7F, sizeof buffer);
  const ViStatus status = check.visa().viLock(vi, VI_SHARED_LOCK, VI_TMO_IMMEDIATE, wanted, buffer);
  check.that(buffer[256] == 0x7F, "viLock writes past 256 bytes of the access key");
  if (key != nullptr && status >= VI_SUCCESS) key->assign(buffer, strnlen(buffer, 256));
  return status;
}

ViUInt32 lock_state(Check& check, ViSession vi) {
  ViUInt32 state = 77;
  check.need("viGetAttribute(vi, VI_ATTR_RSRC_LOCK_STATE)",
             check.visa().viGetAttribute(vi, VI_ATTR_RSRC_LOCK_STATE, &state), {VI_SUCCESS});
  return state;
}

void state_is(Check& check, ViSession vi, ViUInt32 wanted, const char* when) {
  const ViUInt32 state = lock_state(check, vi);
  check.that(state == wanted, std::string("VI_ATTR_RSRC_LOCK_STATE ") + when + " is " +
                                  std::to_string(state) + ", expected " + std::to_string(wanted));
}

#define GRANTED(call) check.answered(#call, call, {VI_SUCCESS})
#define GIVES(call, ...) check.answered(#call, call, {__VA_ARGS__})

void rule_3_6_2_one_lock_state_for_all_sessions(Check& check) {
  const ViSession one = check.open();
  const ViSession two = check.open();
  for (const ViSession vi : {one, two}) state_is(check, vi, VI_NO_LOCK, "of a free resource");
  GRANTED(exclusive(check, one));
  for (const ViSession vi : {one, two}) state_is(check, vi, VI_EXCLUSIVE_LOCK, "under exclusive");
  const ViSession three = check.open();
  state_is(check, three, VI_EXCLUSIVE_LOCK, "seen by a session opened later");
}

void rule_3_6_3_both_lock_types(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.open();
  std::string key;
  GRANTED(exclusive(check, vi));
  ANSWERS(viUnlock(vi), VI_SUCCESS);
  GRANTED(shared(check, vi, VI_NULL, &key));
  ANSWERS(viUnlock(vi), VI_SUCCESS);
}

void rule_3_6_3_lock_types_that_are_none(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.open();
  for (const ViAccessMode type : {0U, 3U, 4U, 5U, 0xFFFFU}) {
    ANSWERS(viLock(vi, type, VI_TMO_IMMEDIATE, VI_NULL, VI_NULL), VI_ERROR_INV_LOCK_TYPE);
  }
  ANSWERS(viUnlock(vi), VI_ERROR_SESN_NLOCKED);
  MUST_ANSWER(viClose(vi), VI_SUCCESS);
  ANSWERS(viLock(vi, VI_EXCLUSIVE_LOCK, VI_TMO_IMMEDIATE, VI_NULL, VI_NULL), VI_ERROR_INV_OBJECT);
  ANSWERS(viUnlock(vi), VI_ERROR_INV_OBJECT);
}

void rule_s3_6_1_2_the_key_joins_exclusive_is_alone(Check& check) {
  const auto& visa = check.visa();
  const ViSession one = check.open();
  const ViSession two = check.open();
  std::string key;
  std::string joined;
  GRANTED(shared(check, one, VI_NULL, &key));
  GRANTED(shared(check, two, key.c_str(), &joined));
  check.that(key == joined, "joining gives another key");
  ANSWERS(viUnlock(two), VI_SUCCESS);
  ANSWERS(viUnlock(one), VI_SUCCESS);
  GRANTED(exclusive(check, one));
  check.refused("exclusive elsewhere", exclusive(check, two));
  check.refused("shared elsewhere", shared(check, two, VI_NULL, nullptr));
}

void rule_s3_6_1_3_attributes_stay_readable(Check& check) {
  const auto& visa = check.visa();
  const ViSession one = check.open();
  const ViSession two = check.open();
  GRANTED(exclusive(check, one));
  char text[512];
  ANSWERS(viGetAttribute(two, VI_ATTR_RSRC_NAME, text), VI_SUCCESS);
  ANSWERS(viSetAttribute(two, VI_ATTR_TMO_VALUE, 100), VI_SUCCESS);
  ViByte byte = 0;
  ViUInt32 count = 0;
  ANSWERS(viRead(two, &byte, 1, &count), VI_ERROR_RSRC_LOCKED);
  ANSWERS(viUnlock(one), VI_SUCCESS);
}

void rule_3_6_10_every_lock_counts(Check& check) {
  const auto& visa = check.visa();
  const ViSession one = check.open();
  const ViSession two = check.open();
  std::string key;
  GRANTED(exclusive(check, one));
  GIVES(exclusive(check, one), VI_SUCCESS_NESTED_EXCLUSIVE);
  ANSWERS(viUnlock(one), VI_SUCCESS_NESTED_EXCLUSIVE);
  check.refused("viLock by another session after one of two viUnlock", exclusive(check, two));
  ANSWERS(viUnlock(one), VI_SUCCESS);
  GRANTED(shared(check, two, VI_NULL, &key));
  GIVES(shared(check, two, VI_NULL, &key), VI_SUCCESS_NESTED_SHARED);
  ANSWERS(viUnlock(two), VI_SUCCESS_NESTED_SHARED);
  check.refused("viLock by another session after one of two viUnlock", exclusive(check, one));
  ANSWERS(viUnlock(two), VI_SUCCESS);
  GRANTED(exclusive(check, one));
}

// 3.6.9: two counts; 3.6.34 to 3.6.36: the exclusive one goes down first.
void rule_3_6_34_exclusive_count_goes_first(Check& check) {
  const auto& visa = check.visa();
  const ViSession one = check.open();
  const ViSession two = check.open();
  std::string key;
  GRANTED(shared(check, one, VI_NULL, &key));
  GIVES(shared(check, one, VI_NULL, &key), VI_SUCCESS_NESTED_SHARED);
  GRANTED(exclusive(check, one));
  GIVES(exclusive(check, one), VI_SUCCESS_NESTED_EXCLUSIVE);
  state_is(check, two, VI_EXCLUSIVE_LOCK, "with both held");
  ANSWERS(viUnlock(one), VI_SUCCESS_NESTED_EXCLUSIVE);
  ANSWERS(viUnlock(one), VI_SUCCESS_NESTED_SHARED);
  state_is(check, two, VI_SHARED_LOCK, "with the exclusive locks given back");
  ANSWERS(viUnlock(one), VI_SUCCESS_NESTED_SHARED);
  ANSWERS(viUnlock(one), VI_SUCCESS);
  state_is(check, two, VI_NO_LOCK, "with all locks given back");
  ANSWERS(viUnlock(one), VI_ERROR_SESN_NLOCKED);
}

void rule_3_6_12_exclusive_then_shared(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.open();
  GRANTED(exclusive(check, vi));
  const double seconds = seconds_of(
      [&] { ANSWERS(viLock(vi, VI_SHARED_LOCK, 5000, VI_NULL, VI_NULL), VI_ERROR_RSRC_LOCKED); });
  check.that(seconds < 3, "the refusal took " + std::to_string(seconds) + " s");
  ANSWERS(viUnlock(vi), VI_SUCCESS);
  ANSWERS(viUnlock(vi), VI_ERROR_SESN_NLOCKED);
}

void rule_3_6_13_exclusive_ignores_the_key(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.open();
  const std::string many(400, 'k');
  for (const char* key : {"", "any", many.c_str()}) {
    ANSWERS(viLock(vi, VI_EXCLUSIVE_LOCK, VI_TMO_IMMEDIATE, key, VI_NULL), VI_SUCCESS);
    ANSWERS(viUnlock(vi), VI_SUCCESS);
  }
}

void rule_3_6_14_exclusive_gives_no_key(Check& check) {
  const auto& visa = check.visa();
  char key[512];
  std::memset(key, 0x7F, sizeof key);
  ANSWERS(viLock(check.open(), VI_EXCLUSIVE_LOCK, VI_TMO_IMMEDIATE, "mine", key), VI_SUCCESS);
  const std::size_t length = strnlen(key, sizeof key);
  check.that(length < 256, "the access key has no end");
  if (check.options().strict) check.that(length == 0, "exclusive gives a key");
}

// 3.6.15, 3.6.16; observation 3.6.4: an empty key is no key.
void rule_3_6_15_keys_made_by_the_library(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.open();
  std::set<std::string> keys;
  for (const char* wanted :
       {static_cast<const char*>(nullptr), "", static_cast<const char*>(nullptr), ""}) {
    std::string key;
    GRANTED(shared(check, vi, wanted, &key));
    check.that(!key.empty(), "the generated key is empty");
    check.that(keys.insert(key).second, "the same key was made twice: " + key);
    ANSWERS(viUnlock(vi), VI_SUCCESS);
  }
}

void rule_3_6_17_keys_that_are_too_long(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.open();
  for (const std::size_t length : {256U, 257U, 300U, 5000U}) {
    GIVES(shared(check, vi, std::string(length, 'k').c_str(), nullptr), VI_ERROR_INV_ACCESS_KEY);
  }
  ANSWERS(viUnlock(vi), VI_ERROR_SESN_NLOCKED);
  std::string key;
  const std::string longest(255, 'k');
  GRANTED(shared(check, vi, longest.c_str(), &key));
  check.that(key == longest, "a key of 255 characters comes back changed");
}

void rule_3_6_18_the_key_asked_for(Check& check) {
  const auto& visa = check.visa();
  const ViSession one = check.open();
  std::string key;
  for (const char* wanted : {"k", "With Blanks & signs!", "0"}) {
    GRANTED(shared(check, one, wanted, &key));
    check.that(key == wanted, std::string("asked for '") + wanted + "', got '" + key + "'");
    ANSWERS(viUnlock(one), VI_SUCCESS);
  }
}

// 3.6.19, 3.6.20, 3.6.30
void rule_3_6_20_shared_nests_with_one_key(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.open();
  std::string key;
  std::string again;
  GRANTED(shared(check, vi, "one key", &key));
  GIVES(shared(check, vi, "one key", &again), VI_SUCCESS_NESTED_SHARED);
  check.that(again == key, "nested with the key: another key comes back");
  GIVES(shared(check, vi, VI_NULL, &again), VI_SUCCESS_NESTED_SHARED);
  check.that(again == key, "nested without a key: another key comes back");
  ANSWERS(viUnlock(vi), VI_SUCCESS_NESTED_SHARED);
  ANSWERS(viUnlock(vi), VI_SUCCESS_NESTED_SHARED);
  ANSWERS(viUnlock(vi), VI_SUCCESS);
}

void rule_3_6_21_closing_sets_the_counts_to_zero(Check& check) {
  const auto& visa = check.visa();
  const ViSession other = check.open();
  for (int i = 0; i < 3; ++i) {
    const ViSession vi = check.open();
    GRANTED(shared(check, vi, VI_NULL, nullptr));
    GIVES(shared(check, vi, VI_NULL, nullptr), VI_SUCCESS_NESTED_SHARED);
    GRANTED(exclusive(check, vi));
    MUST_ANSWER(viClose(vi), VI_SUCCESS);
    GRANTED(exclusive(check, other));  // freed before viClose returned, so it needs no wait
    ANSWERS(viUnlock(other), VI_SUCCESS);
  }
}

void rule_3_6_24_state_under_exclusive(Check& check) {
  const ViSession vi = check.open();
  GRANTED(exclusive(check, vi));
  state_is(check, vi, VI_EXCLUSIVE_LOCK, "under exclusive");
}

void rule_3_6_25_state_under_shared_and_none(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.open();
  GRANTED(shared(check, vi, VI_NULL, nullptr));
  state_is(check, vi, VI_SHARED_LOCK, "under shared");
  ANSWERS(viUnlock(vi), VI_SUCCESS);
  state_is(check, vi, VI_NO_LOCK, "after the last viUnlock");
}

void rule_3_6_27_first_and_nested_exclusive(Check& check) {
  const ViSession vi = check.open();
  GRANTED(exclusive(check, vi));
  for (int i = 0; i < 5; ++i) GIVES(exclusive(check, vi), VI_SUCCESS_NESTED_EXCLUSIVE);
}

void rule_3_6_29_first_and_nested_shared(Check& check) {
  const ViSession vi = check.open();
  GRANTED(shared(check, vi, VI_NULL, nullptr));
  for (int i = 0; i < 5; ++i) GIVES(shared(check, vi, VI_NULL, nullptr), VI_SUCCESS_NESTED_SHARED);
}

void rule_3_6_31_shared_with_another_key(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.open();
  GRANTED(shared(check, vi, "mine", nullptr));
  GIVES(shared(check, vi, "other", nullptr), VI_ERROR_INV_ACCESS_KEY);
  ANSWERS(viUnlock(vi), VI_SUCCESS);
  ANSWERS(viUnlock(vi), VI_ERROR_SESN_NLOCKED);
}

void rule_3_6_38_unlock_without_lock(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.open();
  ANSWERS(viUnlock(vi), VI_ERROR_SESN_NLOCKED);
  const ViSession other = check.open();
  GRANTED(exclusive(check, other));
  ANSWERS(viUnlock(vi), VI_ERROR_SESN_NLOCKED);
  ANSWERS(viUnlock(other), VI_SUCCESS);
}

}  // namespace

Rules lock_rules() {
  return {
      {"rule_3_6_2_one_lock_state_for_all_sessions", rule_3_6_2_one_lock_state_for_all_sessions},
      {"rule_3_6_3_both_lock_types", rule_3_6_3_both_lock_types},
      {"rule_3_6_3_lock_types_that_are_none", rule_3_6_3_lock_types_that_are_none},
      {"rule_s3_6_1_2_the_key_joins_exclusive_is_alone",
       rule_s3_6_1_2_the_key_joins_exclusive_is_alone},
      {"rule_s3_6_1_3_attributes_stay_readable", rule_s3_6_1_3_attributes_stay_readable},
      {"rule_3_6_10_every_lock_counts", rule_3_6_10_every_lock_counts},
      {"rule_3_6_12_exclusive_then_shared", rule_3_6_12_exclusive_then_shared},
      {"rule_3_6_13_exclusive_ignores_the_key", rule_3_6_13_exclusive_ignores_the_key},
      {"rule_3_6_14_exclusive_gives_no_key", rule_3_6_14_exclusive_gives_no_key},
      {"rule_3_6_15_keys_made_by_the_library", rule_3_6_15_keys_made_by_the_library},
      {"rule_3_6_17_keys_that_are_too_long", rule_3_6_17_keys_that_are_too_long},
      {"rule_3_6_18_the_key_asked_for", rule_3_6_18_the_key_asked_for},
      {"rule_3_6_20_shared_nests_with_one_key", rule_3_6_20_shared_nests_with_one_key},
      {"rule_3_6_21_closing_sets_the_counts_to_zero", rule_3_6_21_closing_sets_the_counts_to_zero},
      {"rule_3_6_24_state_under_exclusive", rule_3_6_24_state_under_exclusive},
      {"rule_3_6_25_state_under_shared_and_none", rule_3_6_25_state_under_shared_and_none},
      {"rule_3_6_27_first_and_nested_exclusive", rule_3_6_27_first_and_nested_exclusive},
      {"rule_3_6_29_first_and_nested_shared", rule_3_6_29_first_and_nested_shared},
      {"rule_3_6_31_shared_with_another_key", rule_3_6_31_shared_with_another_key},
      {"rule_3_6_34_exclusive_count_goes_first", rule_3_6_34_exclusive_count_goes_first},
      {"rule_3_6_38_unlock_without_lock", rule_3_6_38_unlock_without_lock},
  };
}

}  // namespace visa::rules
