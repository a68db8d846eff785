// SPDX-License-Identifier: MIT
#include "drivers/common/resolver.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <future>
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
            "nowhere.test: no such host name; check the spelling or use the address in figures");
  EXPECT_EQ(resolve("", 1, call).status(), Status::error_rsrc_nfound);
  EXPECT_EQ(resolve("busy.test", 1, call).status(), Status::error_rsrc_nfound);
  EXPECT_NE(call.detail.find("name server cannot be reached"), std::string::npos);
}

TEST(Resolver, SilentNameServerIsATimeoutAtTheDeadline) {
  const BlockedNames blocked;
  const auto start = Deadline::Clock::now();
  Call call(Deadline::after(kShort));
  EXPECT_EQ(resolve("blocked.test", 1, call).status(), Status::error_tmo);
  EXPECT_GE(Deadline::Clock::now() - start, kShort);
  EXPECT_LT(Deadline::Clock::now() - start, std::chrono::seconds(10));
  EXPECT_NE(call.detail.find("blocked.test"), std::string::npos);
}

TEST(Resolver, CancelLeavesTheLookupBehind) {
  const BlockedNames blocked;
  Call call(Deadline::infinite());
  auto resolving =
      std::async(std::launch::async, [&] { return resolve("blocked.test", 1, call).status(); });
  blocked.wait_for(1);
  call.cancel();
  EXPECT_EQ(resolving.get(), Status::error_abort);
}

TEST(Resolver, NinthLookupWaitsForAPlaceUntilItsOwnDeadline) {
  BlockedNames blocked;
  for (int i = 0; i < drivers::kMostLookups; ++i) {
    Call call(Deadline::after(milliseconds(1)));
    EXPECT_EQ(resolve("blocked.test", 1, call).status(), Status::error_tmo);
  }
  blocked.wait_for(drivers::kMostLookups);
  const int before = names_looked_up();
  Call late(Deadline::after(kShort));
  EXPECT_EQ(resolve("quick.test", 1, late).status(), Status::error_tmo);
  EXPECT_EQ(names_looked_up(), before) << "a ninth helper ran";
  Call figures(Deadline::immediate());
  EXPECT_TRUE(resolve("127.0.0.1", 1, figures)) << "figures wait for nobody";

  auto patient = std::async(std::launch::async, [] {
    Call call(Deadline::after(kLong));
    return resolve("quick.test", 1, call).status();
  });
  EXPECT_EQ(patient.wait_for(milliseconds(50)), std::future_status::timeout);
  blocked.release();
  EXPECT_EQ(patient.get(), Status::success);
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
  for (int i = 0; i < drivers::kMostLookups; ++i) {
    Call call(Deadline::after(milliseconds(1)));
    EXPECT_EQ(resolve("blocked.test", 1, call).status(), Status::error_tmo);
  }
  blocked.wait_for(drivers::kMostLookups);
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
