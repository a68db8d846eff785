// SPDX-License-Identifier: MIT
// What a user reads about a resource name or a search expression that is refused: the part that is
// wrong, and what was expected there.
#include "lib/model/mistake.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "lib/model/find_expression.h"
#include "lib/model/resource_name.h"

namespace visa::model {
namespace {

std::string refusal(std::string_view name) {
  Mistake mistake;
  return parse_resource_name(name, &mistake) ? "taken" : explain(name, mistake);
}

std::string refused_expression(std::string_view text) {
  Mistake mistake;
  return FindExpression::parse(text, &mistake) ? "taken" : explain(text, mistake);
}

struct Row {
  std::string_view text;
  std::string_view explanation;
};

constexpr Row kNames[] = {
    // colons
    {"TCPIP::10.0.0.7::5025:SOCKET",
     "expected '::' before the resource class, found ':SOCKET' at character 22"},
    {"TCPIP:10.0.0.7::5025::SOCKET",
     "expected '::' between the parts, found ':10.0.0.7' at character 6"},
    {"TCPIP::10.0.0.7:5025::SOCKET",
     "expected '::' between the parts, found ':5025' at character 16"},
    {"GPIB0::5:::INSTR",
     "expected '::' before the resource class, found ':::INSTR' at character 9"},
    {"GPIB0:5:INSTR", "expected '::' between the parts, found ':5:INSTR' at character 6"},
    {"GPIB0::5::", "expected no colon at the end, found '::' at character 9"},
    {"GPIB0::::INSTR", "expected something between '::' and '::', found nothing at character 8"},
    {"TCPIP::2001:db8::1::inst0::INSTR",
     "expected an IPv6 address in square brackets, found '2001:db8' at character 8"},
    {"TCPIP::[fe80::1::inst0", "expected a ']' after the '[', found the end"},
    {"TCPIP::[10.0.0.7]::inst0",
     "expected an IPv6 address between the brackets, found '10.0.0.7' at character 9"},
    // interface and board
    {"scope",
     "expected an alias or an interface (ASRL, FIREWIRE, GPIB, GPIB-VXI, PXI, TCPIP, USB, VXI), "
     "found 'scope' at character 1"},
    {"",
     "expected an alias or an interface (ASRL, FIREWIRE, GPIB, GPIB-VXI, PXI, TCPIP, USB, VXI), "
     "found the end"},
    {"usb_scope",
     "expected a resource name or an alias of the configuration, found 'usb_scope' at character 1"},
    {"GPIB65536::5",
     "expected a board number from 0 to 65535 after the interface, found '65536' at character 5"},
    {"ASRL/", "expected the path of a device node, found '/' at character 5"},
    // what is missing
    {"TCPIP0", "expected a host name or an address, found the end"},
    {"TCPIP::INSTR", "expected a host name or an address, found 'INSTR' at character 8"},
    {"TCPIP::h::SOCKET", "expected a port from 1 to 65535, found 'SOCKET' at character 11"},
    {"TCPIP::10.0.0.7::5025",
     "expected a device name (inst0, hislip0), or ::SOCKET after a port, found '5025' at character "
     "18"},
    {"GPIB0::INSTR", "expected a primary address from 0 to 30, found 'INSTR' at character 8"},
    {"USB0::0x0957::INSTR",
     "expected a product ID from 0x0000 to 0xFFFF, found 'INSTR' at character 15"},
    {"USB0::0x0957::0x1755", "expected a serial number, found the end"},
    // what does not fit
    {"GPIB0::31::INSTR", "expected a primary address from 0 to 30, found '31' at character 8"},
    {"GPIB0::5::96", "expected a secondary address from 0 to 30, found '96' at character 11"},
    {"GPIB0::5::SOCKET",
     "expected the class INSTR, INTFC or SERVANT, found 'SOCKET' at character 11"},
    {"TCPIP::h::inst0::INST",
     "expected the resource class (INSTR, SOCKET, ...) or the end, found 'INST' at character 18"},
    {"GPIB0::5::INTFC",
     "expected the resource class right after the interface, found '5' at character 8"},
    {"TCPIP::10.0.0.300::inst0",
     "expected an address of four decimal numbers from 0 to 255, found '10.0.0.300' at character "
     "8"},
    {"TCPIP::0x7f.1::inst0",
     "expected an address of four decimal numbers from 0 to 255, found '0x7f.1' at character 8"},
    {"TCPIP::my/host::inst0",
     "expected a host name (letters, digits, '-', '_', '.') or an address, found 'my/host' at "
     "character 8"},
    {"TCPIP::h::65536::SOCKET", "expected a port from 1 to 65535, found '65536' at character 11"},
    {"TCPIP::h::hislip0,0", "expected a port from 1 to 65535, found '0' at character 19"},
    {"TCPIP::me@h::inst0",
     "expected a host without a credential, because VXI-11 has no security, found 'me@h' at "
     "character 8"},
    {"TCPIP::h::inst0::INSTR ",
     "expected no blank (a USB serial number alone may hold any), found ' ' at character 23"},
    {"TCPIP::sc\xc3\xb6pe::INSTR",
     "expected printable ASCII characters, found '\\xC3' at character 10"},
    {"PXI0::32", "expected a device number from 0 to 31, found '32' at character 7"},
    {"VXI0::512::INSTR", "expected a logical address from 0 to 511, found '512' at character 7"},
    {"USB0::0x10957::0x1755::S",
     "expected a vendor ID from 0x0000 to 0xFFFF, found '0x10957' at character 7"},
    {"ASRL1::SOCKET", "expected the class INSTR, found 'SOCKET' at character 8"},
};

TEST(Mistake, ANameThatIsRefusedSaysWhichPartAndWhatWasExpected) {
  for (const Row& row : kNames) EXPECT_EQ(refusal(row.text), row.explanation) << row.text;
}

constexpr Row kExpressions[] = {
    {"*INSTR",
     "expected something before it that is repeated ('?*' matches any text), found '*' at "
     "character 1"},
    {"", "expected something that names can match, found the end"},
    {"GPIB|", "expected something that names can match, found the end"},
    {"GPIB()", "expected something that names can match, found ')' at character 6"},
    {"GPIB[0-9", "expected a ']' that closes the '[', found the end"},
    {"GPIB[]", "expected a character between '[' and ']', found ']' at character 6"},
    {"GPIB[9-0]", "expected a range that goes up, as in [a-z], found '9-0' at character 6"},
    {"(GPIB?*", "expected a ')' that closes the '(', found the end"},
    {"GPIB)?*", "expected a '(' before this ')', found ')' at character 5"},
    {"GPIB?*\\", "expected a character after the '\\', found the end"},
    {"GPIB]", "expected a '[' before this ']', found ']' at character 5"},
    {"GPIB}", "expected a '\\' before a brace that stands for itself, found '}' at character 5"},
    // braces
    {"?*{VI_ATTR_INTF_TYPE == 4", "expected a '}' that closes the '{', found the end"},
    {"?*{VI_ATTR_INTF_TYPE == 4} x", "expected the end after '}', found ' x' at character 27"},
    {"?*{}", "expected the name of a global attribute (VI_ATTR_...), found '}' at character 4"},
    {"?*{VI_ATTR_FOO == 1}",
     "expected the name of a global attribute (VI_ATTR_...), found 'VI_ATTR_FOO' at character 4"},
    {"?*{VI_ATTR_TMO_VALUE == 2000}",
     "expected a global attribute; this one belongs to a session, found 'VI_ATTR_TMO_VALUE' at "
     "character 4"},
    {"?*{VI_ATTR_INTF_TYPE = 4}", "expected ==, !=, <, >, <= or >=, found '= 4' at character 22"},
    {"?*{VI_ATTR_INTF_TYPE == }",
     "expected a number or a constant such as VI_TRUE, found '}' at character 25"},
    {"?*{VI_ATTR_INTF_TYPE == -4}",
     "expected a number that is not negative, found '4' at character 26"},
    {"?*{VI_ATTR_MANF_NAME > \"A\"}",
     "expected a number: strings have no order, only == and !=, found 'VI_ATTR_MANF_NAME' at "
     "character 4"},
    {"?*{VI_ATTR_MANF_NAME == A}", "expected a string in double quotes, found 'A' at character 25"},
    {"?*{VI_ATTR_INTF_NUM == 0 VI_ATTR_INTF_TYPE == 1}",
     "expected &&, || or the end of the braces, found 'VI_ATTR_INTF_TYPE == 1' at character 26"},
    {"?*{(VI_ATTR_INTF_NUM == 0}", "expected a ')', found '}' at character 26"},
};

TEST(Mistake, AnExpressionThatIsRefusedSaysWhichPartAndWhatWasExpected) {
  for (const Row& row : kExpressions) {
    EXPECT_EQ(refused_expression(row.text), row.explanation) << row.text;
  }
}

TEST(Mistake, TheTextIsQuotedBeforeTheReason) {
  constexpr std::string_view kName = "GPIB0::31";
  Mistake mistake;
  ASSERT_FALSE(parse_resource_name(kName, &mistake));
  EXPECT_EQ(describe(kName, mistake),
            "\"GPIB0::31\": expected a primary address from 0 to 30, found '31' at character 8");
}

// The 256 bytes of viStatusDesc hold it with the name of the status before it.
TEST(Mistake, ALongTextIsShortenedButNotAroundTheMistake) {
  const std::string front = "USB0::0x0957::0x1755::" + std::string(120, 'A');
  for (const std::string& name :
       {front + "::1234::INSTR", front + "\n" + std::string(100, 'B'), "X" + std::string(5000, 'Y'),
        std::string(200, '\xff'), "TCPIP::" + std::string(230, 'h') + "::5025:SOCKET"}) {
    Mistake mistake;
    ASSERT_FALSE(parse_resource_name(name, &mistake)) << name;
    const std::string text = describe(name, mistake);
    EXPECT_LE(text.size(), kMostMistakeText) << text;
    EXPECT_GT(text.size(), kMostMistakeText / 2) << text;
    EXPECT_TRUE(std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; }));
    EXPECT_NE(text.find("expected "), std::string::npos) << text;
    EXPECT_NE(text.find("..."), std::string::npos) << text;
  }
  Mistake mistake;
  const std::string name = front + "::1234::INSTR";
  ASSERT_FALSE(parse_resource_name(name, &mistake));
  const std::string text = describe(name, mistake);
  EXPECT_EQ(text.find("\"..."), 0u) << text;
  EXPECT_NE(text.find("AAA::1234::INSTR\": expected an interface number"), std::string::npos)
      << text;
}

}  // namespace
}  // namespace visa::model
