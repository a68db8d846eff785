// SPDX-License-Identifier: MIT
// viOpen: access modes, both meanings of a timeout of 0, what the driver is told, and that a
// failure leaves nothing open.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include "conformance/unit/support/visa_session.h"
#include "lib/core/resource_manager.h"
#include "lib/core/session.h"

namespace visa::core {
namespace {

using namespace std::chrono_literals;
using test::kSocket;

class Open : public test::VisaSession {
 protected:
  ViStatus try_open(const char* name, ViAccessMode mode = VI_NO_LOCK, ViUInt32 timeout = 0) {
    session_ = 99;
    return ::viOpen(rm_, name, mode, timeout, &session_);
  }
  // Replaces the manager by one with that configuration.
  void configure(const std::string& toml) {
    ASSERT_EQ(::viClose(rm_), VI_SUCCESS);
    ::setenv("FREEVISA_CONFIG", folder_.make("freevisa.toml", toml).c_str(), 1);
    ASSERT_EQ(::viOpenDefaultRM(&rm_), VI_SUCCESS);
    ::unsetenv("FREEVISA_CONFIG");
  }
  void expect_nothing_open() {
    EXPECT_EQ(session_, static_cast<ViSession>(VI_NULL));
    EXPECT_EQ(ResourceManager::library().objects.size(), 1u);  // the manager
  }
  // The time the driver was given to connect, at the moment it was asked.
  std::chrono::nanoseconds time_given() {
    const auto opened = bench().opened().back();
    return opened.deadline.time_point() - opened.at;
  }
  ViSession session_ = VI_NULL;
};

TEST_F(Open, RefusesAccessModesThatMeanNothing) {
  for (const ViAccessMode mode : {3u, 8u, 0x10u, 0xFFFFFFFFu, 7u}) {
    EXPECT_EQ(try_open(kSocket, mode), VI_ERROR_INV_ACC_MODE) << mode;
    expect_nothing_open();
  }
  EXPECT_TRUE(bench().opened().empty());
}

TEST_F(Open, RefusesNamesThatAreNone) {
  for (const char* name : {"", "garbage", "TCPIP::::SOCKET", "GPIB::99"}) {
    EXPECT_EQ(try_open(name), VI_ERROR_INV_RSRC_NAME) << name;
    expect_nothing_open();
  }
  EXPECT_EQ(try_open(nullptr), VI_ERROR_INV_RSRC_NAME);
  EXPECT_EQ(::viOpen(rm_, kSocket, VI_NO_LOCK, 0, nullptr), VI_ERROR_INV_PARAMETER);
  EXPECT_TRUE(bench().opened().empty());
}

TEST_F(Open, ANameThatIsRefusedIsQuotedWithThePartThatIsWrong) {
  const auto said = [this](const char* name) {
    EXPECT_EQ(try_open(name), VI_ERROR_INV_RSRC_NAME) << name;
    return description(rm_, VI_ERROR_INV_RSRC_NAME);
  };
  EXPECT_NE(said("TCPIP::10.0.0.7::5025:SOCKET")
                .find("\"TCPIP::10.0.0.7::5025:SOCKET\": expected '::' before the resource class, "
                      "found ':SOCKET' at character 22"),
            std::string::npos);
  EXPECT_NE(said("scop").find("\"scop\": expected an alias or an interface"), std::string::npos);
  EXPECT_NE(said(nullptr).find("null pointer"), std::string::npos);
  // The part that matters stays, however long the name is.
  const std::string longest = "TCPIP::" + std::string(240, 'h') + "::99999::SOCKET";
  const std::string text = said(longest.substr(0, 255).c_str());
  EXPECT_NE(text.find("expected "), std::string::npos) << text;
  EXPECT_NE(text.find(" at character "), std::string::npos) << text;
  EXPECT_LT(text.size(), 256u);
}

TEST_F(Open, LeadingZerosAreDecimalAndNameTheSameResource) {
  EXPECT_EQ(try_open("TCPIP::192.000.002.001::5025::SOCKET"), VI_SUCCESS);
  EXPECT_EQ(bench().opened().back().name, kSocket);
}

// There is none to be closed.
TEST_F(Open, AFailedOpenDoesNotSpeakOfASession) {
  for (const char* text : {"10.0.0.7 port 111: the instrument dropped the connection; close this "
                           "session and open it again",
                           "10.0.0.7 port 111: the instrument dropped the connection; check the "
                           "network, close this session and open it again"}) {
    bench().on_open([text](Call& call) { return call.fail(Status::error_rsrc_nfound, text); });
    EXPECT_EQ(try_open(kSocket), VI_ERROR_RSRC_NFOUND);
    const std::string said = description(rm_, VI_ERROR_RSRC_NFOUND);
    EXPECT_TRUE(said.ends_with("10.0.0.7 port 111: the instrument dropped the connection")) << said;
  }
}

TEST_F(Open, TheDriversAreToldBeforeAnythingFailedForWantOfOne) {
  EXPECT_TRUE(
      description(rm_, VI_ERROR_LIBRARY_NFOUND).ends_with("This FreeVISA has the drivers: fake"))
      << description(rm_, VI_ERROR_LIBRARY_NFOUND);
}

TEST_F(Open, ANameWithoutADriverIsTold) {
  bench().serve(model::Kind::tcpip_socket);
  EXPECT_EQ(try_open("GPIB0::5::INSTR"), VI_ERROR_LIBRARY_NFOUND);
  expect_nothing_open();
  EXPECT_NE(description(rm_, VI_ERROR_LIBRARY_NFOUND).find("GPIB"), std::string::npos);
  EXPECT_EQ(try_open(kSocket), VI_SUCCESS);
}

TEST_F(Open, TheDriverSeesTheCanonicalName) {
  EXPECT_EQ(try_open("tcpip::192.0.2.1::5025::socket"), VI_SUCCESS);
  EXPECT_EQ(bench().opened().back().name, kSocket);
}

TEST_F(Open, TimeoutZeroConnectsByTheConfiguredTime) {
  EXPECT_EQ(try_open(kSocket), VI_SUCCESS);
  EXPECT_LE(time_given(), 2000ms);  // the default
  EXPECT_GT(time_given(), 1000ms);
  configure("[settings]\nconnect_timeout_ms = 700\n");
  EXPECT_EQ(try_open(kSocket), VI_SUCCESS);
  EXPECT_LE(time_given(), 700ms);
  EXPECT_GT(time_given(), 200ms);
}

TEST_F(Open, TheConfigurationSaysWhatFormatsMean) {
  const auto printed = [this](auto value, const char* format) {
    ViSession session = VI_NULL;
    EXPECT_EQ(::viOpen(rm_, kSocket, VI_NO_LOCK, 0, &session), VI_SUCCESS);
    ViChar text[64] = {};
    EXPECT_EQ(::viSPrintf(session, reinterpret_cast<ViPBuf>(text), format, value), VI_SUCCESS);
    return std::string(text);
  };
  EXPECT_EQ(printed(ViInt32{-5}, "%ld"), "-5");
  EXPECT_EQ(printed(2.5, "%.1Lf"), "2.5");
  configure("[settings]\nformatted_long = 64\nformatted_long_double = true\n");
  EXPECT_EQ(printed(1L << 40, "%ld"), "1099511627776");
  EXPECT_EQ(printed(2.5L, "%.1Lf"), "2.5");
}

TEST_F(Open, TimeoutZeroConnectsByTheResourcesOwnTime) {
  configure(
      "[[resource]]\nname = \"TCPIP::192.0.2.1::5025::SOCKET\"\n"
      "[resource.transport]\nconnect_timeout_ms = 9000\n");
  EXPECT_EQ(try_open(kSocket), VI_SUCCESS);
  EXPECT_LE(time_given(), 9000ms);
  EXPECT_GT(time_given(), 5000ms);
}

// A number that the clock cannot count made the deadline lie in the past.
TEST_F(Open, AResourcesOwnTimeIsAtMostTenMinutes) {
  configure(
      "[[resource]]\nname = \"TCPIP::192.0.2.1::5025::SOCKET\"\n"
      "[resource.transport]\nconnect_timeout_ms = 9223372036854775807\n");
  EXPECT_EQ(try_open(kSocket), VI_SUCCESS);
  EXPECT_LE(time_given(), 10min);
  EXPECT_GT(time_given(), 9min);
}

TEST_F(Open, AnotherTimeoutIsTheTimeToConnect) {
  EXPECT_EQ(try_open(kSocket, VI_NO_LOCK, 5000), VI_SUCCESS);
  EXPECT_LE(time_given(), 5000ms);
  EXPECT_GT(time_given(), 2500ms);
  EXPECT_EQ(try_open(kSocket, VI_NO_LOCK, VI_TMO_INFINITE), VI_SUCCESS);
  EXPECT_TRUE(bench().opened().back().deadline.is_infinite());
}

TEST_F(Open, TheLockIsTakenWithTheSession) {
  ASSERT_EQ(try_open(kSocket, VI_EXCLUSIVE_LOCK), VI_SUCCESS);
  ViUInt32 state = 0;
  ViUInt32 timeout = 0;
  EXPECT_EQ(::viGetAttribute(session_, VI_ATTR_RSRC_LOCK_STATE, &state), VI_SUCCESS);
  EXPECT_EQ(state, static_cast<ViUInt32>(VI_EXCLUSIVE_LOCK));
  EXPECT_EQ(::viGetAttribute(session_, VI_ATTR_TMO_VALUE, &timeout), VI_SUCCESS);
  EXPECT_EQ(timeout, 2000u) << "the time to open is not the time of operations";
  EXPECT_EQ(::viUnlock(session_), VI_SUCCESS);
  EXPECT_EQ(::viUnlock(session_), VI_ERROR_SESN_NLOCKED);
}

TEST_F(Open, ForTheLockTimeoutZeroMeansAtOnceAndNothingStaysOpen) {
  const ViSession holder = open(kSocket, VI_EXCLUSIVE_LOCK);
  const auto objects = ResourceManager::library().objects.size();
  for (const ViAccessMode mode : {ViAccessMode{VI_EXCLUSIVE_LOCK}, ViAccessMode{VI_SHARED_LOCK}}) {
    EXPECT_EQ(try_open(kSocket, mode), VI_ERROR_RSRC_LOCKED);
    EXPECT_EQ(session_, static_cast<ViSession>(VI_NULL));
    EXPECT_EQ(bench().wire(bench().opened().size() - 1)->count("close"), 1u);
  }
  EXPECT_EQ(ResourceManager::library().objects.size(), objects);
  EXPECT_EQ(::viClear(holder), VI_SUCCESS);
  EXPECT_EQ(try_open(kSocket, VI_NO_LOCK), VI_SUCCESS) << "who wants no lock gets in";
  EXPECT_EQ(::viClear(session_), VI_ERROR_RSRC_LOCKED);
}

TEST_F(Open, ForTheLockAnotherTimeoutIsWaited) {
  const ViSession holder = open(kSocket, VI_EXCLUSIVE_LOCK);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(try_open(kSocket, VI_EXCLUSIVE_LOCK, 60), VI_ERROR_TMO);
  EXPECT_GE(std::chrono::steady_clock::now() - start, 60ms);
  test::Signal opening;
  bench().on_open([&](Call&) {
    opening.give();
    return Status::success;
  });
  ViStatus status = VI_ERROR_IO;
  std::thread opener([&] { status = try_open(kSocket, VI_EXCLUSIVE_LOCK, 30'000); });
  EXPECT_TRUE(opening.wait());
  EXPECT_EQ(::viClose(holder), VI_SUCCESS);
  opener.join();
  EXPECT_EQ(status, VI_SUCCESS);
}

TEST_F(Open, TwoSharedOpenersHaveKeysOfTheirOwn) {
  // 3.6.16: without a key each makes one, so the second is shut out.
  ASSERT_EQ(try_open(kSocket, VI_SHARED_LOCK), VI_SUCCESS);
  EXPECT_EQ(try_open(kSocket, VI_SHARED_LOCK), VI_ERROR_RSRC_LOCKED);
}

TEST_F(Open, AFailedConnectionLeavesNothingButItsReason) {
  for (const auto status : {Status::error_tmo, Status::error_rsrc_nfound, Status::error_rsrc_busy,
                            Status::error_npermission, Status::error_alloc}) {
    bench().on_open([&](Call& call) { return call.fail(status, "192.0.2.1: plug it in"); });
    EXPECT_EQ(try_open(kSocket, VI_EXCLUSIVE_LOCK), code(status));
    expect_nothing_open();
    EXPECT_NE(description(rm_, code(status)).find("plug it in"), std::string::npos);
  }
  bench().on_open(nullptr);
  EXPECT_EQ(try_open(kSocket, VI_EXCLUSIVE_LOCK), VI_SUCCESS) << "no lock was left behind";
}

TEST_F(Open, ADriverThatThrowsLeavesNothing) {
  bench().on_open([](Call&) -> Status { throw std::bad_alloc(); });
  EXPECT_EQ(try_open(kSocket), VI_ERROR_ALLOC);
  expect_nothing_open();
  bench().on_open([](Call&) -> Status { throw 42; });
  EXPECT_EQ(try_open(kSocket), VI_ERROR_SYSTEM_ERROR);
  expect_nothing_open();
  bench().on_open(nullptr);
  EXPECT_EQ(try_open(kSocket), VI_SUCCESS);
}

TEST_F(Open, AnAliasOpensItsResource) {
  configure("[[resource]]\nname = \"TCPIP::192.0.2.1::5025::SOCKET\"\nalias = \"My Scope\"\n");
  EXPECT_EQ(try_open("my scope"), VI_SUCCESS);
  EXPECT_EQ(bench().opened().back().name, kSocket);
  ViChar name[VI_FIND_BUFLEN];
  EXPECT_EQ(::viGetAttribute(session_, VI_ATTR_RSRC_NAME, name), VI_SUCCESS);
  EXPECT_STREQ(name, kSocket);
}

constexpr auto kValues = R"(
[[resource]]
name = "TCPIP::192.0.2.1::5025::SOCKET"
[resource.attributes]
VI_ATTR_TMO_VALUE = 4321
VI_ATTR_TCPIP_KEEPALIVE = true
[resource.transport]
colour = "red"
)";

TEST_F(Open, LoadConfigAppliesTheConfiguredValues) {
  configure(kValues);
  ASSERT_EQ(try_open(kSocket, VI_LOAD_CONFIG), VI_SUCCESS);
  ViUInt32 timeout = 0;
  EXPECT_EQ(::viGetAttribute(session_, VI_ATTR_TMO_VALUE, &timeout), VI_SUCCESS);
  EXPECT_EQ(timeout, 4321u);
  // The driver's own go to it before the device is touched, the session's do not.
  const auto opened = bench().opened().back();
  ASSERT_EQ(opened.initial_attributes.size(), 1u);
  EXPECT_EQ(opened.initial_attributes[0].first, VI_ATTR_TCPIP_KEEPALIVE);
  EXPECT_EQ(model::number(opened.initial_attributes[0].second), 1u);
}

TEST_F(Open, WithoutLoadConfigValuesStayAtTheirDefaults) {
  configure(kValues);
  ASSERT_EQ(try_open(kSocket), VI_SUCCESS);
  ViUInt32 timeout = 0;
  EXPECT_EQ(::viGetAttribute(session_, VI_ATTR_TMO_VALUE, &timeout), VI_SUCCESS);
  EXPECT_EQ(timeout, 2000u);
  const auto opened = bench().opened().back();
  EXPECT_TRUE(opened.initial_attributes.empty());
  ASSERT_EQ(opened.settings.count("colour"), 1u) << "transport settings always apply";
  EXPECT_EQ(std::get<std::string>(opened.settings.at("colour")), "red");
}

TEST_F(Open, ADriverGetsTheSettingsOfItsInterfaceUnderThoseOfTheResource) {
  configure(
      "[[interface]]\nname = 'TCPIP'\ncolour = 'blue'\nshade = 1\ndepth = 1\n"
      "[[interface]]\nname = 'TCPIP0'\nshade = 2\ncolour = 'green'\n"
      "[[resource]]\nname = 'TCPIP::192.0.2.1::5025::SOCKET'\ntransport = { colour = 'red' }\n");
  ASSERT_EQ(try_open(kSocket), VI_SUCCESS);
  const auto opened = bench().opened().back();
  ASSERT_EQ(opened.settings.size(), 3u);
  EXPECT_EQ(std::get<std::string>(opened.settings.at("colour")), "red");
  EXPECT_EQ(std::get<std::int64_t>(opened.settings.at("shade")), 2);
  EXPECT_EQ(std::get<std::int64_t>(opened.settings.at("depth")), 1);
  ASSERT_EQ(try_open("TCPIP1::192.0.2.1::5025::SOCKET"), VI_SUCCESS) << "without an entry";
  EXPECT_EQ(std::get<std::string>(bench().opened().back().settings.at("colour")), "blue");
}

TEST_F(Open, LoadConfigWithNothingConfiguredWarns) {
  EXPECT_EQ(try_open(kSocket, VI_LOAD_CONFIG), VI_WARN_CONFIG_NLOADED);
  EXPECT_NE(session_, static_cast<ViSession>(VI_NULL));
  EXPECT_EQ(::viClear(session_), VI_SUCCESS);
  EXPECT_EQ(try_open("TCPIP::192.0.2.9::1::SOCKET", VI_LOAD_CONFIG | VI_EXCLUSIVE_LOCK),
            VI_WARN_CONFIG_NLOADED);
  ViUInt32 state = 0;
  EXPECT_EQ(::viGetAttribute(session_, VI_ATTR_RSRC_LOCK_STATE, &state), VI_SUCCESS);
  EXPECT_EQ(state, static_cast<ViUInt32>(VI_EXCLUSIVE_LOCK));
}

TEST_F(Open, SeveralThreadsOpenAtOnce) {
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) {
        ViSession session = VI_NULL;
        if (::viOpen(rm_, kSocket, VI_NO_LOCK, 0, &session) != VI_SUCCESS) ++failures;
        if (::viClear(session) != VI_SUCCESS) ++failures;
        if (i % 2 == 0 && ::viClose(session) != VI_SUCCESS) ++failures;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(ResourceManager::library().objects.size(), 1u + 8 * 50);
}

}  // namespace
}  // namespace visa::core
