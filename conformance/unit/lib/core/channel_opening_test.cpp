// SPDX-License-Identifier: MIT
// What a driver is asked and told before it opens, what stands in front of its channel, and that a
// failure leaves nothing open. viOpen itself is in resource_manager_open_test.
#include "lib/core/channel_opening.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "conformance/unit/support/fake_bench.h"
#include "conformance/unit/support/temp_folder.h"
#include "lib/base/log.h"

namespace visa::core {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kStream = "TCPIP0::192.0.2.1::5025::SOCKET";
constexpr std::string_view kWithEnd = "TCPIP0::192.0.2.1::inst0::INSTR";

class ChannelOpeningTest : public testing::Test {
 protected:
  ChannelOpeningTest() { bench().reset(); }
  ~ChannelOpeningTest() override {
    log::redirect("");
    if (opened_.channel != nullptr) opened_.channel->close(call_);
  }

  static test::FakeBench& bench() { return test::FakeBench::instance(); }
  void configure(std::string_view text) {
    configuration_ = config::Configuration::from_text(text, "test.toml");
    EXPECT_TRUE(configuration_.complete()) << configuration_.loss();
  }
  /// Opens `name` in place of `asked`.
  Status open(std::string_view asked, std::string_view name, ViAccessMode mode = VI_NO_LOCK,
              ViUInt32 timeout = 0) {
    const auto first = model::parse_resource_name(asked);
    const auto second = model::parse_resource_name(name);
    if (opened_.channel != nullptr) opened_.channel->close(call_);
    opened_ = {};
    call_.detail.clear();
    auto opened = open_channel(library_, configuration_,
                               {*first, asked == name ? *first : *second, mode, timeout}, call_);
    if (opened) opened_ = *std::move(opened);
    return opened.status();
  }
  Status open(std::string_view name, ViAccessMode mode = VI_NO_LOCK, ViUInt32 timeout = 0) {
    return open(name, name, mode, timeout);
  }
  /// What goes over the wire when the program writes that message.
  std::string sent(std::string_view text) {
    opened_.channel->write(std::as_bytes(std::span(text)), spi::WriteEnd::end, call_);
    return bench().wire(bench().opened().size() - 1)->written();
  }
  bool says(std::string_view text) const { return call_.detail.find(text) != std::string::npos; }

