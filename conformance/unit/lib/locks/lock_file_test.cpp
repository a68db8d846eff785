// SPDX-License-Identifier: MIT
// The file itself and its memory: what others do to them, how much they hold.
#include "lib/locks/lock_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <filesystem>
#include <fstream>
#include <new>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "conformance/unit/lib/locks/lock_peer.h"
#include "conformance/unit/support/failing_new.h"
#include "lib/base/unique_fd.h"

namespace {
std::atomic<int> detached_twice{0};
}

extern "C" {
int __real_shmdt(const void* memory);
int __wrap_shmdt(const void* memory) {
  const int result = __real_shmdt(memory);
  if (result != 0) ++detached_twice;
  return result;
}
}

namespace visa::locks {
namespace {

namespace fs = std::filesystem;
constexpr SessionId kA = 1;
constexpr std::size_t kFirstLayer = sizeof(layout::Header) + sizeof(layout::Layer);

Status lock(LockDomain& domain, SessionId session) {
  Call call(Deadline::immediate());
  return domain.lock(session, LockKind::exclusive, {}, call).status;
}

class LockFiles : public testing::Test {
 protected:
  /// True when two registries on the folder keep each other out, which they do through the file.
  bool works() {
    LockRegistry one({folder.folder()});
    LockRegistry two({folder.folder()});
    const auto first = one.domain("check");
    const auto second = two.domain("check");
    bool good = lock(*first, kA) == Status::success && !second->may_pass(kA) &&
                lock(*second, kA) == Status::error_rsrc_locked;
    good = good && first->unlock(kA) == Status::success && lock(*second, kA) == Status::success;
    return good && second->unlock(kA) == Status::success;
  }
  void fill(std::size_t size, unsigned seed) {
    std::mt19937_64 random(seed);
    std::vector<std::uint64_t> words(size / 8);
    for (auto& word : words) word = random();
    std::ofstream(folder.file(), std::ios::binary)
        .write(reinterpret_cast<const char*>(words.data()), static_cast<std::streamsize>(size));
  }

  std::size_t layers() {
    std::string why;
    const auto file = LockFile::open(folder.folder(), why);
    return file == nullptr ? 0 : file->layers();
  }

  TestFolder folder;
};

TEST_F(LockFiles, MadeForTheGroupWhateverTheUmask) {
  const mode_t before = ::umask(0777);
  EXPECT_TRUE(works());
  ::umask(before);
  struct stat status {};
  ASSERT_EQ(::stat(folder.file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0660u);
  EXPECT_EQ(status.st_size, 0);
}

TEST_F(LockFiles, MadeOnceByManyAtOnce) {
  for (int round = 0; round < 20; ++round) {
    fs::remove(folder.file());
    std::vector<std::thread> threads;
    std::atomic<int> holders{0};
    std::vector<std::unique_ptr<LockRegistry>> registries;
    std::vector<std::shared_ptr<LockDomain>> domains(6);
    for (int i = 0; i < 6; ++i) {
      registries.push_back(
          std::make_unique<LockRegistry>(std::vector<LockFolder>{folder.folder()}));
    }
    for (std::size_t i = 0; i < 6; ++i) {
      threads.emplace_back([&, i] {
        domains[i] = registries[i]->domain(kResource);
        if (ok(lock(*domains[i], kA))) ++holders;
      });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(holders, 1);
  }
}

TEST_F(LockFiles, NonsenseInTheFileIsNotRead) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    fill(kFirstLayer, seed);
    EXPECT_TRUE(works()) << seed;
  }
}

// A user with write access can shorten the file. When it was mapped, that ended every process by
// SIGBUS.
TEST_F(LockFiles, ShortenedWhileInUseHarmsNobody) {
  LockRegistry registry({folder.folder()});
  const auto domain = registry.domain(kResource);
  Peer peer(folder.path());
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{4096}, kFirstLayer}) {
    fill(kFirstLayer, 1);
    ASSERT_EQ(::truncate(folder.file().c_str(), static_cast<off_t>(size)), 0);
    EXPECT_TRUE(domain->may_pass(kA));
    ASSERT_EQ(peer.lock(kA, LockKind::exclusive).status, Status::success) << size;
    ASSERT_EQ(::truncate(folder.file().c_str(), 0), 0);
    EXPECT_FALSE(domain->may_pass(kA));
    EXPECT_EQ(domain->state(), LockState::exclusive);
    EXPECT_EQ(lock(*domain, kA), Status::error_rsrc_locked);
    Peer newcomer(folder.path());
    EXPECT_FALSE(newcomer.may_pass(kA)) << "the newcomer finds the same locks";
    EXPECT_EQ(peer.unlock(kA), Status::success);
    EXPECT_EQ(newcomer.lock(kA, LockKind::exclusive).status, Status::success);
    EXPECT_FALSE(peer.may_pass(kA));
  }
}

