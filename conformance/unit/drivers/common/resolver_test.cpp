// SPDX-License-Identifier: MIT
#include "drivers/common/resolver.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "conformance/unit/drivers/support/name_server.h"
#include "lib/base/fork_stamp.h"

#if defined(__SANITIZE_THREAD__)
#define VISA_TEST_TSAN
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define VISA_TEST_TSAN
#endif
#endif

namespace visa::test {
namespace {

using drivers::Endpoint;
using drivers::resolve;
using std::chrono::milliseconds;

constexpr milliseconds kLong{20000};
constexpr milliseconds kShort{60};

/// A name that is held (see name_server.h) and that no test has had: a look-up of an earlier test
/// may be just ending.
std::string held_name(const std::string& domain = ".test") {
  static int count = 0;
  return "blocked" + std::to_string(++count) + domain;
}

/// Leaves look-ups behind until all places are taken.
void fill_places(const BlockedNames& blocked, const std::string& domain = ".test") {
  for (int i = 0; i < drivers::kMostLookups; ++i) {
    const std::string name = held_name(domain);
    std::string said = "not looked up";  // while one of an earlier test still has its place
    while (said.find("not looked up") != std::string::npos) {
      Call call(Deadline::after(milliseconds(1)));
      EXPECT_EQ(resolve(name, 1, call).status(), Status::error_tmo);
      said = call.detail;
    }
  }
  blocked.wait_for(drivers::kMostLookups);
}

std::string own_name() {
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  return name.data();
}

std::string list(const std::vector<Endpoint>& endpoints) {
  std::string text;
  for (const Endpoint& endpoint : endpoints) text += endpoint.numeric() + " ";
  return text;
}

TEST(Resolver, FiguresNeedNeitherNameServerNorThread) {
  const int before = names_looked_up();
  for (const char* host : {"127.0.0.1", "::1", "fe80::1%lo", "192.0.2.255"}) {
    Call call(Deadline::immediate());
    const auto found = resolve(host, 5025, call);
    ASSERT_TRUE(found) << host;
    EXPECT_EQ(found->size(), 1u);
    EXPECT_EQ(found->front().numeric(), host);
    EXPECT_EQ(found->front().port(), 5025);
  }
  EXPECT_EQ(names_looked_up(), before);
}

TEST(Resolver, NamesAreLookedUpOnAThreadThatNoSignalHits) {
  Call call(Deadline::after(kLong));
  const auto found = resolve("quick.test", 7, call);
  ASSERT_TRUE(found);
  EXPECT_EQ(list(*found), "127.0.0.1 ");
  EXPECT_EQ(found->front().port(), 7);
  EXPECT_TRUE(signals_were_blocked());
}

TEST(Resolver, FamiliesTakeTurnsAndTheFirstStaysFirst) {
  Call call(Deadline::after(kLong));
  const auto found = resolve("mixed.test", 1, call);
  ASSERT_TRUE(found);
  EXPECT_EQ(list(*found), "2001:db8::1 192.0.2.1 2001:db8::2 192.0.2.2 2001:db8::3 ");
}

TEST(Resolver, NameThatDoesNotResolveIsNotFoundAndSaysSo) {
  Call call(Deadline::after(kLong));
  EXPECT_EQ(resolve("nowhere.test", 1, call).status(), Status::error_rsrc_nfound);
  EXPECT_EQ(call.detail,
            "nowhere.test: no such host name; check the spelling or use the numeric address");
  EXPECT_EQ(resolve("", 1, call).status(), Status::error_rsrc_nfound);
  EXPECT_EQ(resolve("busy.test", 1, call).status(), Status::error_rsrc_nfound);
  EXPECT_NE(call.detail.find("name server cannot be reached"), std::string::npos);
}

TEST(Resolver, EveryReasonIsTheTrueOne) {
  const auto reason = [](const std::string& host, Status status) {
    Call call(Deadline::after(kLong));
    EXPECT_EQ(resolve(host, 1, call).status(), status) << host;
    EXPECT_EQ(call.detail.find(host + ": "), 0U) << call.detail;
    return call.detail;
  };
  constexpr Status kNotFound = Status::error_rsrc_nfound;
  EXPECT_NE(reason("refused.test", kNotFound).find("name server refuses"), std::string::npos);
  EXPECT_NE(reason("bare.test", kNotFound).find("has no address"), std::string::npos);
  EXPECT_NE(reason("broken.test", kNotFound).find("errno 5"), std::string::npos);
  EXPECT_NE(reason("poor.test", Status::error_alloc).find("descriptor"), std::string::npos);
  EXPECT_NE(reason("scope.local", kNotFound).find("libnss-mdns"), std::string::npos);
}

// getaddrinfo would take 010.0.0.7 for 8.0.0.7.
TEST(Resolver, NumbersThatAreNoAddressNeverReachTheSystem) {
  const int before = names_looked_up();
  for (const char* host : {"010.0.0.7", "127.1", "0x7f.0.0.1", "2130706433", "0177.0.0.1"}) {
    Call call(Deadline::after(kLong));
    EXPECT_EQ(resolve(host, 1, call).status(), Status::error_rsrc_nfound) << host;
    EXPECT_NE(call.detail.find("four decimal numbers"), std::string::npos) << call.detail;
  }
  EXPECT_EQ(names_looked_up(), before);
}

TEST(Resolver, SilentNameServerIsATimeoutAtTheDeadline) {
  const BlockedNames blocked;
  const std::string name = held_name();
  const auto start = Deadline::Clock::now();
  Call call(Deadline::after(kShort));
  EXPECT_EQ(resolve(name, 1, call).status(), Status::error_tmo);
  EXPECT_GE(Deadline::Clock::now() - start, kShort);
  EXPECT_LT(Deadline::Clock::now() - start, std::chrono::seconds(10));
  EXPECT_NE(call.detail.find(name), std::string::npos);
}

TEST(Resolver, CancelLeavesTheLookupBehind) {
  const BlockedNames blocked;
  const std::string name = held_name();
  Call call(Deadline::infinite());
  auto resolving = std::async(std::launch::async, [&] { return resolve(name, 1, call).status(); });
  blocked.wait_for(1);
  call.cancel();
  EXPECT_EQ(resolving.get(), Status::error_abort);
}

// A program that opens the same dead instrument again and again took every place: then no name of
// any other instrument was found, for a reason that was not true.
TEST(Resolver, DeadNameKeepsOnePlaceHoweverOftenItIsAskedFor) {
  const BlockedNames blocked;
  const std::string name = held_name();
  const std::string same = name.substr(0, name.size() - 4) + "TEST";
  const int before = names_looked_up();
  for (int i = 0; i < 3 * drivers::kMostLookups; ++i) {
    Call call(Deadline::after(milliseconds(1)));
    EXPECT_EQ(resolve(i % 2 == 0 ? name : same, 1, call).status(), Status::error_tmo);
    EXPECT_NE(call.detail.find("name server does not answer"), std::string::npos) << call.detail;
  }
  blocked.wait_for(1);
  EXPECT_EQ(names_looked_up(), before + 1);
  Call other(Deadline::after(kLong));
  EXPECT_TRUE(resolve("quick.test", 1, other)) << other.detail;
}

TEST(Resolver, CallersOfOneNameShareItsAnswerAndEndEachForItself) {
  BlockedNames blocked;
  const std::string name = held_name();
  const int before = names_looked_up();
  Call first(Deadline::infinite());
  Call second(Deadline::after(kLong));
  Call brief(Deadline::after(kShort));
  auto cancelled = std::async(std::launch::async, [&] { return resolve(name, 1, first).status(); });
  blocked.wait_for(1);
  auto patient = std::async(std::launch::async, [&] { return resolve(name, 7, second); });
  EXPECT_EQ(resolve(name, 1, brief).status(), Status::error_tmo);
  first.cancel();
  EXPECT_EQ(cancelled.get(), Status::error_abort);
  blocked.release();
  const auto found = patient.get();
  ASSERT_TRUE(found) << second.detail;
  EXPECT_EQ(list(*found), "127.0.0.1 ");
  EXPECT_EQ(found->front().port(), 7);
  // `patient` may have come before or after the answer.
  EXPECT_LE(names_looked_up(), before + 2);
}

TEST(Resolver, NinthNameWaitsForAPlaceUntilItsOwnDeadlineAndSaysSo) {
  BlockedNames blocked;
  fill_places(blocked);
  const int before = names_looked_up();
  Call late(Deadline::after(kShort));
  EXPECT_EQ(resolve("quick.test", 1, late).status(), Status::error_tmo);
  EXPECT_EQ(names_looked_up(), before) << "a ninth helper ran";
  EXPECT_EQ(late.detail,
            "quick.test: not looked up, because 8 look-ups of other names still wait for name "
            "servers that have not answered; check the network's DNS or use the numeric address");

  auto patient = std::async(std::launch::async, [] {
    Call call(Deadline::after(kLong));
    return resolve("quick.test", 1, call).status();
  });
  EXPECT_EQ(patient.wait_for(milliseconds(50)), std::future_status::timeout);
  blocked.release();
  EXPECT_EQ(patient.get(), Status::success);
}

// The text said that the name server does not answer, which had been asked only a moment ago.
TEST(Resolver, TimeSpentInLineIsNotTheFaultOfTheNameServer) {
  for (const std::string& domain : {std::string(".test"), std::string(".local")}) {
    auto blocked = std::make_unique<BlockedNames>();
    fill_places(*blocked, domain);
    const std::string name = held_name(domain);
    Call call(Deadline::after(milliseconds(1500)));
    auto patient = std::async(std::launch::async, [&] { return resolve(name, 1, call).status(); });
    EXPECT_EQ(patient.wait_for(milliseconds(50)), std::future_status::timeout);
    blocked->release_all_but(name);
    EXPECT_EQ(patient.get(), Status::error_tmo);
    EXPECT_NE(call.detail.find(name + ": looked up only in the last "), std::string::npos)
        << call.detail;
    EXPECT_NE(call.detail.find("after 8 look-ups of other names"), std::string::npos);
    EXPECT_EQ(call.detail.find("answer;"), std::string::npos) << call.detail;
    // A caller that did not wait in line for the same look-up learns what is true for itself.
    Call direct(Deadline::after(kShort));
    EXPECT_EQ(resolve(name, 1, direct).status(), Status::error_tmo);
    EXPECT_EQ(direct.detail.find("looked up only"), std::string::npos) << direct.detail;
  }
}

// Also with the hosts file: conformance/clients/discovery, where it can be another one.
TEST(Resolver, NamesThatNeedNoServerAreNeverHeldUp) {
  const BlockedNames blocked;
  fill_places(blocked);
  const int before = names_looked_up();
  for (const std::string& host :
       {std::string("127.0.0.1"), std::string("::1"), std::string("localhost"),
        std::string("LocalHost."), std::string("toy.localhost"), own_name()}) {
    Call call(Deadline::immediate());
    const auto found = resolve(host, 1, call);
    ASSERT_TRUE(found) << host << ": " << call.detail;
    EXPECT_FALSE(found->empty()) << host;
  }
  EXPECT_EQ(names_looked_up(), before);
}

TEST(Resolver, DeadNameServersDoNotHoldUpMdnsNamesNorTheOtherWayRound) {
  BlockedNames blocked;
  fill_places(blocked);
  const auto status = [](const char* host) {
    Call call(Deadline::after(kLong));
    return resolve(host, 1, call).status();
  };
  EXPECT_EQ(status("scope.local"), Status::error_rsrc_nfound) << "it was asked for";
  blocked.release();
  BlockedNames again;
  fill_places(again, ".local");
  EXPECT_EQ(status("quick.test"), Status::success);
  Call late(Deadline::after(kShort));
  EXPECT_EQ(resolve("scope.local.", 1, late).status(), Status::error_tmo);
  EXPECT_NE(late.detail.find("8 look-ups of other names still wait for mDNS"), std::string::npos)
      << late.detail;
}

TEST(Resolver, ManyNamesAtOnceAllResolve) {
  std::vector<std::future<Status>> all;
  for (int i = 0; i < 40; ++i) {
    all.push_back(std::async(std::launch::async, [] {
      Call call(Deadline::after(kLong));
      return resolve("two.test", 1, call).status();
    }));
  }
  for (auto& one : all) EXPECT_EQ(one.get(), Status::success);
}

TEST(Resolver, ChildOfForkHasItsOwnPlaces) {
#ifdef VISA_TEST_TSAN
  GTEST_SKIP() << "the thread sanitizer allows no threads behind a fork";
#else
  watch_forks();
  BlockedNames blocked;
  fill_places(blocked);
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(60);
    Call call(Deadline::after(kLong));
    ::_exit(resolve("quick.test", 1, call) ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
#endif
}

}  // namespace
}  // namespace visa::test