  Library library_;
  config::Configuration configuration_;
  Call call_{Deadline::infinite()};
  OpenedChannel opened_;
  test::TempFolder folder_;
};

TEST_F(ChannelOpeningTest, TheDriverSaysWhichDeviceIsMeantBeforeItOpensIt) {
  bench().on_identify([](const spi::OpenRequest& request, Call&) -> Result<spi::Identity> {
    EXPECT_TRUE(test::FakeBench::instance().opened().empty());
    return spi::Identity{"port of " + request.name.canonical(), "the instrument"};
  });
  EXPECT_EQ(open(kStream), Status::success);
  EXPECT_EQ(opened_.identity.key, "port of " + std::string(kStream));
  EXPECT_EQ(opened_.identity.interface_name, "the instrument");
}

TEST_F(ChannelOpeningTest, ADeviceThatCannotBeMeantIsNotOpened) {
  bench().on_identify([](const spi::OpenRequest&, Call& call) -> Result<spi::Identity> {
    return call.fail(Status::error_inv_setup, "no such board");
  });
  EXPECT_EQ(open(kStream), Status::error_inv_setup);
  EXPECT_EQ(call_.detail, "no such board");
  EXPECT_TRUE(bench().opened().empty());
  EXPECT_EQ(opened_.channel, nullptr);
}

TEST_F(ChannelOpeningTest, AKindWithoutADriverIsNamed) {
  bench().serve(model::Kind::tcpip_socket);
  EXPECT_EQ(open(kWithEnd), Status::error_library_nfound);
  EXPECT_TRUE(says("TCPIP0::192.0.2.1::inst0::INSTR: this FreeVISA was built without a driver"))
      << call_.detail;
}

TEST_F(ChannelOpeningTest, ASocketInPlaceOfAWireWithEndGetsAMark) {
  EXPECT_EQ(open(kWithEnd, kStream), Status::success);
  EXPECT_TRUE(opened_.channel->traits().ends_messages);
  EXPECT_EQ(sent("*IDN?"), "*IDN?\n");
  // A program that asked for a byte stream ends its messages itself, and the wire may have an END.
  for (const auto& [asked, name] :
       {std::pair(kStream, kStream), std::pair(std::string_view("ASRL1::INSTR"), kStream),
        std::pair(kWithEnd, kWithEnd), std::pair(kWithEnd, std::string_view("GPIB0::5::INSTR"))}) {
    EXPECT_EQ(open(asked, name), Status::success);
    EXPECT_FALSE(opened_.channel->traits().ends_messages) << asked << " " << name;
    EXPECT_EQ(sent("*IDN?"), "*IDN?");
  }
}

TEST_F(ChannelOpeningTest, TheConfigurationSaysWhatTheMarkIs) {
  const auto configured = [this](std::string_view value) {
    configure("[[resource]]\nname = 'TCPIP0::192.0.2.1::5025::SOCKET'\ntransport.message_end = " +
              std::string(value) + "\n");
  };
  configured(R"("\r")");
  EXPECT_EQ(open(kStream), Status::success) << "also where the program asked for the stream";
  EXPECT_EQ(sent("x"), "x\r");
  configured(R"("")");
  EXPECT_EQ(open(kWithEnd, kStream), Status::success);
  EXPECT_EQ(sent("x"), "x");
  const auto before = bench().opened().size();
  for (const std::string_view wrong : {R"("\r\n")", "10"}) {
    configured(wrong);
    EXPECT_EQ(open(kWithEnd, kStream), Status::error_inv_setup) << wrong;
    EXPECT_TRUE(says("message_end must be one character")) << call_.detail;
  }
  EXPECT_EQ(bench().opened().size(), before) << "the instrument was not touched";
}

TEST_F(ChannelOpeningTest, TheTimeToConnectIsTheLibrarysWhereTheProgramHasNone) {
  configure("[settings]\nconnect_timeout_ms = 600000\n");
  EXPECT_EQ(open(kStream, VI_NO_LOCK, 0), Status::success);
  EXPECT_GT(call_.deadline.remaining(), 500s);
  EXPECT_LE(call_.deadline.remaining(), 600s);
  call_.deadline = Deadline::infinite();
  EXPECT_EQ(open(kStream, VI_NO_LOCK, 1), Status::success);
  EXPECT_TRUE(call_.deadline.is_infinite()) << "that of the call stays";
}

TEST_F(ChannelOpeningTest, ConfiguredValuesGoToTheDriverWhereTheyAreAskedFor) {
  configure(
      "[[resource]]\nname = 'TCPIP0::192.0.2.1::5025::SOCKET'\n"
      "attributes = { VI_ATTR_TCPIP_KEEPALIVE = true, VI_ATTR_TMO_VALUE = 5 }\n");
  EXPECT_EQ(open(kStream), Status::success);
  EXPECT_TRUE(bench().opened().back().initial_attributes.empty());
  EXPECT_FALSE(opened_.values_missing) << "none were wanted";
  // The second: the program cannot ask for the values of a name that it does not know.
  EXPECT_EQ(open(kStream, VI_LOAD_CONFIG), Status::success);
  ASSERT_EQ(bench().opened().back().initial_attributes.size(), 1U) << "the timeout is no driver's";
  EXPECT_EQ(open(kWithEnd, kStream), Status::success);
  const auto given = bench().opened().back().initial_attributes;
  ASSERT_EQ(given.size(), 1U);
  EXPECT_EQ(given.front().first, VI_ATTR_TCPIP_KEEPALIVE);
  EXPECT_FALSE(opened_.values_missing);
  EXPECT_EQ(open("TCPIP0::192.0.2.9::5025::SOCKET", VI_LOAD_CONFIG), Status::success);
  EXPECT_TRUE(opened_.values_missing);
}

TEST_F(ChannelOpeningTest, TheCredentialOfTheNameCountsBeforeThatOfTheSettings) {
  configure(
      "[[credential]]\nname = 'lab'\nuser = 'a'\n[[credential]]\nname = 'line'\nuser = 'b'\n"
      "[[interface]]\nname = 'TCPIP'\ncredential = 'line'\n");
  EXPECT_EQ(open("TCPIP0::lab@192.0.2.1::hislip0::INSTR"), Status::success);
  EXPECT_EQ(bench().opened().back().credential, "lab");
  EXPECT_EQ(open("TCPIP0::192.0.2.1::hislip0::INSTR"), Status::success);
  EXPECT_EQ(bench().opened().back().credential, "line");
  EXPECT_EQ(open("TCPIP0::nobody@192.0.2.1::hislip0::INSTR"), Status::success);
  EXPECT_EQ(bench().opened().back().credential, "") << "never another one";
}

TEST_F(ChannelOpeningTest, TheDriverSeesWhichBoardsAreGivenAway) {
  configure("[[interface]]\nname = 'GPIB3'\nadapter = 'usb://'\n");
  EXPECT_EQ(open("GPIB0::5::INSTR"), Status::success);
  const auto boards = bench().opened().back().boards;
  ASSERT_EQ(boards.size(), 1U);
  EXPECT_EQ(boards.begin()->first, 3);
}

TEST_F(ChannelOpeningTest, AFailureSpeaksOfNoSession) {
  bench().on_open([](Call& call) {
    return call.fail(Status::error_rsrc_nfound, "it hung up; close this session and open it again");
  });
  EXPECT_EQ(open(kStream), Status::error_rsrc_nfound);
  EXPECT_EQ(call_.detail, "it hung up");
}

TEST_F(ChannelOpeningTest, TheTraceShowsTheWireAndWhatMeansNothing) {
  configure(
      "[[resource]]\nname = 'TCPIP0::192.0.2.1::5025::SOCKET'\n"
      "transport = { colour = 'red', color = 'red', connect_timeout_ms = 9 }\n");
  EXPECT_EQ(open(kStream), Status::success);
  EXPECT_EQ(opened_.secrets, nullptr) << "without a trace nothing has to be hidden";
  log::redirect(folder_.file("trace"));
  EXPECT_EQ(open(kStream), Status::success);
  EXPECT_NE(opened_.secrets, nullptr);
  log::redirect("");
  const std::string text = folder_.text("trace");
  EXPECT_NE(text.find("transport setting 'color' means nothing to the driver fake"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("'colour'"), std::string::npos);
  EXPECT_EQ(text.find("'connect_timeout_ms'"), std::string::npos) << "it is the library's";
}

}  // namespace
}  // namespace visa::core