/// Overwrites the shared memory of the folder, but for its first word.
void scribble(const LockFile& file, std::mt19937_64& random, int words) {
  auto* const memory = reinterpret_cast<std::atomic<std::uint64_t>*>(&file.header());
  for (int i = 0; i < words; ++i) {
    memory[1 + random() % (kFirstLayer / 8 - 1)] = random() % 3 == 0 ? random() : random() % 16;
  }
}

TEST_F(LockFiles, NonsenseInTheMemoryKeepsNobodyOut) {
  for (unsigned seed = 0; seed < 40; ++seed) {
    std::mt19937_64 random(seed);
    std::string why;
    const auto file = LockFile::open(folder.folder(), why);
    ASSERT_NE(file, nullptr) << why;
    scribble(*file, random, 20000);
    EXPECT_TRUE(works()) << seed;
  }
}

// Words of a living process's slot are believed; whatever else stands in them, nothing hangs.
TEST_F(LockFiles, NonsenseWrittenWhileInUseHangsNobody) {
  LockRegistry registry({folder.folder()});
  const auto domain = registry.domain(kResource);
  std::mt19937_64 random(1);
  std::string why;
  const auto file = LockFile::open(folder.folder(), why);
  ASSERT_NE(file, nullptr) << why;
  for (int round = 0; round < 200; ++round) {
    scribble(*file, random, 400);
    Call call(Deadline::after(std::chrono::milliseconds(2)));
    (void)domain->lock(kA, LockKind::exclusive, {}, call);
    (void)domain->may_pass(2);
    (void)domain->state();
    (void)domain->unlock(kA);
  }
}

/// The number of the memory in use; -1: none.
int memory_number(const TestFolder& folder) {
  const UniqueFd fd(::open(folder.file().c_str(), O_RDWR | O_CLOEXEC));
  struct flock range {};
  range.l_type = F_WRLCK;
  range.l_start = layout::kMemoryBytes;
  range.l_len = layout::kMostMemories;
  if (::fcntl(fd.get(), F_OFD_GETLK, &range) != 0 || range.l_type == F_UNLCK) return -1;
  return static_cast<int>(range.l_start - layout::kMemoryBytes);
}

TEST_F(LockFiles, MemoryGoesWithItsLastProcess) {
  EXPECT_EQ(LockFile::in_use(folder.folder()), false);
  Peer first(folder.path());
  EXPECT_EQ(LockFile::in_use(folder.folder()), true);
  const int number = memory_number(folder);
  ASSERT_GE(number, 0);
  Peer second(folder.path());
  first.kill();
  EXPECT_EQ(memory_number(folder), number);
  struct shmid_ds facts {};
  ASSERT_EQ(::shmctl(number, IPC_STAT, &facts), 0);
  EXPECT_EQ(facts.shm_perm.mode & 0777, 0660);
  second.kill();
  EXPECT_NE(::shmctl(number, IPC_STAT, &facts), 0) << "the memory must go with its last process";
  EXPECT_EQ(LockFile::in_use(folder.folder()), false);
}

/// Shows the number of a memory in the file, as its users do, as long as it lives.
UniqueFd show_number(const TestFolder& folder, std::int64_t from, std::int64_t count) {
  UniqueFd fd(::open(folder.file().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0660));
  struct flock range {};
  range.l_type = F_RDLCK;
  range.l_start = layout::kMemoryBytes + from;
  range.l_len = count;
  EXPECT_EQ(::fcntl(fd.get(), F_OFD_SETLK, &range), 0);
  return fd;
}

