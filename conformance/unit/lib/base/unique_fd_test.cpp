// SPDX-License-Identifier: MIT
#include "lib/base/unique_fd.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include <utility>

#include "conformance/unit/support/ended_thread.h"

namespace visa {
namespace {

int some_fd() {
  return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}
bool is_open(int fd) {
  return ::fcntl(fd, F_GETFD) >= 0;
}

TEST(UniqueFd, ClosesAtTheEndOfItsLife) {
  int number = -1;
  {
    const UniqueFd fd(some_fd());
    number = fd.get();
    EXPECT_TRUE(fd);
    EXPECT_TRUE(is_open(number));
  }
  EXPECT_FALSE(is_open(number));
}

TEST(UniqueFd, HoldsNothingAtFirst) {
  const UniqueFd fd;
  EXPECT_FALSE(fd);
  EXPECT_EQ(fd.get(), -1);
}

TEST(UniqueFd, MovingLeavesTheSourceEmpty) {
  UniqueFd first(some_fd());
  const int number = first.get();
  UniqueFd second(std::move(first));
  EXPECT_FALSE(first);  // NOLINT(bugprone-use-after-move): that is what is tested
  EXPECT_EQ(second.get(), number);
  EXPECT_TRUE(is_open(number));
}

TEST(UniqueFd, AssignmentClosesWhatWasHeld) {
  UniqueFd first(some_fd());
  UniqueFd second(some_fd());
  const int gone = first.get();
  const int kept = second.get();
  first = std::move(second);
  EXPECT_FALSE(is_open(gone));
  EXPECT_TRUE(is_open(kept));
  auto& same = first;
  first = std::move(same);
  EXPECT_TRUE(is_open(kept));
}

TEST(UniqueFd, ReleaseGivesTheDescriptorAway) {
  UniqueFd fd(some_fd());
  const int number = fd.release();
  EXPECT_FALSE(fd);
  fd.reset();
  EXPECT_TRUE(is_open(number));
  ::close(number);
}

// close(2) is a cancellation point inside a destructor, which is noexcept: a thread that is about
// to be cancelled must get past it, else the process ends.
TEST(UniqueFd, ClosesOnAThreadThatIsBeingCancelled) {
  const int number = some_fd();
  test::EndedThread thread([&] {
    ::pthread_cancel(::pthread_self());
    { const UniqueFd fd(number); }
    ::pthread_testcancel();
  });
  EXPECT_TRUE(thread.join());
  EXPECT_FALSE(is_open(number));
}

}  // namespace
}  // namespace visa
