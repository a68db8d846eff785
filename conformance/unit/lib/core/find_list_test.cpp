// SPDX-License-Identifier: MIT
#include "lib/core/find_list.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <mutex>
#include <thread>
#include <vector>

namespace visa::core {
namespace {

TEST(FindList, HandsOutItsNamesInOrderOnce) {
  FindList list({"A", "B"}, 9);
  EXPECT_EQ(*list.next(), "A");
  EXPECT_EQ(*list.next(), "B");
  EXPECT_EQ(list.next().status(), Status::error_rsrc_nfound);
  EXPECT_EQ(list.next().status(), Status::error_rsrc_nfound);
  EXPECT_EQ(list.manager(), 9u);
}

TEST(FindList, HasNoAttributes) {
  FindList list({}, 9);
  EXPECT_EQ(list.get_attribute(VI_ATTR_TMO_VALUE).status(), Status::error_nsup_attr);
  EXPECT_EQ(list.set_attribute(VI_ATTR_TMO_VALUE, 1), Status::error_nsup_attr);
  EXPECT_EQ(list.close(), Status::success);
}

TEST(FindList, ThreadsShareItWithoutGettingANameTwice) {
  std::vector<std::string> names;
  for (int i = 0; i < 1000; ++i) names.push_back(std::to_string(i));
  FindList list(names, 1);
  std::mutex mutex;
  std::vector<std::string> got;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      while (const auto name = list.next()) {
        const std::lock_guard lock(mutex);
        got.push_back(*name);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  std::sort(names.begin(), names.end());
  std::sort(got.begin(), got.end());
  EXPECT_EQ(got, names);
}

}  // namespace
}  // namespace visa::core