TEST_F(LockFiles, NumbersThatLeadNowhereArePassedOver) {
  const auto dying = show_number(folder, 0, 1);  // or a process of another IPC namespace
  const auto also = show_number(folder, 0x7FFFFFFE, 1);
  EXPECT_TRUE(works());
  const auto all = show_number(folder, 0, layout::kMostMemories);
  LockRegistry alone({folder.folder()});
  EXPECT_EQ(lock(*alone.domain("x"), kA), Status::success) << "nonsense divides, but harms nobody";
}

TEST_F(LockFiles, MemoryOfAnotherProgramIsNotTouched) {
  const int number = ::shmget(IPC_PRIVATE, layout::kSize, IPC_CREAT | 0600);
  ASSERT_GE(number, 0);
  auto* const memory = static_cast<char*>(::shmat(number, nullptr, 0));
  ::shmctl(number, IPC_RMID, nullptr);
  ASSERT_NE(memory, reinterpret_cast<void*>(-1));
  const auto shown = show_number(folder, number, 1);
  EXPECT_TRUE(works());
  EXPECT_TRUE(std::all_of(memory, memory + layout::kSize, [](char c) { return c == 0; }));
  ::shmdt(memory);
}

TEST_F(LockFiles, DeletedWhileInUseEverybodyMeetsInTheNext) {
  LockRegistry one({folder.folder()});
  const auto held = one.domain(kResource);
  const auto reader = one.domain("another of the same process");
  Peer peer(folder.path());
  ASSERT_EQ(lock(*held, kA), Status::success);
  for (int round = 0; round < 3; ++round) {
    fs::remove(folder.file());
    EXPECT_TRUE(reader->may_pass(kA));
    EXPECT_FALSE(fs::exists(folder.file())) << "a transfer opens nothing";
    // Whatever locks anything notices, and draws its process along with what that holds.
    EXPECT_EQ(lock(*reader, kA), Status::success);
    EXPECT_TRUE(fs::exists(folder.file()));
    EXPECT_TRUE(held->may_pass(kA));
    EXPECT_FALSE(held->may_pass(2));
    EXPECT_FALSE(peer.may_pass(kA)) << round << ": what it saw before";
    EXPECT_EQ(peer.lock(kA, LockKind::exclusive).status, Status::error_rsrc_locked);
    EXPECT_FALSE(peer.may_pass(kA)) << round;
    Peer newcomer(folder.path());
    EXPECT_FALSE(newcomer.may_pass(kA));
    EXPECT_EQ(newcomer.lock(kA, LockKind::exclusive).status, Status::error_rsrc_locked);
    EXPECT_EQ(reader->unlock(kA), Status::success);
  }
  EXPECT_EQ(held->unlock(kA), Status::success);
  EXPECT_EQ(peer.lock(kA, LockKind::exclusive).status, Status::success);
  EXPECT_FALSE(held->may_pass(kA));
}

TEST_F(LockFiles, SharedGroupMovesWithItsKey) {
  Peer member(folder.path());
  LockRegistry registry({folder.folder()});
  const auto domain = registry.domain(kResource);
  ASSERT_EQ(member.lock(kA, LockKind::shared, "key").status, Status::success);
  fs::remove(folder.file());
  ASSERT_EQ(lock(*registry.domain("other"), kA), Status::success);  // makes the next file
  EXPECT_EQ(member.lock(kA, LockKind::shared, "key").status, Status::success_nested_shared);
  EXPECT_TRUE(member.may_pass(kA));  // and with its next request the member follows
  EXPECT_FALSE(domain->may_pass(kA));
  Call call(Deadline::immediate());
  EXPECT_EQ(domain->lock(kA, LockKind::shared, "key", call).status, Status::success);
}

TEST_F(LockFiles, DeletedAgainAndAgainCostsNoMoreThanSixteenFiles) {
  LockRegistry registry({folder.folder()});
  const auto domain = registry.domain(kResource);
  for (int i = 0; i < 40; ++i) {
    fs::remove(folder.file());
    ASSERT_EQ(lock(*domain, kA), Status::success);
    ASSERT_EQ(domain->unlock(kA), Status::success);
  }
  std::size_t descriptors = 0;
  for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    if (fs::read_symlink(entry.path(), gone).string().starts_with(folder.path())) ++descriptors;
  }
  EXPECT_LE(descriptors, 17u);
}

