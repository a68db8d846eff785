// SPDX-License-Identifier: MIT
// Finders side by side under one deadline; what one does wrong costs the others nothing.
#include "lib/core/search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "conformance/unit/support/ended_thread.h"
#include "conformance/unit/support/patience.h"
#include "conformance/unit/support/temp_folder.h"
#include "lib/base/log.h"

namespace visa::core {
namespace {

using model::Interface;
using Names = std::vector<std::string>;
using namespace std::chrono_literals;

spi::Descriptor descriptor(std::string_view name) {
  return {*model::parse_resource_name(name), {}};
}

class ScriptedFinder final : public spi::Finder {
 public:
  using Body = std::function<void(Call&, spi::DescriptorSink&)>;
  using Look = std::function<void(const spi::FindScope&)>;
  ScriptedFinder(Interface covers, Body body, Look look = nullptr)
      : covers_(covers), body_(std::move(body)), look_(std::move(look)) {}
  std::string_view name() const noexcept override { return "scripted"; }
  Interface covers() const noexcept override { return covers_; }
  std::vector<std::string_view> setting_keys() const override { return {"speed", "place"}; }
  void find(const spi::FindScope& scope, Call& call, spi::DescriptorSink& sink) override {
    if (look_) look_(scope);
    body_(call, sink);
  }

 private:
  const Interface covers_;
  const Body body_;
  const Look look_;
};

class Search : public ::testing::Test {
 protected:
  ~Search() override { log::redirect(""); }
  void finder(Interface covers, ScriptedFinder::Body body) {
    finders_.push_back(std::make_unique<ScriptedFinder>(covers, std::move(body)));
  }
  void reports(Interface covers, std::vector<std::string> names) {
    finder(covers, [names](Call&, spi::DescriptorSink& sink) {
      for (const auto& name : names) sink.found(descriptor(name));
    });
  }
  Names run(std::string_view expression, const std::string& toml = "",
            Deadline deadline = Deadline::after(test::kPatience)) {
    const auto parsed = model::FindExpression::parse(expression);
    EXPECT_TRUE(parsed) << expression;
    Call call(deadline);
    return search(*parsed, config::Configuration::from_text(toml, "test.toml"), finders_,
                  model::kIoKinds, call);
  }

  std::vector<std::unique_ptr<spi::Finder>> finders_;
};

constexpr auto kTwo = R"(
[[resource]]
name = "TCPIP::192.0.2.7::5025::SOCKET"
[[resource]]
name = "ASRL9::INSTR"
)";

TEST_F(Search, NothingConfiguredAndNobodyToAskIsNothing) {
  EXPECT_EQ(run("?*"), Names{});
}

TEST_F(Search, ConfiguredNamesComeFirstInTheirOrder) {
  reports(Interface::asrl, {"ASRL1::INSTR"});
  EXPECT_EQ(run("?*", kTwo),
            (Names{"TCPIP0::192.0.2.7::5025::SOCKET", "ASRL9::INSTR", "ASRL1::INSTR"}));
}

constexpr auto kFixedNames = R"(
[[resource]]
name = "TCPIP::192.0.2.7::5025::SOCKET"
instead_of = ["GPIB::2", "ASRL9"]
[[resource]]
name = "GPIB0::2::INSTR"
[[resource]]
name = "GPIB0::4::INSTR"
listed = false
instead_of = "GPIB0::5::INSTR"
)";

TEST_F(Search, AFixedNameIsListedOnceAfterTheResourceItOpens) {
  reports(Interface::gpib, {"GPIB0::2::INSTR", "GPIB0::1::INSTR"});
  EXPECT_EQ(run("?*", kFixedNames), (Names{"TCPIP0::192.0.2.7::5025::SOCKET", "GPIB0::2::INSTR",
                                           "ASRL9::INSTR", "GPIB0::1::INSTR"}));
  EXPECT_EQ(run("GPIB?*INSTR", kFixedNames), (Names{"GPIB0::2::INSTR", "GPIB0::1::INSTR"}));
}

TEST_F(Search, ConditionsAreAskedOfTheFixedNameItself) {
  EXPECT_EQ(run("?*{VI_ATTR_INTF_TYPE == 1 && VI_ATTR_GPIB_PRIMARY_ADDR == 2}", kFixedNames),
            Names{"GPIB0::2::INSTR"});
  EXPECT_EQ(run("?*{VI_ATTR_TCPIP_PORT == 5025}", kFixedNames),
            Names{"TCPIP0::192.0.2.7::5025::SOCKET"});
}

