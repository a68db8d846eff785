// SPDX-License-Identifier: MIT
#include "lib/base/high_fd.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cerrno>

#include "conformance/unit/support/child_process.h"
#include "lib/base/unique_fd.h"

namespace visa {
namespace {

bool is_open(int fd) {
  return ::fcntl(fd, F_GETFD) >= 0;
}

TEST(HighFd, LeavesAUsualDescriptorAndErrnoAlone) {
  const int made = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ASSERT_GT(made, 2);
  errno = ENOTTY;
  EXPECT_EQ(high_fd(made), made);
  EXPECT_EQ(high_fd(-1), -1);
  EXPECT_EQ(errno, ENOTTY);
  ::close(made);
}

TEST(HighFd, MovesAStandardNumberAndFreesIt) {
  for (const int closed : {0, 1, 2}) {
    EXPECT_EQ(test::in_child([closed] {
                ::close(closed);
                const int made = ::open("/dev/null", O_RDONLY);
                if (made != closed) return 1;
                const int moved = high_fd(made);
                if (moved <= 2) return 2;
                if (is_open(closed) || !is_open(moved)) return 3;
                return (::fcntl(moved, F_GETFD) & FD_CLOEXEC) != 0 ? 0 : 4;
              }),
              "")
        << closed;
  }
}

TEST(HighFd, SaysWhyWhereNoNumberIsLeft) {
  EXPECT_EQ(test::in_child([] {
              ::close(2);
              const int made = ::open("/dev/null", O_RDONLY);
              const rlimit none{3, 3};  // numbers below 3 only
              if (::setrlimit(RLIMIT_NOFILE, &none) != 0) return 1;
              if (high_fd(made) != -1 || errno != EINVAL) return 2;
              return is_open(2) ? 3 : 0;
            }),
            "");
}

TEST(HighFd, UniqueFdNeverHoldsAStandardNumber) {
  EXPECT_EQ(test::in_child([] {
              for (const int closed : {0, 1, 2}) ::close(closed);
              UniqueFd first(::open("/dev/null", O_RDONLY | O_CLOEXEC));
              UniqueFd second(::open("/dev/null", O_RDONLY | O_CLOEXEC));
              if (first.get() <= 2 || second.get() <= 2) return 1;
              for (const int closed : {0, 1, 2}) {
                if (is_open(closed)) return 2;
              }
              return 0;
            }),
            "");
}

}  // namespace
}  // namespace visa
