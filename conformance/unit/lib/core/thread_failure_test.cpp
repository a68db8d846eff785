// SPDX-License-Identifier: MIT
#include "lib/core/thread_failure.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace visa::core {
namespace {

TEST(ThreadFailure, IsKnownForItsStatusUntilTheNextOperation) {
  forget_thread_failure();
  EXPECT_EQ(thread_failure(Status::error_tmo), "");
  note_thread_failure(Status::error_tmo, "too slow");
  EXPECT_EQ(thread_failure(Status::error_tmo), "too slow");
  EXPECT_EQ(thread_failure(Status::error_io), "");
  note_thread_failure(Status::error_io, "broken");
  EXPECT_EQ(thread_failure(Status::error_tmo), "");
  EXPECT_EQ(thread_failure(Status::error_io), "broken");
  forget_thread_failure();
  EXPECT_EQ(thread_failure(Status::error_io), "");
}

TEST(ThreadFailure, BelongsToItsThread) {
  note_thread_failure(Status::error_tmo, "mine");
  std::thread([] {
    EXPECT_EQ(thread_failure(Status::error_tmo), "");
    note_thread_failure(Status::error_tmo, "its own");
  }).join();
  EXPECT_EQ(thread_failure(Status::error_tmo), "mine");
}

TEST(ThreadFailure, IsCutToWhatATextOfVisaHolds) {
  note_thread_failure(Status::error_tmo, std::string(1 << 20, 'x'));
  EXPECT_EQ(thread_failure(Status::error_tmo), std::string(255, 'x'));
  note_thread_failure(Status::error_tmo, {});
  EXPECT_EQ(thread_failure(Status::error_tmo), "");
}

}  // namespace
}  // namespace visa::core
