// SPDX-License-Identifier: MIT
#include "lib/core/detail_note.h"

#include <gtest/gtest.h>

#include <thread>

#include "lib/core/find_list.h"

namespace visa::core {
namespace {

TEST(DetailNote, HasWhatCameWhileItWasThere) {
  FindList object({}, 1);
  object.remember(Status::error_tmo, "before");
  const DetailNote note;
  EXPECT_EQ(note.of(Status::error_tmo), "");
  object.remember(Status::error_tmo, "no answer");
  EXPECT_EQ(note.of(Status::error_tmo), "no answer");
  EXPECT_EQ(note.of(Status::error_io), "") << "the last one was about something else";
}

TEST(DetailNote, InnerOnesKeepTheirsToThemselves) {
  FindList object({}, 1);
  const DetailNote outer;
  {
    const DetailNote inner;
    object.remember(Status::error_io, "inner");
    EXPECT_EQ(inner.of(Status::error_io), "inner");
  }
  EXPECT_EQ(outer.of(Status::error_io), "");
  object.remember(Status::error_io, "outer");
  EXPECT_EQ(outer.of(Status::error_io), "outer");
}

TEST(DetailNote, HearsNothingOfOtherThreads) {
  FindList object({}, 1);
  const DetailNote note;
  std::thread([&] { object.remember(Status::error_io, "elsewhere"); }).join();
  EXPECT_EQ(note.of(Status::error_io), "");
  EXPECT_EQ(object.detail_of(Status::error_io), "elsewhere");
}

TEST(DetailNote, WithoutANoteNothingIsKept) {
  DetailNote::take(Status::error_io, "nobody listens");
  const DetailNote note;
  EXPECT_EQ(note.of(Status::error_io), "");
}

}  // namespace
}  // namespace visa::core
