// SPDX-License-Identifier: MIT
// The file itself: who may make it, what is in it, what others do to it.
#include "lib/locks/lock_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "conformance/unit/lib/locks/lock_peer.h"

namespace visa::locks {
namespace {

namespace fs = std::filesystem;
constexpr SessionId kA = 1;
constexpr uid_t kNobody = 65534;
constexpr gid_t kGroup = 61234;  // nobody's, but the folder's

Status lock(LockDomain& domain, SessionId session, int timeout = 0) {
  Call call(Deadline::after(std::chrono::milliseconds(timeout)));
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

  TestFolder folder;
};

TEST_F(LockFiles, MadeForTheGroupWhateverTheUmask) {
  const mode_t before = ::umask(0777);
  EXPECT_TRUE(works());
  ::umask(before);
  struct stat status {};
  ASSERT_EQ(::stat(folder.file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0660u);
  EXPECT_EQ(static_cast<std::size_t>(status.st_size), layout::file_size(1));
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

TEST_F(LockFiles, NonsenseIsAFreshFile) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    fill(layout::file_size(1), seed);
    EXPECT_TRUE(works()) << seed;
  }
}

TEST_F(LockFiles, NonsenseBehindAGoodBeginningKeepsNobodyOut) {
  for (unsigned seed = 0; seed < 40; ++seed) {
    fill(layout::file_size(1 + seed % 3), seed);
    const int fd = ::open(folder.file().c_str(), O_RDWR | O_CLOEXEC);
    ASSERT_EQ(::pwrite(fd, &layout::kMagic, sizeof layout::kMagic, 0), 8);
    ::close(fd);
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
    auto* const words = reinterpret_cast<std::atomic<std::uint64_t>*>(&file->header());
    for (int i = 0; i < 400; ++i) {
      const std::size_t index = 1 + random() % (layout::file_size(1) / 8 - 1);
      words[index] = random() % 3 == 0 ? random() : random() % 16;
    }
    (void)lock(*domain, kA, 2);
    (void)domain->may_pass(2);
    (void)domain->state();
    (void)domain->unlock(kA);
  }
}

TEST_F(LockFiles, TruncatedFileIsAFreshFile) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{4096},
                                 sizeof(layout::Header), layout::file_size(1) - 1}) {
    EXPECT_TRUE(works());
    ASSERT_EQ(::truncate(folder.file().c_str(), static_cast<off_t>(size)), 0);
    EXPECT_TRUE(works()) << size;
    EXPECT_GE(fs::file_size(folder.file()), layout::file_size(1));
  }
}

TEST_F(LockFiles, FileWithHolesIsFilled) {
  EXPECT_TRUE(works());
  ASSERT_EQ(::truncate(folder.file().c_str(), 0), 0);
  ASSERT_EQ(::truncate(folder.file().c_str(), static_cast<off_t>(layout::file_size(1))), 0);
  EXPECT_TRUE(works());
  struct stat status {};
  ASSERT_EQ(::stat(folder.file().c_str(), &status), 0);
  EXPECT_GE(static_cast<std::size_t>(status.st_blocks) * 512, layout::file_size(1));
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
    // The first who locks anything notices, and draws everybody along with what they hold.
    EXPECT_EQ(lock(*reader, kA), Status::success);
    EXPECT_TRUE(fs::exists(folder.file()));
    EXPECT_TRUE(held->may_pass(kA));
    EXPECT_FALSE(held->may_pass(2));
    EXPECT_FALSE(peer.may_pass(kA)) << round;
    EXPECT_EQ(peer.lock(kA, LockKind::exclusive).status, Status::error_rsrc_locked);
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
  EXPECT_TRUE(member.may_pass(kA));                                 // and follows it
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
  EXPECT_EQ(fs::file_size(folder.file()), layout::file_size(1));  // nothing locked, nothing grown
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
  const auto size = fs::file_size(folder.file());
  std::printf("file with 4000 resources locked: %zu kB\n", static_cast<std::size_t>(size) / 1024);
  peer.kill();
  Peer next(folder.path());
  EXPECT_EQ(next.lock_many(4000), 4000);  // in the records of the dead
  EXPECT_EQ(fs::file_size(folder.file()), size);
}

