// SPDX-License-Identifier: MIT
#include "lib/locks/lock_registry.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "conformance/unit/lib/locks/lock_peer.h"
#include "conformance/unit/support/failing_new.h"

namespace visa::locks {
namespace {

TEST(LockRegistry, SameNameIsTheSameDomain) {
  LockRegistry registry;
  const auto one = registry.domain("TCPIP0::host::5025::SOCKET");
  const auto two = registry.domain("TCPIP0::host::5025::SOCKET");
  EXPECT_EQ(one, two);
  EXPECT_EQ(one->name(), "TCPIP0::host::5025::SOCKET");
}

TEST(LockRegistry, LockOfOneResourceLeavesOthersAlone) {
  LockRegistry registry;
  const auto one = registry.domain("GPIB0::1::INSTR");
  const auto two = registry.domain("GPIB0::2::INSTR");
  Call call(Deadline::immediate());
  EXPECT_EQ(one->lock(1, LockKind::exclusive, {}, call).status, Status::success);
  EXPECT_FALSE(one->may_pass(2));
  EXPECT_TRUE(two->may_pass(2));
  EXPECT_EQ(two->lock(2, LockKind::exclusive, {}, call).status, Status::success);
}

TEST(LockRegistry, NameWithoutSessionTakesNoMemory) {
  LockRegistry registry;
  {
    std::vector<std::shared_ptr<LockDomain>> domains;
    for (int i = 0; i < 5000; ++i) {
      domains.push_back(registry.domain("ASRL" + std::to_string(i) + "::INSTR"));
    }
    EXPECT_EQ(registry.size(), 5000u);
  }
  EXPECT_EQ(registry.size(), 0u);
}

TEST(LockRegistry, LockDiesWithTheLastSessionOfTheName) {
  LockRegistry registry;
  Call call(Deadline::immediate());
  auto domain = registry.domain("ASRL1::INSTR");
  EXPECT_EQ(domain->lock(1, LockKind::exclusive, {}, call).status, Status::success);
  domain.reset();
  EXPECT_EQ(registry.domain("ASRL1::INSTR")->state(), LockState::none);
}

TEST(LockRegistry, DomainMayOutliveTheRegistry) {
  std::shared_ptr<LockDomain> domain;
  {
    LockRegistry registry;
    domain = registry.domain("ASRL1::INSTR");
  }
  EXPECT_EQ(domain->state(), LockState::none);
}

// Whichever allocation fails, no half-made entry is left: the next caller that asks for the name
// would wait for it for ever.
TEST(LockRegistry, NoFailedAllocationLeavesTheNameUnusable) {
  const TestFolder folder;
  int failures = 0;
  for (long passing = 0, failed = true; failed; ++passing) {
    LockRegistry registry({{folder.path() + "/missing", false}, folder.folder()});
    bool thrown = false;
    {
      const test::FailingNew failing(passing);
      try {
        EXPECT_NE(registry.domain("TCPIP0::a.host.with.a.long.name::5025::SOCKET"), nullptr);
      } catch (const std::bad_alloc&) {
        thrown = true;
      }
      failed = failing.failed();
    }
    failures += thrown ? 1 : 0;
    EXPECT_EQ(registry.size(), 0u) << passing;
    const auto domain = registry.domain("TCPIP0::a.host.with.a.long.name::5025::SOCKET");
    EXPECT_EQ(registry.size(), 1u);
    Call call(Deadline::immediate());
    EXPECT_EQ(domain->lock(1, LockKind::exclusive, {}, call).status, Status::success);
    LockRegistry other({folder.folder()});
    const auto same = other.domain("TCPIP0::a.host.with.a.long.name::5025::SOCKET");
    EXPECT_FALSE(same->may_pass(1)) << passing << ": the locks do not leave the registry any more";
  }
  EXPECT_GE(failures, 5);
}

// Opening and closing at once from several threads: the name always leads to the domain that lives,
// which the exclusive lock on it proves.
TEST(LockRegistry, ThreadsThatComeAndGoMeetInOneDomain) {
  LockRegistry registry;
  int unguarded = 0;  // ThreadSanitizer sees it if two domains are alive for the name
  std::vector<std::thread> threads;
  for (SessionId id = 1; id <= 4; ++id) {
    threads.emplace_back([&registry, &unguarded, id] {
      for (int i = 0; i < 500; ++i) {
        Call call(Deadline::infinite());
        const auto domain = registry.domain("ASRL1::INSTR");
        ASSERT_EQ(domain->lock(id, LockKind::exclusive, {}, call).status, Status::success);
        ++unguarded;
        domain->release_all(id);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(unguarded, 2000);
  EXPECT_EQ(registry.size(), 0u);
}

}  // namespace
}  // namespace visa::locks