// Programs count on the place of a name in the list (discovery.md section 4).
TEST_F(Search, WhatFindersReportIsSortedWhoeverIsFirst) {
  reports(Interface::asrl, {"ASRL10::INSTR", "ASRL2::INSTR"});
  reports(Interface::tcpip, {"TCPIP0::192.0.2.10::inst0::INSTR", "TCPIP0::192.0.2.9::inst0::INSTR",
                             "TCPIP0::192.0.2.9::hislip0::INSTR"});
  EXPECT_EQ(run("?*", kTwo),
            (Names{"TCPIP0::192.0.2.7::5025::SOCKET", "ASRL9::INSTR", "ASRL2::INSTR",
                   "ASRL10::INSTR", "TCPIP0::192.0.2.9::hislip0::INSTR",
                   "TCPIP0::192.0.2.9::inst0::INSTR", "TCPIP0::192.0.2.10::inst0::INSTR"}));
}

TEST(NameOrder, NumbersGoByTheirValue) {
  const Names sorted = {"",     "A",   "A1",   "A01",     "A1B",      "A2", "A10",
                        "A10A", "A11", "A100", "A100::2", "A100::10", "AB"};
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    for (std::size_t j = 0; j < sorted.size(); ++j) {
      // Equal numbers of different length: any order, but one.
      if ((sorted[i] == "A1" && sorted[j] == "A01") || (sorted[i] == "A01" && sorted[j] == "A1")) {
        EXPECT_NE(comes_before(sorted[i], sorted[j]), comes_before(sorted[j], sorted[i]));
      } else {
        EXPECT_EQ(comes_before(sorted[i], sorted[j]), i < j) << sorted[i] << " and " << sorted[j];
      }
    }
  }
}

TEST_F(Search, AFinderGetsItsOwnTableAndTheKindsOfTheDrivers) {
  spi::Settings seen;
  model::KindSet openable;
  finders_.push_back(std::make_unique<ScriptedFinder>(
      Interface::tcpip, [](Call&, spi::DescriptorSink&) {},
      [&](const spi::FindScope& scope) {
        seen = scope.settings;
        openable = scope.openable;
      }));
  run("?*");
  EXPECT_TRUE(seen.empty());
  EXPECT_EQ(openable, model::kIoKinds);
  run("?*", "[finder.scripted]\nspeed = 7\nplace = 'here'\n[finder.lan]\nsearch = false\n");
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(std::get<std::int64_t>(seen.at("speed")), 7);
  EXPECT_EQ(seen.at("speed").origin, "test.toml:2");
  EXPECT_EQ(std::get<std::string>(seen.at("place")), "here");
}

TEST_F(Search, AFinderGetsWhatTheConfigurationSaysOfTheBoardsOfItsInterface) {
  spi::BoardSettings boards;
  finders_.push_back(std::make_unique<ScriptedFinder>(
      Interface::asrl, [](Call&, spi::DescriptorSink&) {},
      [&](const spi::FindScope& scope) { boards = *scope.boards; }));
  run("?*",
      "[[interface]]\nname = 'ASRL3'\ndevice = '/dev/ttyUSB0'\n"
      "[[interface]]\nname = 'ASRL'\nkeep_lines = true\n"
      "[[interface]]\nname = 'GPIB4'\nx = 1\n");
  ASSERT_EQ(boards.size(), 1u);
  EXPECT_EQ(std::get<std::string>(boards.at(3).at("device")), "/dev/ttyUSB0");
}

TEST_F(Search, SettingsThatMeanNothingToAFinderAreTraced) {
  reports(Interface::tcpip, {});
  test::TempFolder folder;
  log::redirect(folder.file("trace"));
  run("?*", "[finder.scripted]\nspeed = 7\ncolour = 'red'\n[finder.serial]\n");
  const std::string file = folder.text("trace");
  EXPECT_THAT(file, testing::HasSubstr("test.toml:3: setting 'colour' means nothing to the finder "
                                       "scripted and is passed over"));
  EXPECT_THAT(file, testing::Not(testing::HasSubstr("'speed'")));
  EXPECT_THAT(file, testing::HasSubstr("[finder.serial] is passed over: this FreeVISA has the "
                                       "finders scripted"));
}

