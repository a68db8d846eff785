// SPDX-License-Identifier: MIT
// What a lock costs in calls: every way into the kernel and every mutex that lib/locks can reach is
// wrapped by the linker and counted. The list is that of the undefined symbols of its objects.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pthread.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdarg>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <string>

#include "conformance/unit/lib/locks/lock_peer.h"

namespace {
thread_local int kernel_calls = 0;
thread_local int mutex_locks = 0;
}  // namespace

extern "C" {
int __real_fcntl(int fd, int what, void* argument);
int __wrap_fcntl(int fd, int what, ...) {
  ++kernel_calls;
  va_list list;
  va_start(list, what);
  void* const argument = va_arg(list, void*);
  va_end(list);
  return __real_fcntl(fd, what, argument);
}
int __real_open(const char* path, int how, mode_t mode);
int __wrap_open(const char* path, int how, ...) {
  ++kernel_calls;
  va_list list;
  va_start(list, how);
  const auto mode = (how & O_CREAT) != 0 ? va_arg(list, mode_t) : 0;
  va_end(list);
  return __real_open(path, how, mode);
}
int __real_openat(int folder, const char* path, int how, mode_t mode);
int __wrap_openat(int folder, const char* path, int how, ...) {
  ++kernel_calls;
  va_list list;
  va_start(list, how);
  const auto mode = (how & O_CREAT) != 0 ? va_arg(list, mode_t) : 0;
  va_end(list);
  return __real_openat(folder, path, how, mode);
}
int __real_fstat(int fd, struct stat* status);
int __wrap_fstat(int fd, struct stat* status) {
  ++kernel_calls;
  return __real_fstat(fd, status);
}
int __real_stat(const char* path, struct stat* status);
int __wrap_stat(const char* path, struct stat* status) {
  ++kernel_calls;
  return __real_stat(path, status);
}
int __real_shmget(key_t key, size_t size, int how);
int __wrap_shmget(key_t key, size_t size, int how) {
  ++kernel_calls;
  return __real_shmget(key, size, how);
}
int __real_shmctl(int number, int what, struct shmid_ds* facts);
int __wrap_shmctl(int number, int what, struct shmid_ds* facts) {
  ++kernel_calls;
  return __real_shmctl(number, what, facts);
}
void* __real_shmat(int number, const void* where, int how);
void* __wrap_shmat(int number, const void* where, int how) {
  ++kernel_calls;
  return __real_shmat(number, where, how);
}
int __real_poll(pollfd* fds, nfds_t count, int time);
int __wrap_poll(pollfd* fds, nfds_t count, int time) {
  ++kernel_calls;
  return __real_poll(fds, count, time);
}
ssize_t __real_read(int fd, void* to, size_t size);
ssize_t __wrap_read(int fd, void* to, size_t size) {
  ++kernel_calls;
  return __real_read(fd, to, size);
}
int __real_pthread_mutex_lock(pthread_mutex_t* mutex);
int __wrap_pthread_mutex_lock(pthread_mutex_t* mutex) {
  ++mutex_locks;
  return __real_pthread_mutex_lock(mutex);
}
}

namespace visa::locks {
namespace {

constexpr SessionId kA = 1;
constexpr SessionId kB = 2;

struct Cost {
  int kernel;
  int mutexes;
};
template <class Body>
Cost cost_of(Body body) {
  const Cost before{kernel_calls, mutex_locks};
  body();
  return {kernel_calls - before.kernel, mutex_locks - before.mutexes};
}

template <class Body>
void measure(const char* what, int count, Body body) {
  const auto start = monotonic_now();
  for (int i = 0; i < count; ++i) body();
  const auto time = static_cast<double>(monotonic_now() - start) / count;
  std::printf("%s: %.1f ns\n", what, time);
}

class LockCalls : public testing::Test {
 protected:
  Status lock(SessionId session, LockKind kind = LockKind::exclusive, std::string_view key = "") {
    Call call(Deadline::immediate());
    return domain->lock(session, kind, key, call).status;
  }
  bool shared_file() {
    Peer peer(folder.path());
    const bool held = lock(kA) == Status::success && !peer.may_pass(kA);
    domain->release_all(kA);
    return held;
  }

