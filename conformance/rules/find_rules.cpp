// SPDX-License-Identifier: MIT
// VPP-4.3 section 4.4: viFindRsrc on resources that this suite configures (finds.tsv, the worked
// examples), aliases, VI_LOAD_CONFIG. Run only if the library reads FREEVISA_CONFIG (--configure
// freevisa). Other resources of the machine are left out of the comparison.
#include <set>

#include "conformance/rules/configuration.h"

namespace visa::rules {
namespace {

using Names = std::set<std::string>;

constexpr const char* kConfigured[] = {
    "ASRL1::INSTR",
    "ASRL2::INSTR",
    "GPIB0::INTFC",
    "GPIB0::2::INSTR",
    "GPIB0::5::1::INSTR",
    "GPIB1::2::INSTR",
    "GPIB-VXI0::8::INSTR",
    "VXI0::1::INSTR",
    "VXI0::MEMACC",
    "TCPIP0::10.0.0.5::inst0::INSTR",
    "TCPIP0::10.0.0.5::hislip0::INSTR",
    "TCPIP0::10.0.0.5::5025::SOCKET",
    "USB0::0x0957::0x1755::SN1::INSTR",
    "PXI0::3-18::INSTR",
};

std::string examples() {
  std::string text;
  for (const std::string name : kConfigured) {
    text += "[[resource]]\nname = \"" + name + "\"\n";
    if (name == "ASRL1::INSTR") text += "attributes = { VI_ATTR_ASRL_BAUD = 9600 }\n";
    if (name == "ASRL2::INSTR") text += "attributes = { VI_ATTR_ASRL_BAUD = 115200 }\n";
  }
  return text;
}

// All names that viFindRsrc and viFindNext return.
ViStatus find(Check& check, const std::string& expression, Names& found) {
  const auto& visa = check.visa();
  ViFindList list = VI_NULL;
  ViUInt32 count = 0;
  ViChar text[512] = {};
  const ViStatus status = visa.viFindRsrc(check.manager(), expression.c_str(), &list, &count, text);
  if (status < VI_SUCCESS) return status;
  for (ViUInt32 i = 0; i < count; ++i) {
    check.that(found.insert(text).second, expression + ": finds " + text + " twice");
    if (i + 1 < count) MUST_ANSWER(viFindNext(list, text), VI_SUCCESS);
  }
  ANSWERS(viFindNext(list, text), VI_ERROR_RSRC_NFOUND);
  ANSWERS(viClose(list), VI_SUCCESS);
  return status;
}

std::string listed(const Names& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : " ") + name;
  return text.empty() ? "nothing" : text;
}

void run_examples(Check& check, bool attribute_expressions) {
  const Configuration configuration(check, examples());
  const Names configured(std::begin(kConfigured), std::end(kConfigured));
  int examples_run = 0;
  for (const Row& row : check.facts().finds) {
    const std::string& expression = row.at("expression");
    if ((expression.find('{') != std::string::npos) != attribute_expressions) continue;
    ++examples_run;
    Names found;
    const ViStatus status = find(check, expression, found);
    if (row.at("result") == "VI_ERROR_INV_EXPR") {
      check.answered(("viFindRsrc '" + expression + "'").c_str(), status, {VI_ERROR_INV_EXPR});
      continue;
    }
    const auto wanted_list = split(row.at("result"), ' ');
    const Names wanted =
        row.at("result") == "all" ? configured : Names(wanted_list.begin(), wanted_list.end());
    Names ours;
    for (const std::string& name : found) {
      if (configured.count(name) != 0) ours.insert(name);
    }
    check.answered(
        ("viFindRsrc '" + expression + "'").c_str(), status,
        {wanted.empty() && found.empty() ? ViStatus{VI_ERROR_RSRC_NFOUND} : ViStatus{VI_SUCCESS}});
    check.that(ours == wanted,
               expression + ": finds " + listed(ours) + ", expected " + listed(wanted));
  }
  check.that(examples_run > 15, "finds.tsv is incomplete");
}

void rule_s4_4_find_by_regular_expression(Check& check) {
  run_examples(check, false);
}
void rule_s4_4_find_by_attribute_expression(Check& check) {
  run_examples(check, true);
}

void rule_s4_4_what_is_found_parses(Check& check) {
  const Configuration configuration(check, examples());
  const auto& visa = check.visa();
  Names found;
  check.need("viFindRsrc ?*", find(check, "?*", found), {VI_SUCCESS});
  for (const std::string& name : found) {
    ViUInt16 type = 0;
    ViUInt16 board = 0;
    ViChar resource_class[512];
    ViChar expanded[512] = {};
    ViChar alias[512];
    ANSWERS(viParseRsrcEx(check.manager(), name.c_str(), &type, &board, resource_class, expanded,
                          alias),
            VI_SUCCESS);
    check.that(name == expanded, name + ": is not canonical, that would be " + expanded);
  }
}

void rule_s4_4_closing_the_manager_closes_find_lists(Check& check) {
  const Configuration configuration(check, examples());
  const auto& visa = check.visa();
  ViFindList list = VI_NULL;
  ViUInt32 count = 0;
  ViChar text[512] = {};
  MUST_ANSWER(viFindRsrc(check.manager(), "?*", &list, &count, text), VI_SUCCESS);
  MUST_ANSWER(viClose(check.manager()), VI_SUCCESS);
  ANSWERS(viFindNext(list, text), VI_ERROR_INV_OBJECT);
}

std::string with_alias(Check& check) {
  return configured(check, check.resource().name,
                    "alias = \"Lab_Device\"\nattributes = { VI_ATTR_TMO_VALUE = 4321 }\n");
}

void rule_s4_3_aliases(Check& check) {
  const Configuration configuration(check, with_alias(check));
  const auto& visa = check.visa();
  for (const char* const spelling : {"Lab_Device", "LAB_DEVICE", "lab_device"}) {
    ViUInt16 type = 0;
    ViUInt16 board = 0;
    ViChar resource_class[512] = {};
    ViChar expanded[512] = {};
    ViChar alias[512] = {};
    ANSWERS(
        viParseRsrcEx(check.manager(), spelling, &type, &board, resource_class, expanded, alias),
        VI_SUCCESS);
    check.that(check.resource().name == expanded, std::string(spelling) + " means " + expanded);
    check.that(std::string(alias) == "Lab_Device", std::string("its alias is ") + alias);
    const ViSession vi = check.open_name(spelling);
    ViChar name[512] = {};
    ANSWERS(viGetAttribute(vi, VI_ATTR_RSRC_NAME, name), VI_SUCCESS);
    check.that(check.resource().name == name, "VI_ATTR_RSRC_NAME is the alias");
  }
  Names found;
  check.answered("viFindRsrc by alias", find(check, "Lab?*", found), {VI_ERROR_RSRC_NFOUND});
}

void rule_table_a4_load_config_sets_attributes(Check& check) {
  const Configuration configuration(check, with_alias(check));
  const auto& visa = check.visa();
  ViSession vi = VI_NULL;
  ViUInt32 timeout = 0;
  MUST_ANSWER(viOpen(check.manager(), check.resource().name.c_str(), VI_LOAD_CONFIG, 2000, &vi),
              VI_SUCCESS);
  ANSWERS(viGetAttribute(vi, VI_ATTR_TMO_VALUE, &timeout), VI_SUCCESS);
  check.that(timeout == 4321, "VI_ATTR_TMO_VALUE is " + std::to_string(timeout));
  ANSWERS(viGetAttribute(check.open(), VI_ATTR_TMO_VALUE, &timeout), VI_SUCCESS);
  check.that(timeout == 2000, "without VI_LOAD_CONFIG the timeout is " + std::to_string(timeout));
}

}  // namespace

Rules find_rules() {
  return {
      {"rule_s4_4_find_by_regular_expression", rule_s4_4_find_by_regular_expression, On::nothing,
       "", 60},
      {"rule_s4_4_find_by_attribute_expression", rule_s4_4_find_by_attribute_expression,
       On::nothing, "", 60},
      {"rule_s4_4_what_is_found_parses", rule_s4_4_what_is_found_parses, On::nothing},
      {"rule_s4_4_closing_the_manager_closes_find_lists",
       rule_s4_4_closing_the_manager_closes_find_lists, On::nothing},
      {"rule_s4_3_aliases", rule_s4_3_aliases},
      {"rule_table_a4_load_config_sets_attributes", rule_table_a4_load_config_sets_attributes},
  };
}

}  // namespace visa::rules
