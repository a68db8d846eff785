// SPDX-License-Identifier: MIT
// instead_of: a program that has a fixed name in it reaches another resource. What it sees of that,
// and that a raw socket behaves as the bus the program was written for.
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

#include "conformance/unit/support/visa_session.h"
#include "lib/base/log.h"
#include "lib/core/resource_manager.h"

namespace visa::core {
namespace {

using spi::StopReason;
using test::kLan;
using test::kSocket;

constexpr auto kFixed = R"(
[[resource]]
name = "TCPIP::192.0.2.1::5025::SOCKET"
instead_of = ["GPIB0::2::INSTR", "ASRL1::INSTR"]
[resource.attributes]
VI_ATTR_TMO_VALUE = 4321
VI_ATTR_TCPIP_KEEPALIVE = true
)";

class FixedNames : public test::VisaSession {
 protected:
  ~FixedNames() override {
    bench().on_open(nullptr);
    log::redirect("");
  }
  // Replaces the manager by one with that configuration.
  void configure(const std::string& toml) {
    ASSERT_EQ(::viClose(rm_), VI_SUCCESS);
    ::setenv("FREEVISA_CONFIG", folder_.make("freevisa.toml", toml).c_str(), 1);
    ASSERT_EQ(::viOpenDefaultRM(&rm_), VI_SUCCESS);
    ::unsetenv("FREEVISA_CONFIG");
  }
  ViStatus try_open(const char* name, ViAccessMode mode = VI_NO_LOCK) {
    session_ = VI_NULL;
    return ::viOpen(rm_, name, mode, 0, &session_);
  }
  std::string text(ViSession session, ViAttr id) {
    ViChar value[VI_FIND_BUFLEN] = "";
    EXPECT_EQ(::viGetAttribute(session, id, value), VI_SUCCESS);
    return value;
  }
  template <class T>
  T number(ViSession session, ViAttr id) {
    T value = 0;
    EXPECT_EQ(::viGetAttribute(session, id, &value), VI_SUCCESS);
    return value;
  }
  struct Parsed {
    ViStatus status;
    ViUInt16 type;
    std::string resource_class, name, alias;
  };
  Parsed parse(const char* name) {
    Parsed parsed{};
    ViUInt16 board = 0;
    ViChar resource_class[VI_FIND_BUFLEN], full[VI_FIND_BUFLEN], alias[VI_FIND_BUFLEN];
    parsed.status = ::viParseRsrcEx(rm_, name, &parsed.type, &board, resource_class, full, alias);
    parsed.resource_class = resource_class;
    parsed.name = full;
    parsed.alias = alias;
    return parsed;
  }
  ViSession session_ = VI_NULL;
};

TEST_F(FixedNames, EverySpellingOpensTheOtherResource) {
  configure(kFixed);
  for (const char* name : {"GPIB0::2::INSTR", "gpib::2", "GPIB::02::instr", "asrl1"}) {
    ASSERT_EQ(try_open(name), VI_SUCCESS) << name;
    EXPECT_EQ(bench().opened().back().name, kSocket);
  }
  ASSERT_EQ(try_open("GPIB0::3::INSTR"), VI_SUCCESS);
  EXPECT_EQ(bench().opened().back().name, "GPIB0::3::INSTR") << "other names mean themselves";
}

TEST_F(FixedNames, NoDriverForTheFixedNameIsNeeded) {
  configure(kFixed);
  bench().serve(model::Kind::tcpip_socket);
  EXPECT_EQ(try_open("GPIB0::2::INSTR"), VI_SUCCESS);
  EXPECT_EQ(try_open("GPIB0::3::INSTR"), VI_ERROR_LIBRARY_NFOUND);
}

TEST_F(FixedNames, TheSessionIsThatOfTheOtherResource) {
  configure(kFixed);
  ASSERT_EQ(try_open("GPIB0::2::INSTR"), VI_SUCCESS);
  EXPECT_EQ(text(session_, VI_ATTR_RSRC_NAME), kSocket);
  EXPECT_EQ(text(session_, VI_ATTR_RSRC_CLASS), "SOCKET");
  EXPECT_EQ(number<ViUInt16>(session_, VI_ATTR_INTF_TYPE), VI_INTF_TCPIP);
  ViUInt16 address = 0;
  EXPECT_EQ(::viGetAttribute(session_, VI_ATTR_GPIB_PRIMARY_ADDR, &address), VI_ERROR_NSUP_ATTR);
}

TEST_F(FixedNames, ItsValuesAreLoadedThoughTheProgramDoesNotAsk) {
  configure(kFixed);
  ASSERT_EQ(try_open("GPIB0::2::INSTR"), VI_SUCCESS);
  EXPECT_EQ(number<ViUInt32>(session_, VI_ATTR_TMO_VALUE), 4321u);
  EXPECT_EQ(bench().opened().back().initial_attributes.size(), 1u);
  ASSERT_EQ(try_open(kSocket), VI_SUCCESS);
  EXPECT_EQ(number<ViUInt32>(session_, VI_ATTR_TMO_VALUE), 2000u) << "by its own name it does ask";
}

TEST_F(FixedNames, NothingToLoadIsAWarningOnlyToWhoAsks) {
  configure("[[resource]]\nname = 'TCPIP::192.0.2.1::INSTR'\ninstead_of = 'GPIB::2'\n");
  EXPECT_EQ(try_open("GPIB0::2::INSTR"), VI_SUCCESS);
  EXPECT_EQ(try_open("GPIB0::2::INSTR", VI_LOAD_CONFIG), VI_WARN_CONFIG_NLOADED);
}

TEST_F(FixedNames, ParseAsThemselvesAndTellWhereTheyLeadAsTheirAlias) {
  configure(kFixed);
  auto parsed = parse("gpib::2");
  EXPECT_EQ(parsed.status, VI_SUCCESS);
  EXPECT_EQ(parsed.type, VI_INTF_GPIB);
  EXPECT_EQ(parsed.resource_class, "INSTR");
  EXPECT_EQ(parsed.name, "GPIB0::2::INSTR");
  EXPECT_EQ(parsed.alias, kSocket);
  EXPECT_EQ(parse(kSocket).alias, "");
  configure(std::string("[aliases]\ndmm = 'TCPIP::192.0.2.1::5025::SOCKET'\n") + kFixed);
  EXPECT_EQ(parse("gpib::2").alias, "dmm");
  EXPECT_EQ(parse("gpib::2").name, "GPIB0::2::INSTR");
}

TEST_F(FixedNames, LocksAreThoseOfTheOtherResource) {
  configure(kFixed);
  ASSERT_EQ(try_open(kSocket, VI_EXCLUSIVE_LOCK), VI_SUCCESS);
  EXPECT_EQ(try_open("GPIB0::2::INSTR", VI_EXCLUSIVE_LOCK), VI_ERROR_RSRC_LOCKED);
  const auto why = description(rm_, VI_ERROR_RSRC_LOCKED);
  EXPECT_NE(why.find("GPIB0::2::INSTR (configured as " + std::string(kSocket) + ")"),
            std::string::npos)
      << why;
  ASSERT_EQ(try_open("ASRL1::INSTR"), VI_SUCCESS);
  EXPECT_EQ(::viClear(session_), VI_ERROR_RSRC_LOCKED);
}

TEST_F(FixedNames, AFailureNamesBoth) {
  configure(kFixed);
  bench().on_open([](Call& call) { return call.fail(Status::error_rsrc_nfound, "plug it in"); });
  EXPECT_EQ(try_open("gpib::2"), VI_ERROR_RSRC_NFOUND);
  for (const ViObject vi : {rm_, ViSession{VI_NULL}}) {
    const auto why = description(vi, VI_ERROR_RSRC_NFOUND);
    EXPECT_NE(why.find("GPIB0::2::INSTR (configured as TCPIP0::192.0.2.1::5025::SOCKET): plug it "
                       "in"),
              std::string::npos)
        << why;
  }
}

TEST_F(FixedNames, TheTraceSaysWhichEntryWasUsed) {
  configure(kFixed);
  const auto trace = folder_.path() + "/trace";
  log::redirect(trace);
  ASSERT_EQ(try_open("gpib::2"), VI_SUCCESS);
  log::redirect("");
  std::ifstream file(trace);
  const std::string lines(std::istreambuf_iterator<char>(file), {});
  EXPECT_NE(lines.find("GPIB0::2::INSTR is configured as TCPIP0::192.0.2.1::5025::SOCKET ("),
            std::string::npos)
      << lines;
  EXPECT_NE(lines.find("freevisa.toml:2)"), std::string::npos) << lines;
}

TEST_F(FixedNames, ResourcesMayChangePlacesAndAliasesFollowTheName) {
  configure(
      "[[resource]]\nname = 'GPIB::1::INSTR'\nalias = 'one'\ninstead_of = 'GPIB::2'\n"
      "[[resource]]\nname = 'GPIB::2::INSTR'\nalias = 'two'\ninstead_of = 'GPIB::1'\n");
  for (const auto& [asked, opened] : {std::pair{"GPIB::1", "GPIB0::2::INSTR"},
                                      {"GPIB::2", "GPIB0::1::INSTR"},
                                      {"one", "GPIB0::2::INSTR"},
                                      {"TWO", "GPIB0::1::INSTR"}}) {
    ASSERT_EQ(try_open(asked), VI_SUCCESS);
    EXPECT_EQ(bench().opened().back().name, opened) << asked;
  }
}

// A program written for a bus with END sends none of its own and reads until it.
TEST_F(FixedNames, ARawSocketEndsMessagesAsTheBusDid) {
  configure(kFixed);
  auto& wire = bench().prepare();
  wire.answers("1.5\n", StopReason::termchar);
  ASSERT_EQ(try_open("GPIB0::2::INSTR"), VI_SUCCESS);
  ViUInt32 count = 0;
  EXPECT_EQ(write(session_, "READ?", &count), VI_SUCCESS);
  EXPECT_EQ(count, 5u);
  EXPECT_EQ(wire.written(), "READ?\n");
  std::string data;
  EXPECT_EQ(read(session_, data), VI_SUCCESS) << "END, no termination character";
  EXPECT_EQ(data, "1.5\n");
  const auto rule = wire.last("read").rule;
  EXPECT_TRUE(rule.termchar_enabled);
  EXPECT_EQ(rule.termchar, '\n');
  EXPECT_TRUE(rule.suppress_end);
  EXPECT_EQ(number<ViBoolean>(session_, VI_ATTR_TERMCHAR_EN), VI_FALSE) << "as on the bus";
  EXPECT_EQ(number<ViBoolean>(session_, VI_ATTR_SUPPRESS_END_EN), VI_FALSE);
}

TEST_F(FixedNames, FormattedIoEndsMessagesToo) {
  configure(kFixed);
  auto& wire = bench().prepare();
  wire.answers("-1.5,2\n", StopReason::termchar).answers("7\n", StopReason::termchar);
  ASSERT_EQ(try_open("GPIB0::2::INSTR"), VI_SUCCESS);
  double value = 0;
  EXPECT_EQ(::viQueryf(session_, "MEAS?", "%lf", &value), VI_SUCCESS);
  EXPECT_EQ(value, -1.5);
  EXPECT_EQ(wire.written(), "MEAS?\n");
  EXPECT_EQ(::viFlush(session_, VI_READ_BUF), VI_SUCCESS) << "the rest of the answer, to its END";
  int number = 0;
  EXPECT_EQ(::viQueryf(session_, "N?\n", "%d", &number), VI_SUCCESS);
  EXPECT_EQ(number, 7);
  EXPECT_EQ(wire.written(), "MEAS?\nN?\n");
}

TEST_F(FixedNames, WithoutSendEndNoMarkGoesOut) {
  configure(kFixed);
  auto& wire = bench().prepare();
  ASSERT_EQ(try_open("GPIB0::2::INSTR"), VI_SUCCESS);
  ASSERT_EQ(set(session_, VI_ATTR_SEND_END_EN, VI_FALSE), VI_SUCCESS);
  EXPECT_EQ(write(session_, "READ"), VI_SUCCESS);
  ASSERT_EQ(set(session_, VI_ATTR_SEND_END_EN, VI_TRUE), VI_SUCCESS);
  EXPECT_EQ(write(session_, "?"), VI_SUCCESS);
  EXPECT_EQ(wire.written(), "READ?\n");
}

TEST_F(FixedNames, NothingIsAddedWhereTheProgramExpectsNoEndOrTheWireHasOne) {
  configure(
      "[[resource]]\nname = 'TCPIP::192.0.2.1::5025::SOCKET'\n"
      "instead_of = ['ASRL1', 'TCPIP::old::1::SOCKET']\n"
      "[[resource]]\nname = 'TCPIP::192.0.2.1::INSTR'\ninstead_of = 'GPIB::2'\n");
  for (const char* name : {"ASRL1", "TCPIP::old::1::SOCKET", kSocket, "GPIB::2"}) {
    auto& wire = bench().prepare();
    ASSERT_EQ(try_open(name), VI_SUCCESS);
    EXPECT_EQ(write(session_, "READ?"), VI_SUCCESS);
    EXPECT_EQ(wire.written(), "READ?") << name;
  }
}

TEST_F(FixedNames, MessageEndIsASettingOfItsOwn) {
  const std::string entry =
      "[[resource]]\nname = 'TCPIP::192.0.2.1::5025::SOCKET'\ninstead_of = 'GPIB::2'\n";
  const auto written = [&](const char* name) {
    auto& wire = bench().prepare();
    EXPECT_EQ(try_open(name), VI_SUCCESS);
    EXPECT_EQ(write(session_, "READ?"), VI_SUCCESS);
    return wire.written();
  };
  configure(entry + "transport = { message_end = \"\\r\" }\n");
  EXPECT_EQ(written("GPIB::2"), "READ?\r");
  EXPECT_EQ(written(kSocket), "READ?\r") << "it is the resource's, whatever it is opened by";
  configure(entry + "transport = { message_end = '' }\n");
  EXPECT_EQ(written("GPIB::2"), "READ?");
  for (const char* value : {"'ab'", "true", "10"}) {
    configure(entry + "transport = { message_end = " + value + " }\n");
    EXPECT_EQ(try_open("GPIB::2"), VI_ERROR_INV_SETUP) << value;
    EXPECT_NE(description(rm_, VI_ERROR_INV_SETUP).find("message_end"), std::string::npos);
  }
}

}  // namespace
}  // namespace visa::core