  TestFolder folder;
  LockRegistry registry{{folder.folder()}};
  std::shared_ptr<LockDomain> domain = registry.domain(kResource);
};

TEST_F(LockCalls, TheCountersCount) {
  const Cost opening = cost_of([&] { LockRegistry({folder.folder()}).domain(kResource); });
  EXPECT_GE(opening.kernel, 5);
  EXPECT_GE(opening.mutexes, 1);
}

TEST_F(LockCalls, TransferOfAFreeResourceAsksNoKernelAndNoMutex) {
  ASSERT_TRUE(shared_file());
  EXPECT_TRUE(domain->may_pass(kA));  // takes note of what has changed
  const Cost cost = cost_of([&] {
    for (int i = 0; i < 1000; ++i) EXPECT_TRUE(domain->may_pass(kA));
  });
  EXPECT_EQ(cost.kernel, 0);
  EXPECT_EQ(cost.mutexes, 0);
}

TEST_F(LockCalls, TransferUnderOwnLocksAsksNoKernelAndNoMutex) {
  ASSERT_TRUE(shared_file());
  for (const LockKind kind : {LockKind::exclusive, LockKind::shared}) {
    ASSERT_EQ(lock(kA, kind, "key"), Status::success);
    const Cost cost = cost_of([&] {
      for (int i = 0; i < 1000; ++i) EXPECT_TRUE(domain->may_pass(kA));
      EXPECT_FALSE(domain->may_pass(kB));
    });
    EXPECT_EQ(cost.kernel, 0);
    EXPECT_EQ(cost.mutexes, 0);
    ASSERT_EQ(domain->unlock(kA), Status::success);
  }
}

// A change elsewhere costs a look at the file, once, and still no call of the kernel.
TEST_F(LockCalls, ChangeByAnotherProcessIsSeenWithoutTheKernel) {
  Peer peer(folder.path());
  ASSERT_EQ(lock(kA, LockKind::shared, "key"), Status::success);
  ASSERT_EQ(peer.lock(kA, LockKind::shared, "key").status, Status::success);
  const Cost first = cost_of([&] { EXPECT_TRUE(domain->may_pass(kA)); });
  EXPECT_EQ(first.kernel, 0);
  EXPECT_LE(first.mutexes, 1);
  const Cost next = cost_of([&] { EXPECT_TRUE(domain->may_pass(kA)); });
  EXPECT_EQ(next.kernel + next.mutexes, 0);
}

// Opening the file that replaces a deleted one can take a second: that is for requests of locks.
TEST_F(LockCalls, TransferAfterTheFileWasReplacedAsksNoKernel) {
  Peer peer(folder.path());
  EXPECT_TRUE(domain->may_pass(kA));
  std::filesystem::remove(folder.file());
  ASSERT_EQ(peer.lock(kA, LockKind::exclusive).status, Status::success);  // makes the next file
  const Cost cost = cost_of([&] {
    for (int i = 0; i < 1000; ++i) EXPECT_TRUE(domain->may_pass(kA));
    EXPECT_EQ(domain->state(), LockState::none);
  });
  EXPECT_EQ(cost.kernel, 0);
  EXPECT_LE(cost.mutexes, 2);  // the domain's, and that of the choice of files
  EXPECT_EQ(lock(kA), Status::error_rsrc_locked) << "a request follows";
  EXPECT_FALSE(domain->may_pass(kA));
  EXPECT_EQ(domain->state(), LockState::exclusive);
}

TEST_F(LockCalls, AnUnlockFollowsToTheFileThatReplacedADeletedOne) {
  Peer peer(folder.path(), "another resource");
  ASSERT_EQ(lock(kA), Status::success);
  ASSERT_EQ(lock(kA), Status::success_nested_exclusive);
  std::filesystem::remove(folder.file());
  ASSERT_EQ(peer.lock(kA, LockKind::exclusive).status, Status::success);
  EXPECT_EQ(domain->unlock(kA), Status::success_nested_exclusive);
  EXPECT_TRUE(domain->may_pass(kA));
  EXPECT_FALSE(Peer(folder.path()).may_pass(kA)) << "what is still held has moved, too";
}

TEST_F(LockCalls, LockTakesThreeCallsNestingAndReleasingNone) {
  ASSERT_TRUE(shared_file());
  EXPECT_EQ(cost_of([&] { lock(kA); }).kernel, 3);  // is the file there, guard taken, given back
  EXPECT_EQ(cost_of([&] { lock(kA); }).kernel, 0);
  EXPECT_EQ(cost_of([&] { domain->unlock(kA); }).kernel, 0);
  EXPECT_EQ(cost_of([&] { domain->unlock(kA); }).kernel, 0);
  EXPECT_EQ(domain->state(), LockState::none);
}

TEST_F(LockCalls, OpeningAResourceAsksNothingOnceTheFileIsOpen) {
  const Cost cost = cost_of([&] {
    const auto other = registry.domain("GPIB0::1::INSTR");
    EXPECT_TRUE(other->may_pass(kA));
  });
  EXPECT_EQ(cost.kernel, 0);
}

TEST_F(LockCalls, Figures) {
  ASSERT_TRUE(shared_file());
  LockDomain alone("alone");
  bool sink = true;
  measure("may_pass, free, in the file", 1000000, [&] { sink = domain->may_pass(kA) && sink; });
  measure("may_pass, free, one process only", 1000000, [&] { sink = alone.may_pass(kA) && sink; });
  measure("lock + unlock, in the file", 100000, [&] {
    lock(kA);
    domain->unlock(kA);
  });
  measure("lock + unlock, one process only", 100000, [&] {
    Call call(Deadline::immediate());
    alone.lock(kA, LockKind::exclusive, {}, call);
    alone.unlock(kA);
  });
  std::printf("size of a domain: %zu bytes\n", sizeof(LockDomain));
  EXPECT_TRUE(sink);
  EXPECT_LE(sizeof(LockDomain), 1024u);  // of the 8 kB a session may take
}

}  // namespace
}  // namespace visa::locks