TEST_F(Search, ANameIsReportedOnceWhateverItsSpelling) {
  reports(Interface::tcpip, {"tcpip::192.0.2.7::5025::socket", "TCPIP0::192.0.2.8::5025::SOCKET"});
  reports(Interface::usb, {"USB::0xABCD::0x1::sn::INSTR", "USB0::0xabcd::0x0001::sn::INSTR"});
  const auto found = run("?*", kTwo);
  EXPECT_EQ(found.size(), 4u);
  EXPECT_EQ(found.front(), "TCPIP0::192.0.2.7::5025::SOCKET");
}

TEST_F(Search, OnlyMatchesAreReported) {
  reports(Interface::asrl, {"ASRL1::INSTR", "ASRL2::INSTR"});
  EXPECT_EQ(run("ASRL2?*", kTwo), Names{"ASRL2::INSTR"});
}

TEST_F(Search, AFinderThatCannotMatchIsNotAsked) {
  bool asked = false;
  finder(Interface::usb, [&](Call&, spi::DescriptorSink&) { asked = true; });
  EXPECT_EQ(run("ASRL?*", kTwo), Names{"ASRL9::INSTR"});
  EXPECT_FALSE(asked);
  run("USB?*");
  EXPECT_TRUE(asked);
}

TEST_F(Search, AttributesAreAnsweredFromNameConfigurationAndFinder) {
  finder(Interface::usb, [](Call&, spi::DescriptorSink& sink) {
    auto one = descriptor("USB::0x1::0x2::A::INSTR");
    one.known[VI_ATTR_MODEL_NAME] = std::string("Best Meter");
    sink.found(std::move(one));
    sink.found(descriptor("USB::0x1::0x3::B::INSTR"));
  });
  EXPECT_EQ(run("USB?*{VI_ATTR_MODEL_CODE == 3}"), Names{"USB0::0x0001::0x0003::B::INSTR"});
  EXPECT_EQ(run("USB?*{VI_ATTR_MODEL_NAME == \"Best Meter\"}"),
            Names{"USB0::0x0001::0x0002::A::INSTR"});
  EXPECT_EQ(run("?*{VI_ATTR_TCPIP_PORT == 5025}", kTwo), Names{"TCPIP0::192.0.2.7::5025::SOCKET"});
}

TEST_F(Search, AllFindersRunAtOnce) {
  // Each waits for the other: one after the other, nobody would come back.
  test::Signal first;
  test::Signal second;
  bool met = true;
  finder(Interface::asrl, [&](Call&, spi::DescriptorSink& sink) {
    first.give();
    if (!second.wait()) met = false;
    sink.found(descriptor("ASRL1"));
  });
  finder(Interface::usb, [&](Call&, spi::DescriptorSink& sink) {
    second.give();
    if (!first.wait()) met = false;
    sink.found(descriptor("USB::1::2::A"));
  });
  EXPECT_EQ(run("?*").size(), 2u);
  EXPECT_TRUE(met);
}

TEST_F(Search, AllFindersSeeOneDeadline) {
  const auto deadline = Deadline::after(test::kPatience);
  for (const auto covers : {Interface::asrl, Interface::usb, Interface::tcpip}) {
    finder(covers, [&](Call& call, spi::DescriptorSink&) { EXPECT_EQ(call.deadline, deadline); });
  }
  run("?*", "", deadline);
}

TEST_F(Search, ASlowFinderCostsTheDeadlineNotTheOthersResults) {
  finder(Interface::asrl, [](Call& call, spi::DescriptorSink& sink) {
    sink.found(descriptor("ASRL1"));
    while (!call.deadline.expired() && !call.cancelled()) std::this_thread::yield();
  });
  reports(Interface::usb, {"USB::1::2::A"});
  const auto deadline = Deadline::after(50ms);
  EXPECT_EQ(run("?*", "", deadline).size(), 2u);
  EXPECT_TRUE(deadline.expired());
  EXPECT_LT(Deadline::Clock::now() - deadline.time_point(), 5s);
}

TEST_F(Search, AFinderThatThrowsLeavesATraceLineAndItsResults) {
  test::TempFolder folder;
  log::redirect(folder.file("trace"));
  // On the calling thread (the first) and on one of ours.
  for (int i = 0; i < 2; ++i) {
    finder(Interface::asrl, [i](Call&, spi::DescriptorSink& sink) {
      sink.found(descriptor("ASRL" + std::to_string(i)));
      throw std::runtime_error("no such bus");
    });
    finder(Interface::usb, [](Call&, spi::DescriptorSink&) { throw std::bad_alloc(); });
    finder(Interface::tcpip, [](Call&, spi::DescriptorSink&) { throw 42; });
  }
  reports(Interface::gpib, {"GPIB::1"});
  EXPECT_EQ(run("?*").size(), 3u);
  EXPECT_NE(folder.text("trace").find("find scripted: no such bus"), std::string::npos);
}