TEST_F(LockFiles, FullFileIsAnErrorThatSaysSo) {
  Peer peer(folder.path());
  const int got = peer.lock_many(12000);
  EXPECT_GE(got, 7000);
  EXPECT_LT(got, 12000);
  EXPECT_LE(fs::file_size(folder.file()), layout::file_size(layout::kMaxLayers));
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
  for (std::size_t i = 0; i < layout::kSlots - 5; ++i) {  // descriptors of the test: see kMaxFiles
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

TEST_F(LockFiles, FolderMustBeOnesOwnOrTheComputers) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to give a folder away";
  ASSERT_EQ(::chown(folder.path().c_str(), kNobody, 0), 0);
  std::string why;
  EXPECT_EQ(LockFile::open(folder.folder(), why), nullptr);
  EXPECT_THAT(why, testing::HasSubstr("another user"));
}

TEST_F(LockFiles, LinksAndPipesAreNoLockFiles) {
  std::string why;
  TestFolder elsewhere;
  fs::create_symlink(elsewhere.path() + "/target", folder.file());
  EXPECT_EQ(LockFile::open(folder.folder(), why), nullptr);
  EXPECT_FALSE(fs::exists(elsewhere.path() + "/target"));
  fs::remove(folder.file());
  ASSERT_EQ(::mkfifo(folder.file().c_str(), 0600), 0);
  EXPECT_EQ(LockFile::open(folder.folder(), why), nullptr);
  fs::remove(folder.file());
  fs::create_directory(folder.file());
  EXPECT_EQ(LockFile::open(folder.folder(), why), nullptr);
  fs::remove(folder.file());
  fs::create_directory_symlink(folder.path(), elsewhere.path() + "/link");
  EXPECT_EQ(LockFile::open({elsewhere.path() + "/link", false}, why), nullptr);
}

/// The trace of the processes started while it is there.
class Trace {
 public:
  explicit Trace(std::string path) : path_(std::move(path)) {
    ::setenv("FREEVISA_TRACE", path_.c_str(), 1);
  }
  ~Trace() { ::unsetenv("FREEVISA_TRACE"); }
  std::string text() const {
    std::ifstream file(path_);
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  const std::string path_;
};

TEST_F(LockFiles, SecondFolderIsMadeAndUsedWhenTheFirstIsMissing) {
  const Trace trace(folder.path() + "/trace");
  Peer peer(folder.path() + "/missing:+" + folder.path() + "/own");
  EXPECT_EQ(peer.lock(kA, LockKind::exclusive).status, Status::success);
  EXPECT_TRUE(fs::exists(folder.path() + "/own/" + layout::kFileName));
  EXPECT_EQ(fs::status(folder.path() + "/own").permissions(), fs::perms::owner_all);
  EXPECT_FALSE(Peer(folder.path() + "/own").may_pass(kA));
  EXPECT_THAT(trace.text(), testing::HasSubstr("missing: the folder cannot be opened"));
}

TEST_F(LockFiles, WithoutAFolderLocksHoldInTheProcessAndTheTraceSaysSoOnce) {
  const Trace trace(folder.path() + "/trace");
  Peer peer(folder.path() + "/missing");
  EXPECT_EQ(peer.lock(kA, LockKind::exclusive).status, Status::success);
  EXPECT_EQ(peer.lock(2, LockKind::exclusive).status, Status::error_rsrc_locked);
  EXPECT_EQ(peer.lock_many(3), 3);
  const std::string text = trace.text();
  EXPECT_THAT(text, testing::HasSubstr("hold inside this process only"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
}

// Rights need a user whom they bind.
class LockUsers : public LockFiles {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root to become two other users";
    ASSERT_EQ(::chown(folder.path().c_str(), 0, kGroup), 0);
    ASSERT_EQ(::chmod(folder.path().c_str(), 02770), 0);
  }
};

TEST_F(LockUsers, TwoUsersOfTheGroupExcludeEachOther) {
  Peer one(folder.path(), kResource, 61001, kGroup);
  Peer two(folder.path(), kResource, 61002, kGroup);
  EXPECT_EQ(one.lock(kA, LockKind::exclusive).status, Status::success);
  EXPECT_FALSE(two.may_pass(kA));
  EXPECT_EQ(two.lock(kA, LockKind::exclusive).status, Status::error_rsrc_locked);
  struct stat status {};
  ASSERT_EQ(::stat(folder.file().c_str(), &status), 0);
  EXPECT_EQ(status.st_gid, kGroup);
  EXPECT_EQ(status.st_mode & 0777, 0660u);
  one.kill();
  EXPECT_EQ(two.lock(kA, LockKind::exclusive).status, Status::success);
}

TEST_F(LockUsers, UserOutsideTheGroupHasLocksOfItsOwn) {
  Peer member(folder.path(), kResource, 61001, kGroup);
  Peer outsider(folder.path(), kResource, kNobody, kNobody);
  EXPECT_EQ(member.lock(kA, LockKind::exclusive).status, Status::success);
  EXPECT_TRUE(outsider.may_pass(kA));
  EXPECT_EQ(outsider.lock(kA, LockKind::exclusive).status, Status::success);
  EXPECT_EQ(outsider.lock(2, LockKind::exclusive).status, Status::error_rsrc_locked);
}

TEST_F(LockUsers, ReadOnlyFolderOrFileMeansLocksInTheProcess) {
  ASSERT_EQ(::chmod(folder.path().c_str(), 0550), 0);
  Peer without(folder.path(), kResource, 61001, kGroup);
  EXPECT_EQ(without.lock(kA, LockKind::exclusive).status, Status::success);
  EXPECT_FALSE(fs::exists(folder.file()));
  EXPECT_TRUE(works());  // root may, in a folder of this mode
  ASSERT_EQ(::chmod(folder.file().c_str(), 0440), 0);
  Peer reader(folder.path(), kResource, 61001, kGroup);
  EXPECT_EQ(reader.lock(kA, LockKind::exclusive).status, Status::success);
  EXPECT_EQ(reader.lock(2, LockKind::exclusive).status, Status::error_rsrc_locked);
}

}  // namespace
}  // namespace visa::locks