TEST_F(LockFiles, OneDescriptorWhateverTheNumberOfResources) {
  LockRegistry registry({folder.folder()});
  std::vector<std::shared_ptr<LockDomain>> domains;
  const auto count = [] {
    return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator());
  };
  const auto before = count();
  for (int i = 0; i < 4000; ++i) {
    domains.push_back(registry.domain("TCPIP0::bench::" + std::to_string(i) + "::SOCKET"));
    ASSERT_TRUE(domains.back()->may_pass(kA));
  }
  EXPECT_EQ(count(), before + 1);
  EXPECT_EQ(layers(), 1u);  // nothing locked, nothing grown
}

TEST_F(LockFiles, ThousandsOfLocksOfOneProcessAreSeenByAnother) {
  Peer peer(folder.path());
  ASSERT_EQ(peer.lock_many(4000), 4000) << peer.detail();
  LockRegistry registry({folder.folder()});
  int free = 0;
  for (int i = 0; i < 4000; ++i) {
    if (registry.domain(kResource + std::to_string(i))->may_pass(kA)) ++free;
  }
  EXPECT_EQ(free, 0);
  const auto size = layers();
  std::printf("4000 resources locked: %zu layers\n", size);
  peer.kill();
  Peer next(folder.path());
  EXPECT_EQ(next.lock_many(4000), 4000);  // in the records of the dead
  EXPECT_EQ(layers(), size);
}

TEST_F(LockFiles, FullFileIsAnErrorThatSaysSo) {
  Peer peer(folder.path());
  const int got = peer.lock_many(12000);
  EXPECT_GE(got, 7000);
  EXPECT_LT(got, 12000);
  EXPECT_EQ(layers(), layout::kMaxLayers);
  std::vector<std::shared_ptr<LockDomain>> domains;
  LockRegistry registry({folder.folder()});
  int full = 0;
  for (int i = 0; i < 200 && full == 0; ++i) {
    const auto domain = registry.domain("more" + std::to_string(i));
    Call call(Deadline::immediate());
    if (domain->lock(kA, LockKind::exclusive, {}, call).status != Status::error_alloc) continue;
    ++full;
    EXPECT_THAT(call.detail, testing::HasSubstr("full"));
    EXPECT_TRUE(domain->may_pass(kA));  // reading and writing go on
  }
  EXPECT_EQ(full, 1);
}

TEST_F(LockFiles, SixtyFourProcessesLockAndTheNextIsTold) {
  std::vector<std::unique_ptr<LockRegistry>> processes;
  std::vector<std::shared_ptr<LockDomain>> domains;
  for (std::size_t i = 0; i < layout::kSlots - 5; ++i) {
    processes.push_back(std::make_unique<LockRegistry>(std::vector<LockFolder>{folder.folder()}));
    domains.push_back(processes.back()->domain("own" + std::to_string(i)));
    ASSERT_EQ(lock(*domains.back(), kA), Status::success) << i;
  }
  std::deque<Peer> peers;
  for (int i = 0; i < 5; ++i) {
    peers.emplace_back(folder.path());
    ASSERT_EQ(peers.back().lock(kA, LockKind::exclusive).status, Status::success);
    ASSERT_EQ(peers.back().unlock(kA), Status::success);
  }
  Peer next(folder.path());
  EXPECT_TRUE(next.may_pass(kA));
  EXPECT_EQ(next.lock(kA, LockKind::exclusive).status, Status::error_alloc);
  EXPECT_THAT(next.detail(), testing::HasSubstr("too many processes"));
  peers.front().kill();
  EXPECT_EQ(next.lock(kA, LockKind::exclusive).status, Status::success);
}

// Twice would detach what another thread has attached at the same place meanwhile.
TEST_F(LockFiles, MemoryIsDetachedOnceWhateverAllocationFails) {
  int failures = 0;
  for (long passing = 0, failed = true; failed; ++passing) {
    const test::FailingNew failing(passing);
    try {
      std::string why;
      const auto file = LockFile::open(folder.folder(), why);
    } catch (const std::bad_alloc&) {
      ++failures;
    }
    failed = failing.failed();
    ASSERT_EQ(detached_twice, 0) << passing;
  }
  EXPECT_GE(failures, 2) << "of the object and of its shared ownership";
  EXPECT_TRUE(works());
}

}  // namespace
}  // namespace visa::locks
