// SPDX-License-Identifier: MIT
// Checks every row of attribute_matrix.tsv on every resource: can the attribute be read and
// written, how many bytes does viGetAttribute write, which values are refused. A cell whose sources
// contradict each other is judged in strict mode only.
#include <cstring>

#include "conformance/rules/attribute_facts.h"
#include "conformance/rules/check.h"

namespace visa::rules {
namespace {

// Runs `test` over every row, with the session and the column of its kind.
void each_cell(Check& check, ViSession vi, const std::string& column,
               void (*test)(Check&, ViSession, const AttributeCell&)) {
  int rows = 0;
  for (const AttributeCell& cell : cells(check.facts(), column)) {
    test(check, vi, cell);
    ++rows;
  }
  check.that(rows > 200, "attribute_matrix.tsv is incomplete");
}

void on_session(Check& check, void (*test)(Check&, ViSession, const AttributeCell&)) {
  each_cell(check, check.open(), check.resource().kind, test);
}

void on_manager(Check& check, void (*test)(Check&, ViSession, const AttributeCell&)) {
  each_cell(check, check.manager(), "RM", test);
}

// True if both answers are right: for an extension, or where the sources disagree.
bool open_question(const Check& check, const AttributeCell& cell) {
  return cell.extension || (cell.contested && !check.options().strict);
}

void can_be_read(Check& check, ViSession vi, const AttributeCell& cell) {
  alignas(8) char value[kAttributeRoom];
  const ViStatus status = read_attribute(check, vi, cell, value, 0);
  const std::string what = "viGetAttribute(" + cell.name + ")";
  if (open_question(check, cell) || cell.secure) {
    check.answered(what.c_str(), status, {VI_SUCCESS, VI_ERROR_NSUP_ATTR});
  } else if (cell.access == Access::none) {
    check.answered(what.c_str(), status, {VI_ERROR_NSUP_ATTR});
  } else {
    check.answered(what.c_str(), status, {VI_SUCCESS});
  }
}

void writes_its_width(Check& check, ViSession vi, const AttributeCell& cell) {
  check_width(check, vi, cell);
}

void refuses_to_be_written(Check& check, ViSession vi, const AttributeCell& cell) {
  const std::string what = "viSetAttribute(" + cell.name + ", 1)";
  if (cell.access == Access::none) {
    const ViStatus status = check.visa().viSetAttribute(vi, cell.id, 1);
    if (open_question(check, cell)) return;
    check.answered(what.c_str(), status, {VI_ERROR_NSUP_ATTR});
    return;
  }
  if (cell.access != Access::read) return;
  alignas(8) char before[kAttributeRoom];
  alignas(8) char after[kAttributeRoom];
  const ViStatus there = read_attribute(check, vi, cell, before, 0);
  const ViStatus status = check.visa().viSetAttribute(vi, cell.id, 1);
  if (there == VI_ERROR_NSUP_ATTR) return;  // judged by can_be_read
  if (open_question(check, cell)) return;
  check.answered(what.c_str(), status, {VI_ERROR_ATTR_READONLY});
  read_attribute(check, vi, cell, after, 0);
  check.that(std::memcmp(before, after, sizeof before) == 0,
             cell.name + ": the refused value was taken");
}

// The number as a caller passes it: sign-extended if it is negative.
ViAttrState state_of(ViUInt64 value, const AttributeCell& cell) {
  if (cell.sign && cell.width == 2) {
    value = static_cast<ViUInt64>(static_cast<ViInt64>(static_cast<ViInt16>(value)));
  }
  return static_cast<ViAttrState>(value);
}

void set_and_compare(Check& check, ViSession vi, const AttributeCell& cell, ViUInt64 value) {
  const std::string what = "viSetAttribute(" + cell.name + ", " + std::to_string(value) + ")";
  const ViStatus status = check.visa().viSetAttribute(vi, cell.id, state_of(value, cell));
  if (!check.answered(what.c_str(), status, {VI_SUCCESS, VI_WARN_NSUP_ATTR_STATE})) return;
  if (status != VI_SUCCESS) return;
  alignas(8) char buffer[kAttributeRoom];
  if (read_attribute(check, vi, cell, buffer, 0) != VI_SUCCESS) return;
  const ViUInt64 all = cell.width == 8 ? ~ViUInt64{0} : (ViUInt64{1} << (8 * cell.width)) - 1;
  check.that(number_in(buffer, cell) == (value & all),
             what + ": reads back as " + std::to_string(number_in(buffer, cell)));
}

void can_be_written(Check& check, ViSession vi, const AttributeCell& cell) {
  if (cell.access != Access::write || cell.width == 0) return;
  alignas(8) char buffer[kAttributeRoom];
  if (read_attribute(check, vi, cell, buffer, 0) == VI_ERROR_NSUP_ATTR) return;
  const ViUInt64 before = number_in(buffer, cell);
  if (is_unknown_state(cell, before)) return;
  set_and_compare(check, vi, cell, before);
  for (const ViUInt64 value : cell.good) set_and_compare(check, vi, cell, value);
  check.visa().viSetAttribute(vi, cell.id, state_of(before, cell));
}

void refuses_bad_values(Check& check, ViSession vi, const AttributeCell& cell) {
  if (cell.access != Access::write || cell.bad.empty()) return;
  alignas(8) char before[kAttributeRoom];
  alignas(8) char after[kAttributeRoom];
  if (read_attribute(check, vi, cell, before, 0) == VI_ERROR_NSUP_ATTR) return;
  for (const ViUInt64 value : cell.bad) {
    const std::string what = "viSetAttribute(" + cell.name + ", " + std::to_string(value) + ")";
    check.answered(what.c_str(),
                   check.visa().viSetAttribute(vi, cell.id, static_cast<ViAttrState>(value)),
                   {VI_ERROR_NSUP_ATTR_STATE});
    read_attribute(check, vi, cell, after, 0);
    check.that(std::memcmp(before, after, sizeof before) == 0,
               what + ": the refused value was taken");
  }
}

void rule_attributes_can_be_read(Check& check) {
  on_session(check, &can_be_read);
}
void rule_attributes_can_be_read_on_the_manager(Check& check) {
  on_manager(check, &can_be_read);
}
void rule_3_4_1_attributes_write_their_width(Check& check) {
  on_session(check, &writes_its_width);
}
void rule_3_4_1_attributes_write_their_width_on_the_manager(Check& check) {
  on_manager(check, &writes_its_width);
}
void rule_attributes_that_are_read_only(Check& check) {
  on_session(check, &refuses_to_be_written);
}
void rule_attributes_that_are_read_only_on_the_manager(Check& check) {
  on_manager(check, &refuses_to_be_written);
}
void rule_attributes_can_be_written(Check& check) {
  on_session(check, &can_be_written);
}
void rule_attributes_can_be_written_on_the_manager(Check& check) {
  on_manager(check, &can_be_written);
}
void rule_3_4_2_attributes_refuse_bad_values(Check& check) {
  on_session(check, &refuses_bad_values);
}

}  // namespace

Rules attribute_rules() {
  return {
      {"rule_attributes_can_be_read", rule_attributes_can_be_read, On::every_resource},
      {"rule_attributes_can_be_read_on_the_manager", rule_attributes_can_be_read_on_the_manager,
       On::nothing},
      {"rule_3_4_1_attributes_write_their_width", rule_3_4_1_attributes_write_their_width,
       On::every_resource},
      {"rule_3_4_1_attributes_write_their_width_on_the_manager",
       rule_3_4_1_attributes_write_their_width_on_the_manager, On::nothing},
      {"rule_attributes_that_are_read_only", rule_attributes_that_are_read_only,
       On::every_resource},
      {"rule_attributes_that_are_read_only_on_the_manager",
       rule_attributes_that_are_read_only_on_the_manager, On::nothing},
      {"rule_attributes_can_be_written", rule_attributes_can_be_written, On::every_resource},
      {"rule_attributes_can_be_written_on_the_manager",
       rule_attributes_can_be_written_on_the_manager, On::nothing},
      {"rule_3_4_2_attributes_refuse_bad_values", rule_3_4_2_attributes_refuse_bad_values,
       On::every_resource},
  };
}

}  // namespace visa::rules
