// SPDX-License-Identifier: MIT
// VPP-4.3 chapter 4: resource names. names.tsv holds the worked examples of the grammar; the names
// of the bench are tried in every spelling.
#include <optional>

#include "conformance/rules/check.h"
#include "conformance/rules/configuration.h"

namespace visa::rules {
namespace {

struct Parsed {
  ViStatus status = VI_SUCCESS;
  ViUInt16 type = 0;
  ViUInt16 board = 0;
  std::string resource_class;
  std::string name;
  std::string alias;
};

Parsed parse(Check& check, const std::string& name) {
  char resource_class[512] = {};
  char expanded[512] = {};
  char alias[512] = {};
  Parsed parsed;
  parsed.status = check.visa().viParseRsrcEx(check.manager(), name.c_str(), &parsed.type,
                                             &parsed.board, resource_class, expanded, alias);
  parsed.resource_class = resource_class;
  parsed.name = expanded;
  parsed.alias = alias;
  return parsed;
}

std::string upper(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

std::string mixed(std::string text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string one(1, text[i]);
    text[i] = i % 2 == 0 ? upper(one)[0] : lower(one)[0];
  }
  return text;
}

// Of a name with a path, whose case counts, only the rest changes.
std::vector<std::string> spellings(const std::string& name) {
  const auto path = std::min(name.find('/'), name.size());
  const auto end = path == name.size() ? path : name.rfind("::");
  std::vector<std::string> all;
  for (const auto change : {upper, lower, mixed}) {
    all.push_back(change(name.substr(0, path)) + name.substr(path, end - path) +
                  change(name.substr(end)));
  }
  return all;
}

std::string name_of(Check& check, ViSession vi) {
  char text[512] = {};
  check.need("viGetAttribute(VI_ATTR_RSRC_NAME)",
             check.visa().viGetAttribute(vi, VI_ATTR_RSRC_NAME, text), {VI_SUCCESS});
  return text;
}

void rule_4_2_1_the_manager_has_no_name(Check& check) {
  const std::string name = name_of(check, check.manager());
  check.that(name.empty(), "VI_ATTR_RSRC_NAME of the resource manager is '" + name + "'");
}

void rule_4_2_2_the_manager_has_no_manager(Check& check) {
  const auto& visa = check.visa();
  ViSession manager = 77;
  MUST_ANSWER(viGetAttribute(check.manager(), VI_ATTR_RM_SESSION, &manager), VI_SUCCESS);
  check.that(manager == VI_NULL, "VI_ATTR_RM_SESSION of the resource manager is not VI_NULL");
}

void rule_4_3_17_names_open_in_every_spelling(Check& check) {
  const auto& visa = check.visa();
  const std::string& name = check.resource().name;
  const std::string canonical = name_of(check, check.open());
  for (const std::string& spelling : spellings(name)) {
    const std::string seen = name_of(check, check.open_name(spelling));
    check.that(upper(seen) == upper(canonical), spelling + " opens " + seen);
  }
  const auto zero = name.find("0::");
  if (zero != std::string::npos && name.find("::") == zero + 1) {
    const std::string shorter = std::string(name).erase(zero, 1);  // the board is 0 by default
    check.that(upper(name_of(check, check.open_name(shorter))) == upper(canonical),
               shorter + " opens something else");
  }
  MUST_ANSWER(viClose(check.manager()), VI_SUCCESS);
}

void rule_4_3_20_names_parse_in_every_spelling(Check& check) {
  const auto& visa = check.visa();
  const std::string& name = check.resource().name;
  const Parsed plain = parse(check, name);
  check.need("viParseRsrcEx", plain.status, {VI_SUCCESS});
  for (const std::string& spelling : spellings(name)) {
    const Parsed parsed = parse(check, spelling);
    check.answered(("viParseRsrcEx " + spelling).c_str(), parsed.status, {VI_SUCCESS});
    check.that(parsed.type == plain.type && parsed.board == plain.board &&
                   parsed.resource_class == plain.resource_class,
               spelling + ": parses to something else");
    ViUInt16 type = 0;
    ViUInt16 board = 0;
    ANSWERS(viParseRsrc(check.manager(), spelling.c_str(), &type, &board), VI_SUCCESS);
    check.that(type == plain.type && board == plain.board,
               spelling + ": viParseRsrc and viParseRsrcEx disagree");
  }
}

// The names of viOpen, viParseRsrcEx and VI_ATTR_RSRC_NAME are one, and it opens again.
void rule_s3_4_the_canonical_name_opens_again(Check& check) {
  const ViSession vi = check.talk();
  const std::string name = name_of(check, vi);
  const Parsed parsed = parse(check, check.resource().name);
  check.need("viParseRsrcEx", parsed.status, {VI_SUCCESS});
  check.that(parsed.name == name,
             "viParseRsrcEx says " + parsed.name + ", VI_ATTR_RSRC_NAME " + name);
  check.that(parse(check, name).name == name, "the canonical name has another canonical name");
  check.that(name.size() < 256, "the name is too long");
  const ViSession again = check.talk_name(name);
  check.that(check.ask(vi, "*IDN?\n") == check.ask(again, "*IDN?\n"),
             name + " opens something else");
}

void rule_4_3_examples_of_the_grammar(Check& check) {
  int examples = 0;
  for (const Row& row : check.facts().names) {
    const std::string& name = row.at("name");
    const Parsed parsed = parse(check, name);
    if (!row.at("certain").empty() && row.at("certain") == "no" && !check.options().strict)
      continue;
    ++examples;
    const std::string& wanted = row.at("canonical");
    if (wanted.rfind("VI_ERROR_", 0) == 0) {
      check.answered(("viParseRsrcEx '" + name + "'").c_str(), parsed.status,
                     {check.facts().status(wanted)});
      continue;
    }
    // A library that lacks the interface need not know its names.
    if (!check.options().strict &&
        (parsed.status == VI_ERROR_LIBRARY_NFOUND || parsed.status == VI_ERROR_INTF_NUM_NCONFIG)) {
      continue;
    }
    if (!check.answered(("viParseRsrcEx '" + name + "'").c_str(), parsed.status, {VI_SUCCESS})) {
      continue;
    }
    check.that(parsed.name == wanted,
               name + ": is '" + parsed.name + "', expected '" + wanted + "'");
    check.that(std::to_string(parsed.type) == row.at("type"),
               name + ": interface type " + std::to_string(parsed.type));
    check.that(std::to_string(parsed.board) == row.at("board"),
               name + ": board " + std::to_string(parsed.board));
    check.that(parsed.resource_class == row.at("class"), name + ": class " + parsed.resource_class);
    const Parsed again = parse(check, parsed.name);
    check.that(again.status == VI_SUCCESS && again.name == parsed.name,
               parsed.name + ": does not parse to itself");
  }
  check.that(examples > 20, "names.tsv is incomplete");
}

void rule_4_3_bad_names_cannot_be_opened(Check& check) {
  for (const Row& row : check.facts().names) {
    if (row.at("canonical") != "VI_ERROR_INV_RSRC_NAME") continue;
    ViSession vi = VI_NULL;
    const ViStatus status =
        check.visa().viOpen(check.manager(), row.at("name").c_str(), VI_NO_LOCK, 100, &vi);
    check.answered(("viOpen '" + row.at("name") + "'").c_str(), status,
                   {VI_ERROR_INV_RSRC_NAME, VI_ERROR_RSRC_NFOUND});
    check.that(vi == VI_NULL, "a failed viOpen returns a session");
  }
}

// 4.3.4: a host name and a dotted address lead to the same instrument.
void rule_4_3_4_host_names_and_addresses(Check& check) {
  const std::string& name = check.resource().name;
  const std::string by_name = renamed(name, "127.0.0.1", "localhost");
  if (by_name == name) throw NotShown{"the bench is on another machine"};
  std::optional<Configuration> configuration;
  if (check.options().configure) {
    configuration.emplace(check, configured(check, name) + configured(check, by_name));
  }
  const std::string one = check.ask(check.talk(), "*IDN?\n");
  check.that(check.ask(check.talk_name(by_name), "*IDN?\n") == one, "another instrument answers");
}

// 4.3.6 to 4.3.8, 5.1.29, 5.1.30: the device name chooses the protocol.
void rule_4_3_6_device_names_choose_the_protocol(Check& check) {
  const auto& visa = check.visa();
  ViBoolean is_hislip = 77;
  MUST_ANSWER(viGetAttribute(check.open(), VI_ATTR_TCPIP_IS_HISLIP, &is_hislip), VI_SUCCESS);
  const bool hislip = check.resource().kind == "TCPIP_HISLIP";
  check.that(is_hislip == (hislip ? VI_TRUE : VI_FALSE), "VI_ATTR_TCPIP_IS_HISLIP is wrong");
}

void rule_s4_4_outputs_may_be_left_out(Check& check) {
  const auto& visa = check.visa();
  const std::string& name = check.resource().name;
  ViUInt16 type = 0;
  ViUInt16 board = 0;
  ANSWERS(viParseRsrcEx(check.manager(), name.c_str(), &type, &board, VI_NULL, VI_NULL, VI_NULL),
          VI_SUCCESS);
  ViChar text[512];
  ANSWERS(viFindRsrc(check.manager(), "?*", VI_NULL, VI_NULL, text), VI_SUCCESS,
          VI_ERROR_RSRC_NFOUND);
}

void rule_s4_4_bad_handles(Check& check) {
  const auto& visa = check.visa();
  ViUInt16 type = 0;
  ViUInt16 board = 0;
  ViUInt32 count = 0;
  ViFindList list = VI_NULL;
  ViChar text[512];
  ANSWERS(viParseRsrc(VI_NULL, "GPIB0::1::INSTR", &type, &board), VI_ERROR_INV_OBJECT);
  ANSWERS(viParseRsrcEx(0x7FFFFFFF, "GPIB0::1::INSTR", &type, &board, text, text, text),
          VI_ERROR_INV_OBJECT);
  ANSWERS(viFindRsrc(VI_NULL, "?*", &list, &count, text), VI_ERROR_INV_OBJECT);
  ANSWERS(viFindNext(VI_NULL, text), VI_ERROR_INV_OBJECT);
  ANSWERS(viFindNext(0x7FFFFFFF, text), VI_ERROR_INV_OBJECT);
}

}  // namespace

Rules name_rules() {
  return {
      {"rule_4_2_1_the_manager_has_no_name", rule_4_2_1_the_manager_has_no_name, On::nothing},
      {"rule_4_2_2_the_manager_has_no_manager", rule_4_2_2_the_manager_has_no_manager, On::nothing},
      {"rule_4_3_17_names_open_in_every_spelling", rule_4_3_17_names_open_in_every_spelling},
      {"rule_4_3_20_names_parse_in_every_spelling", rule_4_3_20_names_parse_in_every_spelling},
      {"rule_s3_4_the_canonical_name_opens_again", rule_s3_4_the_canonical_name_opens_again,
       On::answering},
      {"rule_4_3_examples_of_the_grammar", rule_4_3_examples_of_the_grammar, On::nothing},
      {"rule_4_3_bad_names_cannot_be_opened", rule_4_3_bad_names_cannot_be_opened, On::nothing},
      {"rule_4_3_4_host_names_and_addresses", rule_4_3_4_host_names_and_addresses, On::answering,
       "TCPIP"},
      {"rule_4_3_6_device_names_choose_the_protocol", rule_4_3_6_device_names_choose_the_protocol,
       On::every_kind, "TCPIP_HISLIP"},
      {"rule_4_3_7_device_names_choose_the_protocol", rule_4_3_6_device_names_choose_the_protocol,
       On::every_kind, "TCPIP_VXI11"},
      {"rule_s4_4_outputs_may_be_left_out", rule_s4_4_outputs_may_be_left_out},
      {"rule_s4_4_bad_handles", rule_s4_4_bad_handles, On::nothing},
  };
}

}  // namespace visa::rules
