// SPDX-License-Identifier: MIT
#include "lib/core/object.h"

#include <gtest/gtest.h>

#include <thread>

#include "lib/core/find_list.h"

namespace visa::core {
namespace {

TEST(Object, KnowsItsKindAndHandle) {
  FindList object({}, 1);
  EXPECT_EQ(object.kind(), model::Kind::find_list);
  EXPECT_EQ(object.handle(), 0u);
  object.set_handle(77);
  EXPECT_EQ(object.handle(), 77u);
}

TEST(Object, RemembersTheTextOfItsLastFailureOnly) {
  FindList object({}, 1);
  EXPECT_EQ(object.detail_of(Status::error_tmo), "");
  EXPECT_EQ(object.remember(Status::error_tmo, "no answer"), Status::error_tmo);
  EXPECT_EQ(object.detail_of(Status::error_tmo), "no answer");
  EXPECT_EQ(object.detail_of(Status::error_io), "");
  object.remember(Status::error_io, "broken");
  EXPECT_EQ(object.detail_of(Status::error_tmo), "");
  EXPECT_EQ(object.detail_of(Status::error_io), "broken");
}

TEST(Object, AFailureWithoutATextKeepsTheEarlierOne) {
  FindList object({}, 1);
  object.remember(Status::error_tmo, "no answer");
  EXPECT_EQ(object.remember(Status::error_io, ""), Status::error_io);
  EXPECT_EQ(object.detail_of(Status::error_tmo), "no answer");
  EXPECT_EQ(object.detail_of(Status::error_io), "");
}

TEST(Object, AWarningIsExplainedButNoCompletion) {
  FindList object({}, 1);
  object.remember(Status::warn_config_nloaded, "not read");
  EXPECT_EQ(object.detail_of(Status::warn_config_nloaded), "not read");
  object.remember(Status::success_term_char, "a step on the way failed");
  EXPECT_EQ(object.detail_of(Status::success_term_char), "");
  object.remember(Status::success, "a step on the way failed");
  EXPECT_EQ(object.detail_of(Status::success), "");
}

TEST(Object, ACompletionWithAReservationIsExplainedOnRequest) {
  FindList object({}, 1);
  object.explain(Status::success, "other processes do not see it");
  EXPECT_EQ(object.detail_of(Status::success), "other processes do not see it");
  object.explain(Status::success, "");
  EXPECT_EQ(object.detail_of(Status::success), "other processes do not see it");
}

TEST(Object, HasNoExceptionHookUntilOneIsSet) {
  FindList object({}, 1);
  EXPECT_EQ(object.exception_hook().call, nullptr);
  int context = 0;
  const auto hook = [](void*, Handle, const char*, Status) {};
  object.set_exception_hook({hook, &context});
  EXPECT_NE(object.exception_hook().call, nullptr);
  EXPECT_EQ(object.exception_hook().context, &context);
  object.set_exception_hook({});
  EXPECT_EQ(object.exception_hook().call, nullptr);
}

TEST(Object, ThreadsMayRememberAndAskAtOnce) {
  FindList object({}, 1);
  std::thread writer([&] {
    for (int i = 0; i < 2000; ++i) object.remember(Status::error_tmo, std::string(100, 'x'));
  });
  for (int i = 0; i < 2000; ++i) {
    const auto text = object.detail_of(Status::error_tmo);
    EXPECT_TRUE(text.empty() || text == std::string(100, 'x'));
  }
  writer.join();
}

}  // namespace
}  // namespace visa::core
