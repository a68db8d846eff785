// SPDX-License-Identifier: MIT
#include "lib/base/fork_table.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

namespace visa {
namespace {

template <class Table>
std::multiset<int> content(Table& table) {
  std::multiset<int> found;
  table.each([&](auto& place) { found.insert(place.load()); });
  return found;
}

TEST(ForkTable, HoldsWhatWasEnteredUntilItLeaves) {
  static ForkTable<int> table;
  auto* const five = table.enter(5);
  auto* const again = table.enter(5);
  auto* const six = table.enter(6);
  EXPECT_EQ(content(table), (std::multiset<int>{5, 5, 6}));
  EXPECT_EQ(ForkTable<int>::leave(five), 5);
  EXPECT_EQ(content(table), (std::multiset<int>{5, 6}));
  EXPECT_EQ(ForkTable<int>::leave(again) + ForkTable<int>::leave(six), 11);
  EXPECT_TRUE(content(table).empty());
}

TEST(ForkTable, PlacesThatWereLeftAreTakenAgain) {
  static ForkTable<int> table;
  std::vector<ForkTable<int>::Place*> places;
  for (int i = 1; i <= 1000; ++i) places.push_back(table.enter(i));
  EXPECT_EQ(content(table).size(), 1000u);
  std::set<ForkTable<int>::Place*> known(places.begin(), places.end());
  EXPECT_EQ(known.size(), 1000u);
  for (int i = 0; i < 1000; i += 2) ForkTable<int>::leave(places[static_cast<std::size_t>(i)]);
  int known_again = 0;
  for (int i = 0; i < 500; ++i) known_again += known.contains(table.enter(7)) ? 1 : 0;
  EXPECT_GE(known_again, 476);  // all but the empty ones of the last chunk
  EXPECT_EQ(content(table).size(), 1000u);
}

TEST(ForkTable, ManyThreadsAtOnceLoseNothing) {
  static ForkTable<int> table;
  std::vector<std::thread> threads;
  for (int t = 1; t <= 4; ++t) {
    threads.emplace_back([t] {
      for (int round = 0; round < 20; ++round) {
        std::vector<ForkTable<int>::Place*> places;
        for (int i = 0; i < 300; ++i) places.push_back(table.enter(t));
        for (auto* const place : places) EXPECT_EQ(ForkTable<int>::leave(place), t);
      }
      EXPECT_NE(table.enter(t), nullptr);
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(content(table), (std::multiset<int>{1, 2, 3, 4}));
}

}  // namespace
}  // namespace visa
