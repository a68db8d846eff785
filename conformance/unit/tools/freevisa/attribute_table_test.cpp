// SPDX-License-Identifier: MIT
// Against the fact sheet, so that no attribute of the standard is missing or read at a wrong width.
#include "tools/freevisa/attribute_table.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "spec_dir.h"

namespace visa::tool {
namespace {

using Form = Attribute::Form;

const std::map<std::string, std::vector<Form>> kForms = {
    {"ViString", {Form::text}},     {"ViRsrc", {Form::text}},
    {"ViBoolean", {Form::boolean}}, {"ViUInt8", {Form::u8}},
    {"ViInt16", {Form::i16}},       {"ViUInt16", {Form::u16, Form::hex16}},
    {"ViUInt32", {Form::u32}},      {"ViAccessMode", {Form::u32}},
    {"ViSession", {Form::u32}},     {"ViInt32", {Form::i32}},
    {"ViVersion", {Form::version}}, {"ViBusAddress", {Form::bus}},
    {"ViBusSize", {Form::bus}},     {"ViAddr", {Form::bus}},
};

TEST(AttributeTable, HasEveryAttributeOfSessionsInItsType) {
  std::map<std::string, const Attribute*> known;
  for (const Attribute& attribute : attributes()) known[attribute.name] = &attribute;
  std::ifstream sheet(FREEVISA_SPEC_DIR "/attributes.tsv");
  std::string line;
  std::getline(sheet, line);
  std::size_t found = 0;
  while (std::getline(sheet, line)) {
    std::istringstream fields(line);
    std::vector<std::string> row;
    for (std::string field; std::getline(fields, field, '\t');) row.push_back(field);
    ASSERT_GT(row.size(), 6U) << line;
    const std::string& name = row[0];
    const bool twin = name.ends_with("_32") || name.ends_with("_64");
    if (twin || name == "VI_ATTR_TCPIP_SERVER_CERT" || row[6].starts_with("event:") ||
        row[6].starts_with("every event")) {
      continue;
    }
    ASSERT_EQ(known.count(name), 1U) << name;
    const auto forms = kForms.find(row[2].substr(0, row[2].find(' ')));
    ASSERT_NE(forms, kForms.end()) << row[2];
    bool fits = false;
    for (const Form form : forms->second) fits = fits || form == known[name]->form;
    EXPECT_TRUE(fits) << name << " is " << row[2];
    ++found;
  }
  EXPECT_EQ(found, attributes().size());
}

TEST(AttributeTable, WhatASessionLacksIsNotShown) {
  for (const Attribute& attribute : attributes())
    EXPECT_FALSE(read_attribute(VI_NULL, attribute)) << attribute.name;
}

}  // namespace
}  // namespace visa::tool