TEST_F(Search, AFailureIsTraced) {
  test::TempFolder folder;
  log::redirect(folder.file("trace"));
  finder(Interface::asrl, [](Call& call, spi::DescriptorSink&) { call.detail = "sysfs is gone"; });
  EXPECT_EQ(run("?*"), Names{});
  EXPECT_NE(folder.text("trace").find("find scripted: sysfs is gone"), std::string::npos);
}

TEST_F(Search, CancellingTheCallReachesEveryFinder) {
  test::Signal inside[2];
  for (int i = 0; i < 2; ++i) {
    finder(i == 0 ? Interface::asrl : Interface::usb, [&, i](Call& call, spi::DescriptorSink&) {
      inside[i].give();
      while (!call.cancelled() && !call.deadline.expired()) std::this_thread::yield();
      EXPECT_TRUE(call.cancelled());
    });
  }
  const auto parsed = model::FindExpression::parse("?*");
  Call call(Deadline::after(test::kPatience));
  std::thread searcher(
      [&] { search(*parsed, config::Configuration(), finders_, model::kIoKinds, call); });
  EXPECT_TRUE(inside[0].wait());
  EXPECT_TRUE(inside[1].wait());
  call.cancel();
  searcher.join();
  EXPECT_FALSE(call.deadline.expired());
}

TEST_F(Search, ThreadsOfOursTakeNoSignals) {
  const auto caller = std::this_thread::get_id();
  bool other = false;
  bool blocked = true;
  for (int i = 0; i < 2; ++i) {
    finder(Interface::asrl, [&](Call&, spi::DescriptorSink&) {
      if (std::this_thread::get_id() == caller) return;
      other = true;
      sigset_t mask;
      ::pthread_sigmask(SIG_BLOCK, nullptr, &mask);
      blocked = ::sigismember(&mask, SIGINT) == 1 && ::sigismember(&mask, SIGTERM) == 1;
    });
  }
  sigset_t before;
  sigset_t after;
  ::pthread_sigmask(SIG_BLOCK, nullptr, &before);
  run("?*");
  ::pthread_sigmask(SIG_BLOCK, nullptr, &after);
  EXPECT_TRUE(other);
  EXPECT_TRUE(blocked);
  EXPECT_EQ(::sigismember(&before, SIGINT), ::sigismember(&after, SIGINT));
}

// Ended while it waits for the last of its finders, the others being gone already.
TEST_F(Search, AThreadEndedByForceWhileItWaitsForItsFinders) {
  std::atomic<int> threads_of_ours{0};
  reports(Interface::gpib, {"GPIB::1"});
  finder(Interface::asrl, [&](Call&, spi::DescriptorSink&) { ++threads_of_ours; });
  finder(Interface::usb, [&](Call& call, spi::DescriptorSink&) {
    ++threads_of_ours;
    while (!call.cancelled() && !call.deadline.expired()) std::this_thread::yield();
    EXPECT_TRUE(call.cancelled());
  });
  for (int round = 0; round < 50; ++round) {
    threads_of_ours = 0;
    test::EndedThread thread([this] { run("?*"); });
    while (threads_of_ours < 2) std::this_thread::yield();
    for (int i = 0; i < round; ++i) std::this_thread::yield();
    thread.cancel();
    EXPECT_TRUE(thread.join());
  }
}

TEST_F(Search, AThreadEndedByForceTakesItsFindersWithIt) {
  test::Signal inside;
  std::atomic<bool> ended{false};
  finder(Interface::asrl, [&](Call&, spi::DescriptorSink&) {
    if (!inside.wait()) return;
    for (;;) ::pause();  // on the calling thread; a cancellation point
  });
  finder(Interface::usb, [&](Call& call, spi::DescriptorSink&) {
    inside.give();
    while (!call.cancelled() && !call.deadline.expired()) std::this_thread::yield();
    ended = call.cancelled();
  });
  test::EndedThread thread([this] { run("?*"); });
  ASSERT_TRUE(inside.wait());
  thread.cancel();
  EXPECT_TRUE(thread.join());
  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace visa::core
