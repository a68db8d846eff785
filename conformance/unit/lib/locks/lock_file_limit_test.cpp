// SPDX-License-Identifier: MIT
// The lock file in a program with narrow limits: no signal, no standard descriptor.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>

#include "conformance/unit/lib/locks/lock_peer.h"
#include "conformance/unit/support/child_process.h"

namespace visa::locks {
namespace {

Status lock(LockDomain& domain, SessionId session) {
  Call call(Deadline::immediate());
  return domain.lock(session, LockKind::exclusive, {}, call).status;
}

// Making the file goes beyond the limit, and that is SIGXFSZ unless something is done about it.
TEST(LockFileLimit, AFileSizeLimitMeansLocksInTheProcess) {
  const TestFolder folder;
  EXPECT_EQ(test::in_child([&] {
              const rlimit limit{1, 1};
              if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return 1;
              LockRegistry registry({folder.folder()});
              const auto domain = registry.domain("limited");
              if (lock(*domain, 1) != Status::success) return 2;
              if (lock(*domain, 2) != Status::error_rsrc_locked) return 3;
              sigset_t pending;
              ::sigpending(&pending);
              return ::sigismember(&pending, SIGXFSZ) == 0 ? 0 : 4;
            }),
            "");
}

TEST(LockFileLimit, TakesNoStandardDescriptor) {
  const TestFolder folder;
  EXPECT_EQ(test::in_child([&] {
              for (const int fd : {0, 1, 2}) ::close(fd);
              LockRegistry registry({folder.folder()});
              const auto domain = registry.domain("closed");
              if (lock(*domain, 1) != Status::success) return 1;
              LockRegistry other({folder.folder()});
              if (other.domain("closed")->may_pass(2))
                return 2;  // it was the file, not the process
              for (const int fd : {0, 1, 2}) {
                if (::fcntl(fd, F_GETFD) >= 0) return 3;
              }
              return 0;
            }),
            "");
}

}  // namespace
}  // namespace visa::locks
