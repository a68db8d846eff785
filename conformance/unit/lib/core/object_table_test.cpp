// SPDX-License-Identifier: MIT
#include "lib/core/object_table.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <set>
#include <thread>
#include <vector>

#include "lib/core/find_list.h"
#include "lib/core/resource.h"
#include "lib/core/session.h"

namespace visa::core {
namespace {

std::shared_ptr<Object> made() {
  return std::make_shared<FindList>(std::vector<std::string>{}, Handle{1});
}

TEST(ObjectTable, FindsWhatWasInserted) {
  ObjectTable table;
  const auto object = made();
  const Handle handle = table.insert(object);
  EXPECT_NE(handle, 0u);
  EXPECT_EQ(object->handle(), handle);
  EXPECT_EQ(table.find<FindList>(handle), object);
  EXPECT_EQ(table.find<Object>(handle), object);
  EXPECT_EQ(table.size(), 1u);
}

TEST(ObjectTable, RefusesAHandleOfAnotherKind) {
  ObjectTable table;
  const Handle handle = table.insert(made());
  EXPECT_EQ(table.find<Session>(handle), nullptr);
  EXPECT_EQ(table.find<Resource>(handle), nullptr);
}

TEST(ObjectTable, KnowsNothingOfNullAndGarbage) {
  ObjectTable table;
  const Handle handle = table.insert(made());
  for (const Handle bad : {0u, handle + 1, 0x7FFFFFFFu, 0xFFFFFFFFu}) {
    EXPECT_EQ(table.find<Object>(bad), nullptr);
    EXPECT_EQ(table.remove(bad), nullptr);
  }
}

TEST(ObjectTable, RemovedHandleIsDeadAtOnce) {
  ObjectTable table;
  const Handle handle = table.insert(made());
  EXPECT_NE(table.remove(handle), nullptr);
  EXPECT_EQ(table.remove(handle), nullptr);
  EXPECT_EQ(table.find<Object>(handle), nullptr);
  EXPECT_EQ(table.size(), 0u);
}

TEST(ObjectTable, AFoundObjectOutlivesItsHandle) {
  ObjectTable table;
  const Handle handle = table.insert(made());
  const auto kept = table.find<FindList>(handle);
  table.remove(handle);
  EXPECT_EQ(kept->handle(), handle);
  EXPECT_EQ(kept.use_count(), 1);
}

TEST(ObjectTable, ClosedHandleIsNeverReissued) {
  ObjectTable table;
  std::set<Handle> issued;
  for (int i = 0; i < 10'000; ++i) {
    const Handle handle = table.insert(made());
    EXPECT_TRUE(issued.insert(handle).second);
    table.remove(handle);
  }
}

TEST(ObjectTable, TwoTablesShareOneNumberSpace) {
  ObjectTable first;
  ObjectTable second;
  const Handle a = first.insert(made());
  const Handle b = second.insert(made());
  EXPECT_LT(a, b);
  EXPECT_EQ(next_handle(), b + 1);
}

TEST(ObjectTable, OneRemoverOfManyGetsTheObject) {
  ObjectTable table;
  for (int round = 0; round < 200; ++round) {
    const Handle handle = table.insert(made());
    std::atomic<int> winners{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        if (table.remove(handle) != nullptr) ++winners;
      });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(winners, 1);
  }
}

TEST(ObjectTable, EightThreadsInsertFindAndRemove) {
  ObjectTable table;
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 2000; ++i) {
        const auto object = made();
        const Handle handle = table.insert(object);
        if (table.find<FindList>(handle) != object) ++wrong;
        if (table.remove(handle) != object) ++wrong;
        if (table.find<Object>(handle) != nullptr) ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(table.size(), 0u);
}

// Flat: not one look-up of 4,000 may cost as much as a search through all of them.
TEST(ObjectTable, LookUpCostDoesNotGrowWithTheObjects) {
  using Clock = std::chrono::steady_clock;
  const auto cost = [](std::size_t objects) {
    ObjectTable table;
    std::vector<Handle> handles;
    for (std::size_t i = 0; i < objects; ++i) handles.push_back(table.insert(made()));
    auto best = Clock::duration::max();
    for (int round = 0; round < 5; ++round) {
      const auto start = Clock::now();
      for (int i = 0; i < 20'000; ++i) {
        if (table.find<Object>(handles[static_cast<std::size_t>(i) % objects]) == nullptr)
          return best;
      }
      best = std::min(best, Clock::now() - start);
    }
    return best;
  };
  EXPECT_LT(cost(4000), 20 * cost(4));
}

}  // namespace
}  // namespace visa::core
