// SPDX-License-Identifier: MIT
// docs/locks-and-events.md A5: what a lock held by another session refuses, function by function,
// in the three ways in which a session can be shut out.
#include "conformance/rules/attribute_facts.h"
#include "conformance/rules/calls.h"
#include "conformance/rules/check.h"

namespace visa::rules {
namespace {

constexpr char kKey[] = "group";

// Shuts the session `out` out in one of the three ways.
using ShutOut = void (*)(Check&, ViSession holder, ViSession out);

void by_exclusive(Check& check, ViSession holder, ViSession) {
  check.need("viLock", check.visa().viLock(holder, VI_EXCLUSIVE_LOCK, 1000, VI_NULL, VI_NULL),
             {VI_SUCCESS});
}

void by_shared(Check& check, ViSession holder, ViSession) {
  check.need("viLock", check.visa().viLock(holder, VI_SHARED_LOCK, 1000, kKey, VI_NULL),
             {VI_SUCCESS});
}

void by_another_member(Check& check, ViSession holder, ViSession out) {
  by_shared(check, holder, out);
  by_shared(check, out, holder);
  by_exclusive(check, holder, out);
}

void run_table(Check& check, ShutOut shut_out) {
  // What each function returns without a lock of another session.
  std::vector<ViStatus> free;
  const ViSession unlocked = check.talk();
  check.set(unlocked, VI_ATTR_TMO_VALUE, 20);
  for (const Call& call : calls()) free.push_back(call.make(check, unlocked));
  check.need("viClose", check.visa().viClose(unlocked), {VI_SUCCESS});

  const ViSession holder = check.open();
  const ViSession out = check.open();
  check.set(out, VI_ATTR_TMO_VALUE, 20);
  shut_out(check, holder, out);
  std::size_t index = 0;
  int absent = 0;
  for (const Call& call : calls()) {
    const ViStatus without = free[index++];
    if (std::string(call.name) == "viUnlock") continue;  // would leave the group: rule_table_a3
    const ViStatus status = call.make(check, out);
    if (call.locked == Locked::allowed) {
      check.that(status != VI_ERROR_RSRC_LOCKED,
                 std::string(call.name) + ": refused with VI_ERROR_RSRC_LOCKED, is always allowed");
    } else if (without == VI_ERROR_NSUP_OPER) {
      // The operation does not exist: the library may report that or the lock.
      ++absent;
      check.answered(call.name, status, {VI_ERROR_RSRC_LOCKED, VI_ERROR_NSUP_OPER});
    } else {
      check.answered(call.name, status, {VI_ERROR_RSRC_LOCKED});
    }
  }
  if (absent > 0) {
    check.remark(std::to_string(absent) + " functions answer VI_ERROR_NSUP_OPER, locked or not");
  }
}

void rule_table_a5_refused_by_exclusive_elsewhere(Check& check) {
  run_table(check, &by_exclusive);
}
void rule_table_a5_refused_by_shared_elsewhere(Check& check) {
  run_table(check, &by_shared);
}
void rule_table_a5_refused_by_another_member(Check& check) {
  run_table(check, &by_another_member);
}

void rule_table_a5_what_is_always_allowed(Check& check) {
  const auto& visa = check.visa();
  const ViSession holder = check.open();
  const ViSession out = check.open();
  by_exclusive(check, holder, out);
  const ViSession manager = check.manager();
  const std::string& name = check.resource().name;
  ViSession another = VI_NULL;
  ANSWERS(viOpen(manager, name.c_str(), VI_NO_LOCK, 1000, &another), VI_SUCCESS);
  ANSWERS(viClose(another), VI_SUCCESS);
  ViFindList list = VI_NULL;
  ViUInt32 count = 0;
  ViChar text[512];
  ANSWERS(viFindRsrc(manager, "?*", &list, &count, text), VI_SUCCESS, VI_ERROR_RSRC_NFOUND);
  ViUInt16 type = 0;
  ViUInt16 board = 0;
  ANSWERS(viParseRsrc(manager, name.c_str(), &type, &board), VI_SUCCESS);
  ANSWERS(viParseRsrcEx(manager, name.c_str(), &type, &board, text, VI_NULL, VI_NULL), VI_SUCCESS);
  ANSWERS(viUnlock(out), VI_ERROR_SESN_NLOCKED);
  ANSWERS(viClose(out), VI_SUCCESS);
  ANSWERS(viUnlock(holder), VI_SUCCESS);
}

void rule_table_a5_local_attributes_can_be_set(Check& check) {
  const ViSession holder = check.open();
  const ViSession out = check.open();
  by_exclusive(check, holder, out);
  int tried = 0;
  for (const AttributeCell& cell : cells(check.facts(), check.resource().kind)) {
    if (cell.access != Access::write || cell.good.empty() || cell.extension) continue;
    bool local = false;
    for (const Row& row : check.facts().matrix) {
      local |= row.at("name") == cell.name && row.at("scope") == "local";
    }
    if (!local) continue;
    const auto status =
        check.visa().viSetAttribute(out, cell.id, static_cast<ViAttrState>(cell.good.back()));
    check.that(status != VI_ERROR_RSRC_LOCKED, cell.name + ": a local attribute is refused");
    ++tried;
  }
  check.that(tried > 5, "hardly any local attribute was tried");
}

void rule_table_a5_global_attributes_are_refused(Check& check) {
  const ViSession holder = check.open();
  const ViSession out = check.open();
  by_exclusive(check, holder, out);
  int tried = 0;
  for (const AttributeCell& cell : cells(check.facts(), check.resource().kind)) {
    if (cell.access != Access::write || cell.extension || cell.width == 0) continue;
    bool global = false;
    for (const Row& row : check.facts().matrix) {
      global |= row.at("name") == cell.name && row.at("scope") == "global";
    }
    if (!global) continue;
    alignas(8) char room[kAttributeRoom];
    if (read_attribute(check, out, cell, room, 0) != VI_SUCCESS) continue;
    if (is_unknown_state(cell, number_in(room, cell))) continue;
    check.answered(
        ("viSetAttribute(" + cell.name + ")").c_str(),
        check.visa().viSetAttribute(out, cell.id, static_cast<ViAttrState>(number_in(room, cell))),
        {VI_ERROR_RSRC_LOCKED});
    ++tried;
  }
  if (tried == 0) throw NotShown{"this kind has no global attribute that can be set"};
}

void rule_table_a5_a_refusal_does_not_wait(Check& check) {
  const auto& visa = check.visa();
  const ViSession holder = check.open();
  const ViSession out = check.open();
  by_exclusive(check, holder, out);
  check.set(out, VI_ATTR_TMO_VALUE, 5000);
  ViByte byte = '\n';
  ViUInt32 count = 0;
  const double seconds = seconds_of([&] {
    ANSWERS(viRead(out, &byte, 1, &count), VI_ERROR_RSRC_LOCKED);
    ANSWERS(viWrite(out, &byte, 1, &count), VI_ERROR_RSRC_LOCKED);
  });
  check.that(seconds < 3, "two refusals took " + std::to_string(seconds) + " s");
}

void rule_table_a5_names_every_function(Check& check) {
  for (const Row& row : check.facts().functions) {
    if (row.at("status") == "NI-ext") continue;
    int found = 0;
    for (const Call& call : calls()) found += row.at("name") == call.name ? 1 : 0;
    for (const Uncalled& other : uncalled()) found += row.at("name") == other.name ? 1 : 0;
    check.that(found == 1, row.at("name") + " stands " + std::to_string(found) +
                               " times in the table of the suite");
  }
}

}  // namespace

Rules refusal_rules() {
  return {
      {"rule_table_a5_refused_by_exclusive_elsewhere", rule_table_a5_refused_by_exclusive_elsewhere,
       On::every_kind, "", 60},
      {"rule_table_a5_refused_by_shared_elsewhere", rule_table_a5_refused_by_shared_elsewhere,
       On::every_kind, "", 60},
      {"rule_table_a5_refused_by_another_member", rule_table_a5_refused_by_another_member,
       On::every_kind, "", 60},
      {"rule_table_a5_what_is_always_allowed", rule_table_a5_what_is_always_allowed},
      {"rule_table_a5_local_attributes_can_be_set", rule_table_a5_local_attributes_can_be_set},
      {"rule_table_a5_global_attributes_are_refused", rule_table_a5_global_attributes_are_refused},
      {"rule_table_a5_a_refusal_does_not_wait", rule_table_a5_a_refusal_does_not_wait},
      {"rule_table_a5_names_every_function", rule_table_a5_names_every_function, On::nothing},
  };
}

}  // namespace visa::rules
