// SPDX-License-Identifier: MIT
// viOpenDefaultRM, viFindRsrc, viParseRsrc and the life of what hangs on a session to the resource
// manager. viOpen has a file of its own.
#include "lib/core/resource_manager.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "conformance/unit/support/visa_session.h"
#include "lib/core/find_list.h"
#include "lib/core/session.h"

namespace visa::core {
namespace {

using test::kSocket;

class ResourceManagerTest : public test::VisaSession {
 protected:
  // A second manager with that configuration; closed with the test's own close.
  ViSession manager_with(const std::string& toml) {
    ::setenv("FREEVISA_CONFIG", folder_.make("freevisa.toml", toml).c_str(), 1);
    ViSession manager = VI_NULL;
    opened_ = ::viOpenDefaultRM(&manager);
    ::unsetenv("FREEVISA_CONFIG");
    return manager;
  }
  struct Answer {
    ViStatus status;
    ViFindList list = 77;
    ViUInt32 count = 77;
    std::string first;
  };
  Answer find(ViSession manager, const char* expression) {
    ViChar text[VI_FIND_BUFLEN] = "unset";
    Answer answer{};
    answer.status = ::viFindRsrc(manager, expression, &answer.list, &answer.count, text);
    answer.first = text;
    return answer;
  }
  ViStatus opened_ = VI_ERROR_IO;
};

constexpr auto kConfigured = R"(
[[resource]]
name = "TCPIP::192.0.2.7::5025::SOCKET"
alias = "scope"
[[resource]]
name = "ASRL9::INSTR"
)";

TEST_F(ResourceManagerTest, EverySessionIsItsOwn) {
  ViSession second = VI_NULL;
  ASSERT_EQ(::viOpenDefaultRM(&second), VI_SUCCESS);
  EXPECT_NE(second, rm_);
  EXPECT_EQ(::viClose(second), VI_SUCCESS);
  EXPECT_EQ(find(rm_, "?*").status, VI_ERROR_RSRC_NFOUND);
  EXPECT_EQ(find(second, "?*").status, VI_ERROR_INV_OBJECT);
  EXPECT_EQ(::viOpenDefaultRM(nullptr), VI_ERROR_INV_PARAMETER);
}

TEST_F(ResourceManagerTest, ABrokenConfigurationIsAWarningWithItsCause) {
  const ViSession manager = manager_with("this is = = no toml\n");
  EXPECT_EQ(opened_, VI_WARN_CONFIG_NLOADED);
  ASSERT_NE(manager, static_cast<ViSession>(VI_NULL));
  EXPECT_NE(description(manager, VI_WARN_CONFIG_NLOADED).find("freevisa.toml"), std::string::npos)
      << description(manager, VI_WARN_CONFIG_NLOADED);
  ViSession session = VI_NULL;
  EXPECT_EQ(::viOpen(manager, kSocket, VI_NO_LOCK, 0, &session), VI_SUCCESS);
  EXPECT_EQ(::viClose(manager), VI_SUCCESS);
}

// libsigrok and JISA go on with VI_SUCCESS only.
TEST_F(ResourceManagerTest, AMistakeInAnEntryIsNoWarningAndTheRestCounts) {
  const ViSession manager = manager_with(
      "[[resource]]\nname = 'TCPIP::::'\n"
      "[[resource]]\nname = 'ASRL9::INSTR'\nattributes = { VI_ATTR_TERMCHAR = 999 }\n");
  EXPECT_EQ(opened_, VI_SUCCESS);
  EXPECT_EQ(find(manager, "?*").first, "ASRL9::INSTR");
  for (int i = 0; i < 2; ++i) {  // also after another failure was noted
    const auto text = description(manager, VI_WARN_CONFIG_NLOADED);
    EXPECT_NE(text.find("freevisa.toml:2:"), std::string::npos) << text;
    EXPECT_NE(text.find("(and 1 more)"), std::string::npos) << text;
    ViSession session = VI_NULL;
    bench().on_open([](Call& call) { return call.fail(Status::error_tmo, "too slow"); });
    EXPECT_EQ(::viOpen(manager, kSocket, VI_NO_LOCK, 0, &session), VI_ERROR_TMO);
  }
  bench().on_open(nullptr);
  EXPECT_EQ(::viClose(manager), VI_SUCCESS);
}

TEST_F(ResourceManagerTest, AMissingFileIsAWarningAlsoToWhoAsksWithNull) {
  ::setenv("FREEVISA_CONFIG", "/nonexistent/freevisa.toml", 1);
  ViSession manager = VI_NULL;
  EXPECT_EQ(::viOpenDefaultRM(&manager), VI_WARN_CONFIG_NLOADED);
  ::unsetenv("FREEVISA_CONFIG");
  for (const ViObject vi : {manager, ViSession{VI_NULL}}) {
    const auto text = description(vi, VI_WARN_CONFIG_NLOADED);
    EXPECT_NE(text.find("/nonexistent/freevisa.toml: cannot be read"), std::string::npos) << text;
  }
  EXPECT_EQ(::viClose(manager), VI_SUCCESS);
}

TEST_F(ResourceManagerTest, rule_4_2_2_a_manager_has_no_manager) {
  ViSession value = 77;
  EXPECT_EQ(::viGetAttribute(rm_, VI_ATTR_RM_SESSION, &value), VI_SUCCESS);
  EXPECT_EQ(value, static_cast<ViSession>(VI_NULL));
  const ViSession session = open(kSocket);
  EXPECT_EQ(::viGetAttribute(session, VI_ATTR_RM_SESSION, &value), VI_SUCCESS);
  EXPECT_EQ(value, rm_);
}

TEST_F(ResourceManagerTest, FindsConfiguredResourcesOneByOne) {
  const ViSession manager = manager_with(kConfigured);
  ASSERT_EQ(opened_, VI_SUCCESS);
  const auto found = find(manager, "?*");
  EXPECT_EQ(found.status, VI_SUCCESS);
  EXPECT_EQ(found.count, 2u);
  EXPECT_EQ(found.first, "TCPIP0::192.0.2.7::5025::SOCKET");
  ViChar next[VI_FIND_BUFLEN] = "unset";
  EXPECT_EQ(::viFindNext(found.list, next), VI_SUCCESS);
  EXPECT_STREQ(next, "ASRL9::INSTR");
  EXPECT_EQ(::viFindNext(found.list, next), VI_ERROR_RSRC_NFOUND);
  EXPECT_EQ(::viClose(found.list), VI_SUCCESS);
  EXPECT_EQ(::viFindNext(found.list, next), VI_ERROR_INV_OBJECT);
  EXPECT_EQ(::viClose(manager), VI_SUCCESS);
}

TEST_F(ResourceManagerTest, FindTakesNullForWhatIsNotWanted) {
  const ViSession manager = manager_with(kConfigured);
  EXPECT_EQ(::viFindRsrc(manager, "?*", nullptr, nullptr, nullptr), VI_SUCCESS);
  EXPECT_EQ(::viFindRsrc(manager, nullptr, nullptr, nullptr, nullptr), VI_ERROR_INV_EXPR);
  EXPECT_EQ(::viClose(manager), VI_SUCCESS);
}

TEST_F(ResourceManagerTest, AFindThatFailsLeavesNoHandle) {
  for (const auto& [expression, status] :
       {std::pair{"[", VI_ERROR_INV_EXPR}, std::pair{"VXI?*", VI_ERROR_RSRC_NFOUND}}) {
    const auto found = find(rm_, expression);
    EXPECT_EQ(found.status, status);
    EXPECT_EQ(found.list, static_cast<ViFindList>(VI_NULL));
    EXPECT_EQ(found.count, 0u);
    EXPECT_EQ(found.first, "");
  }
}

TEST_F(ResourceManagerTest, AnExpressionThatIsRefusedIsQuotedWithThePartThatIsWrong) {
  EXPECT_EQ(find(rm_, "TCPIP*[INSTR").status, VI_ERROR_INV_EXPR);
  const std::string said = description(rm_, VI_ERROR_INV_EXPR);
  EXPECT_TRUE(said.ends_with("\"TCPIP*[INSTR\": expected a ']' that closes the '[', found the end"))
      << said;
  EXPECT_EQ(::viFindRsrc(rm_, nullptr, nullptr, nullptr, nullptr), VI_ERROR_INV_EXPR);
  EXPECT_NE(description(rm_, VI_ERROR_INV_EXPR).find("null pointer"), std::string::npos);
}

TEST_F(ResourceManagerTest, ParseTellsWhichPartOfANameIsWrong) {
  ViUInt16 type = 0;
  ViUInt16 number = 0;
  EXPECT_EQ(::viParseRsrc(rm_, "GPIB0::31::INSTR", &type, &number), VI_ERROR_INV_RSRC_NAME);
  const std::string said = description(rm_, VI_ERROR_INV_RSRC_NAME);
  EXPECT_TRUE(said.ends_with(
      "\"GPIB0::31::INSTR\": expected a primary address from 0 to 30, found '31' at character 8"))
      << said;
}

TEST_F(ResourceManagerTest, FindersAreAsked) {
  bench().on_find(model::Interface::usb, [](auto&, Call& call, spi::DescriptorSink& sink) {
    EXPECT_FALSE(call.deadline.is_infinite());
    sink.found({*model::parse_resource_name("USB::1::2::A"), {}});
  });
  EXPECT_EQ(find(rm_, "?*INSTR").first, "USB0::0x0001::0x0002::A::INSTR");
}

TEST_F(ResourceManagerTest, FindersEndBeforeTheTimeOfASearchDoes) {
  Deadline::Clock::duration left{};
  bench().on_find(model::Interface::usb, [&](auto&, Call& call, spi::DescriptorSink&) {
    left = call.deadline.remaining();
  });
  find(rm_, "?*");
  EXPECT_GT(left, std::chrono::milliseconds(500));
  EXPECT_LE(left, std::chrono::milliseconds(990));  // a second for all of it
  const ViSession manager = manager_with("[settings]\nfind_timeout_ms = 60000\n");
  find(manager, "?*");
  EXPECT_GT(left, std::chrono::milliseconds(30'000));
  EXPECT_EQ(::viClose(manager), VI_SUCCESS);
}

TEST_F(ResourceManagerTest, FindListsDieWithTheirManager) {
  const ViSession manager = manager_with(kConfigured);
  const auto found = find(manager, "?*");
  EXPECT_EQ(::viClose(manager), VI_SUCCESS);
  ViChar next[VI_FIND_BUFLEN];
  EXPECT_EQ(::viFindNext(found.list, next), VI_ERROR_INV_OBJECT);
  EXPECT_EQ(::viClose(found.list), VI_ERROR_INV_OBJECT);
}

TEST_F(ResourceManagerTest, ParseTellsEveryPart) {
  const ViSession manager = manager_with(kConfigured);
  ViUInt16 type = 0;
  ViUInt16 number = 0;
  ViChar kind[VI_FIND_BUFLEN];
  ViChar full[VI_FIND_BUFLEN];
  ViChar alias[VI_FIND_BUFLEN];
  for (const char* name : {"SCOPE", "tcpip::192.0.2.7::5025::socket"}) {
    EXPECT_EQ(::viParseRsrcEx(manager, name, &type, &number, kind, full, alias), VI_SUCCESS);
    EXPECT_EQ(type, VI_INTF_TCPIP);
    EXPECT_EQ(number, 0);
    EXPECT_STREQ(kind, "SOCKET");
    EXPECT_STREQ(full, "TCPIP0::192.0.2.7::5025::SOCKET");
    EXPECT_STREQ(alias, "scope");
  }
  EXPECT_EQ(::viParseRsrc(manager, "GPIB3::1", &type, &number), VI_SUCCESS);
  EXPECT_EQ(type, VI_INTF_GPIB);
  EXPECT_EQ(number, 3);
  EXPECT_EQ(::viParseRsrcEx(manager, "GPIB3::1", nullptr, nullptr, nullptr, nullptr, nullptr),
            VI_SUCCESS);
  EXPECT_EQ(::viParseRsrcEx(manager, "rubbish", &type, &number, kind, full, alias),
            VI_ERROR_INV_RSRC_NAME);
  EXPECT_EQ(type, 0);
  EXPECT_STREQ(full, "");
  EXPECT_EQ(::viParseRsrc(manager, nullptr, &type, &number), VI_ERROR_INV_RSRC_NAME);
  EXPECT_TRUE(bench().opened().empty()) << "parsing contacts nothing";
  EXPECT_EQ(::viClose(manager), VI_SUCCESS);
}

TEST_F(ResourceManagerTest, CloseOfNullWarnsAndOfGarbageFails) {
  EXPECT_EQ(::viClose(VI_NULL), VI_WARN_NULL_OBJECT);  // 3.3.2
  EXPECT_EQ(::viClose(0xFFFFFFFF), VI_ERROR_INV_OBJECT);
}

TEST_F(ResourceManagerTest, AClosedSessionIsForgottenByItsManager) {
  auto& library = ResourceManager::library();
  const auto before = library.objects.size();
  const auto domains = library.lock_registry.size();
  for (int i = 0; i < 50; ++i) {
    const ViSession session = open(kSocket);
    EXPECT_EQ(library.objects.size(), before + 1);
    EXPECT_EQ(::viClose(session), VI_SUCCESS);
  }
  EXPECT_EQ(library.objects.size(), before);
  EXPECT_EQ(library.lock_registry.size(), domains);
}

TEST_F(ResourceManagerTest, NothingIsKeptAliveAfterClose) {
  const ViSession session = open(kSocket);
  const std::weak_ptr<Session> watched = ResourceManager::library().objects.find<Session>(session);
  std::string data;
  read(session, data);
  EXPECT_FALSE(watched.expired());
  EXPECT_EQ(::viClose(session), VI_SUCCESS);
  EXPECT_TRUE(watched.expired());
  const std::weak_ptr<ResourceManager> manager =
      ResourceManager::library().objects.find<ResourceManager>(rm_);
  EXPECT_EQ(::viClose(rm_), VI_SUCCESS);
  rm_ = VI_NULL;
  EXPECT_TRUE(manager.expired());
}

TEST_F(ResourceManagerTest, OpenWhileTheManagerIsClosedFromAnotherThread) {
  for (int round = 0; round < 300; ++round) {
    ViSession manager = VI_NULL;
    ASSERT_EQ(::viOpenDefaultRM(&manager), VI_SUCCESS);
    bench().reset();
    std::atomic<bool> go{false};
    ViStatus status = VI_SUCCESS;
    ViSession session = VI_NULL;
    std::thread opener([&] {
      while (!go) std::this_thread::yield();
      status = ::viOpen(manager, kSocket, VI_EXCLUSIVE_LOCK, 0, &session);
    });
    go = true;
    if (round % 2 == 0) std::this_thread::yield();
    ASSERT_EQ(::viClose(manager), VI_SUCCESS);
    opener.join();
    // Whatever was opened is closed, and no handle is left.
    ASSERT_TRUE(status == VI_SUCCESS || status == VI_ERROR_INV_OBJECT || status == VI_ERROR_ABORT)
        << std::hex << status;
    ASSERT_EQ(::viClear(session), VI_ERROR_INV_OBJECT);
    for (std::size_t i = 0; i < bench().opened().size(); ++i) {
      ASSERT_EQ(bench().wire(i)->count("close"), 1u);
    }
  }
}

TEST_F(ResourceManagerTest, ClosingTheManagerEndsAnOpenInProgress) {
  test::Signal inside;
  bool cancelled = false;
  bench().on_open([&](Call& call) {
    inside.give();
    while (!call.cancelled() && !call.deadline.expired()) std::this_thread::yield();
    cancelled = call.cancelled();
    return cancelled ? Status::error_abort : Status::error_tmo;
  });
  ViStatus status = VI_SUCCESS;
  ViSession session = 99;
  std::thread opener([&] { status = ::viOpen(rm_, kSocket, VI_NO_LOCK, 60'000, &session); });
  ASSERT_TRUE(inside.wait());
  EXPECT_EQ(::viClose(rm_), VI_SUCCESS);
  rm_ = VI_NULL;
  opener.join();
  EXPECT_TRUE(cancelled);
  EXPECT_EQ(status, VI_ERROR_ABORT);
  EXPECT_EQ(session, static_cast<ViSession>(VI_NULL));
}

TEST_F(ResourceManagerTest, TerminateEndsASearch) {
  test::Signal inside;
  bench().on_find(model::Interface::usb, [&](auto&, Call& call, spi::DescriptorSink&) {
    inside.give();
    while (!call.cancelled() && !call.deadline.expired()) std::this_thread::yield();
    EXPECT_TRUE(call.cancelled());
  });
  std::thread searcher([&] { find(rm_, "?*"); });
  ASSERT_TRUE(inside.wait());
  EXPECT_EQ(::viTerminate(rm_, VI_NULL, VI_NULL), VI_SUCCESS);
  searcher.join();
}

}  // namespace
}  // namespace visa::core
