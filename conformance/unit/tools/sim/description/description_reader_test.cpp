// SPDX-License-Identifier: MIT
// Instrument files: every mistake has file, line, column and what was expected.
#include "tools/sim/description/description.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "spec_dir.h"
#include "tools/sim/description/bundled.h"

namespace visa::sim {
namespace {

using testing::HasSubstr;

constexpr std::string_view kHead = "[instrument]\nname = \"x\"\nidentity = \"a,b,c,d\"\n";

// What is wrong with kHead and `text` after it; "" if nothing is.
std::string mistakes(std::string_view text, std::string_view head = kHead) {
  try {
    read_description(std::string(head) + std::string(text), "x.toml");
    return "";
  } catch (const DescriptionError& error) {
    return error.what();
  }
}

TEST(DescriptionReader, BundledFilesAreGoodAndHaveTheirNamesAndPorts) {
  std::vector<std::uint16_t> ports;
  for (const BundledFile& file : bundled_files()) {
    const auto description = bundled_description(file.name);
    EXPECT_EQ(description->name, file.name);
    EXPECT_FALSE(description->title.empty());
    ports.push_back(description->port);
  }
  EXPECT_THAT(ports, testing::UnorderedElementsAre(5025, 5026, 5027, 5028, 5029, 5030, 5031));
  for (const std::string_view name : usual_instruments()) {
    EXPECT_NE(bundled_description(name), nullptr) << name;
  }
  EXPECT_EQ(bundled_description("oven"), nullptr);
}

TEST(DescriptionReader, LeastThereCanBe) {
  EXPECT_EQ(mistakes(""), "");
  for (const std::string kind : {"pyvisa-test", "loopback"}) {
    EXPECT_EQ(mistakes("", "[instrument]\nkind = \"" + kind + "\"\nname = \"p\"\n"), "");
  }
}

TEST(DescriptionReader, WhatIsNoTomlHasItsPlace) {
  EXPECT_THAT(mistakes("[[property]\n"), HasSubstr("x.toml:4:"));
  EXPECT_THAT(mistakes("a = \"x\n"), HasSubstr("x.toml:4:5: a string that does not end"));
  EXPECT_THAT(mistakes("[[[\n"), HasSubstr("x.toml:4:"));
  EXPECT_THAT(mistakes("", ""), HasSubstr("x.toml: the file: expected instrument = a table"));
}

TEST(DescriptionReader, InstrumentNeedsNameAndIdentity) {
  EXPECT_EQ(mistakes("", "[instrument]\n"),
            "x.toml:1:1: [instrument]: expected name = \"a short name\"\n"
            "x.toml:1:1: [instrument]: expected identity = \"maker,model,serial number,version\"\n"
            "x.toml:1:1: [instrument]: identity: expected printable ASCII");
  EXPECT_THAT(mistakes("port = 70000\n"),
              HasSubstr("x.toml:4:1: [instrument]: port: expected a whole number from 1 to 65535"));
  EXPECT_THAT(mistakes("prot = 5025\n"),
              HasSubstr("x.toml:4:1: [instrument]: unknown key 'prot', expected one of delay_ms, "
                        "description, identity, integers, kind, name, options, port, trigger"));
  EXPECT_THAT(mistakes("kind = \"magic\"\n"),
              HasSubstr("expected one of scpi, pyvisa-test, loopback"));
  EXPECT_THAT(mistakes("", "[instrument]\nname = \"a b\"\nidentity = \"\\u00e4\"\n"),
              testing::AllOf(HasSubstr(":2:1: [instrument]: name: expected 1 to 32 letters"),
                             HasSubstr(":3:1: [instrument]: identity: expected printable ASCII")));
}

TEST(DescriptionReader, AllMistakesAreNamedInTheOrderOfTheFile) {
  const std::string text = mistakes(
      "[[property]]\nname = \"v\"\nheader = \"VOLT\"\ntype = \"number\"\nmin = \"low\"\nmax = 1\n"
      "default = 7\nmystery = 1\n");
  EXPECT_EQ(text.find("x.toml:8:1: [[property]]: min: expected a number\n"
                      "x.toml:10:1: [[property]]: default: expected a value from min to max\n"
                      "x.toml:11:1: [[property]]: unknown key 'mystery'"),
            0U)
      << text;
}

TEST(DescriptionReader, PropertiesAreChecked) {
  const auto property = [](const std::string& keys) {
    return mistakes("[[property]]\n" + keys + "\n");
  };
  const std::string number = "name='v'\ntype='number'\nmin=0\nmax=1\ndefault=0\n";
  EXPECT_EQ(property(number), "");
  EXPECT_THAT(property("name='V'\ntype='boolean'"), HasSubstr("expected small letters"));
  EXPECT_THAT(property("name='and'\ntype='boolean'"), HasSubstr("none of and"));
  EXPECT_THAT(property("name='v'\ntype='flag'"),
              HasSubstr("expected one of number, integer, boolean, choice, string"));
  EXPECT_THAT(property("name='v'"), HasSubstr("expected type = "));
  EXPECT_THAT(property(number + "header='VOLT?'"), HasSubstr("expected no '?' at the end"));
  EXPECT_THAT(property(number + "header='VOLT['"), HasSubstr("expected ']'"));
  EXPECT_THAT(property(number + "header='1VOLT'"), HasSubstr("expected a letter"));
  EXPECT_THAT(property(number + "header='VO LT'"), HasSubstr("expected letters, digits"));
  EXPECT_THAT(property(number + "header='[VOLT]'"), HasSubstr("a word outside of brackets"));
  EXPECT_THAT(property(number + "header='VOLT#'"), HasSubstr("expected count = "));
  EXPECT_THAT(property(number + "header='VOLT'\ncount=2"), HasSubstr("expected a '#'"));
  EXPECT_THAT(property(number + "header='V#:W#'\ncount=2"), HasSubstr("one '#' at most"));
  EXPECT_THAT(property(number + "format='f99'"), HasSubstr("\"f\" or \"e\" and digits"));
  EXPECT_THAT(property(number + "errors={range='x'}"), HasSubstr("range: expected a whole number"));
  EXPECT_THAT(property("name='v'\ntype='number'\nmin=2\nmax=1\ndefault=2"),
              HasSubstr("max: expected no less than min"));
  EXPECT_THAT(property("name='v'\ntype='choice'\nchoices=['A','B']\ndefault='C'"),
              HasSubstr("expected one of the choices instead of 'C'"));
  EXPECT_THAT(property("name='v'\ntype='choice'\nchoices=['A B']\ndefault='A'"),
              HasSubstr("expected words as in IMMediate"));
  EXPECT_THAT(property("name='v'\ntype='boolean'\ndefault=1"), HasSubstr("expected true or false"));
  EXPECT_THAT(property(number + "[[property]]\n" + number), HasSubstr("another property 'v'"));
}

TEST(DescriptionReader, ChannelDefaultsAreOneOrOneAChannel) {
  const auto channel = [](const std::string& preset) {
    return mistakes(
        "[[channel]]\nprefix='CHANnel'\ncount=2\n[[channel.property]]\nname='v'\n"
        "header='SCALe'\ntype='number'\nmin=0\nmax=9\ndefault=" +
        preset + "\n");
  };
  EXPECT_EQ(channel("1"), "");
  EXPECT_EQ(channel("[1, 2]"), "");
  EXPECT_THAT(channel("[1, 2, 3]"), HasSubstr("expected one value, or 2, one a channel"));
  EXPECT_THAT(mistakes("[[channel]]\ncount=99\n"),
              testing::AllOf(HasSubstr("expected a whole number from 1 to 64"),
                             HasSubstr("expected prefix")));
}

TEST(DescriptionReader, FormulasHaveTheirColumn) {
  EXPECT_THAT(mistakes("[[status]]\nregister = \"operation\"\nbit = 1\nwhen = \"1 + volts\"\n"),
              HasSubstr("x.toml:7:13: [[status]]: when: expected the name of a property"));
  EXPECT_THAT(mistakes("[[dialogue]]\nquery = \"A?\"\nanswer = \"x{1 +}\"\n"),
              HasSubstr("x.toml:6:16: [[dialogue]]: answer: expected a number"));
  EXPECT_THAT(mistakes("[[dialogue]]\nquery = \"A?\"\nanswer = \"x{1|y}\"\n"),
              HasSubstr("after '|'"));
  EXPECT_THAT(mistakes("[[dialogue]]\nquery = \"A?\"\nanswer = \"x{1\"\n"),
              HasSubstr("expected '}'"));
  EXPECT_THAT(mistakes("[[dialogue]]\nquery = \"A?\"\nanswer = \"1}\"\n"), HasSubstr("'{' before"));
  EXPECT_EQ(mistakes("[[dialogue]]\nquery = \"A?\"\nanswer = \"{{1}}\"\n"), "");
}

TEST(DescriptionReader, CommandsAndStatusAreChecked) {
  EXPECT_THAT(mistakes("[[command]]\nheader='A'\nset={q=1}\n"), HasSubstr("instead of 'q'"));
  EXPECT_THAT(mistakes("[[command]]\nheader='A'\nparameters=['q']\n"), HasSubstr("instead of 'q'"));
  EXPECT_THAT(mistakes("[[command]]\nheader='A?'\n"), HasSubstr("expected no '?'"));
  EXPECT_THAT(mistakes("[[dialogue]]\nquery='A?'\n"), HasSubstr("expected answer = "));
  EXPECT_THAT(mistakes("[[dialogue]]\nquery='A'\nanswer='1'\n"),
              HasSubstr("expected '?' at the end"));
  EXPECT_THAT(mistakes("[[status]]\nregister='standard'\nbit=0\nwhen=1\n"),
              HasSubstr("which have conditions"));
  EXPECT_THAT(mistakes("[[status]]\nregister='operation'\nbit=15\nwhen=1\n"),
              HasSubstr("from 0 to 14"));
}

TEST(DescriptionReader, BlocksAreChecked) {
  EXPECT_THAT(mistakes("[meter]\n"), HasSubstr("expected function = "));
  EXPECT_THAT(
      mistakes("[[meter.function]]\nheader='V'\nname='V'\nlowest=5\nhighest=1\ndefault=3\n"),
      HasSubstr("highest: expected no less than lowest"));
  const std::string function =
      "[[meter.function]]\nheader='V'\nname='V'\nlowest=1\nhighest=1\ndefault=1\n";
  EXPECT_EQ(mistakes("[meter]\n" + function), "");
  EXPECT_THAT(mistakes("[meter]\n" + function + "nplc=true\n"),
              HasSubstr("nplc: expected integration in [meter]"));
  EXPECT_THAT(mistakes("[meter]\nnplc=1\n" + function), HasSubstr("expected integration = "));
  EXPECT_THAT(mistakes("[meter]\nnplc=2\nintegration=[{nplc=1,resolution=1e-6}]\n" + function),
              HasSubstr("nplc: expected one of those in integration"));
  EXPECT_THAT(mistakes("[meter]\nnplc=1\nintegration=[{nplc=1,resolution=1e-6},"
                       "{nplc=1,resolution=1e-7}]\n" +
                       function),
              HasSubstr("nplc: expected more than in the line before"));
  EXPECT_THAT(mistakes("[[record]]\nquery='C?'\nblock_digits=10\n"), HasSubstr("from 1 to 9"));
  EXPECT_THAT(mistakes("[[record]]\nquery='C?'\n"),
              testing::AllOf(HasSubstr("[[record.signal]]"), HasSubstr("[[record.encoding]]")));
  EXPECT_THAT(
      mistakes("[[record]]\nquery='C?'\n[[record.signal]]\nshape='round'\n"
               "[[record.encoding]]\ntype='int7'\n"),
      testing::AllOf(HasSubstr("expected sine, square"), HasSubstr("expected int8, uint8")));
  EXPECT_THAT(mistakes("[screenshot]\nquery='S?'\n"), HasSubstr("expected a [[record]]"));
  EXPECT_THAT(mistakes("[[fault]]\nkind='fire'\n"), HasSubstr("expected one of drop, stall"));
  EXPECT_THAT(
      mistakes("[meter]\n", "[instrument]\nkind='pyvisa-test'\nname='p'\n"),
      HasSubstr("expected nothing but [instrument], [vxi11], [hislip], [serial], [usb], [gpib], "
                "[dongle] and "
                "[[fault]]"));
}

// The example people begin with, as it stands in the page.
TEST(DescriptionReader, ExampleOfThePageIsGood) {
  std::ifstream stream(FREEVISA_SPEC_DIR "/../../tools/sim/README.md");
  std::string file;
  bool inside = false;
  for (std::string line; std::getline(stream, line);) {
    inside = (inside || line == "    [instrument]") && (line.empty() || line.starts_with("    "));
    file += inside && !line.empty() ? line.substr(4) + "\n" : "";
    if (!inside && !file.empty()) {
      break;
    }
  }
  const auto lathe = read_description(file, "README.md");
  EXPECT_EQ(lathe->name, "lathe");
  EXPECT_EQ(lathe->conditions.size(), 1U);
}

TEST(DescriptionReader, HugeFileIsRefused) {
  EXPECT_THAT(mistakes(std::string(2 << 20, '#')), HasSubstr("at most 1048576 bytes"));
}

}  // namespace
}  // namespace visa::sim
