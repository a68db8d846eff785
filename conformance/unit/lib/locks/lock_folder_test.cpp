// SPDX-License-Identifier: MIT
// Where the file may be: who may make the folder, whom it must belong to, in which one processes
// meet.
#include "lib/locks/lock_folder.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "conformance/unit/lib/locks/lock_peer.h"

namespace visa::locks {
namespace {

namespace fs = std::filesystem;
constexpr SessionId kA = 1;
constexpr uid_t kNobody = 65534;
constexpr gid_t kGroup = 61234;  // nobody's, but the folder's

class LockFolders : public testing::Test {
 protected:
  bool opens(const LockFolder& where) {
    why.clear();
    return static_cast<bool>(open_lock_file(where, true, why));
  }
  /// A folder of one's own, in text for a Peer.
  std::string own(const std::string& name) { return "+" + folder.path() + "/" + name; }

  TestFolder folder;
  std::string why;
};

TEST_F(LockFolders, FolderMustBeOnesOwnOrTheComputers) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to give a folder away";
  ASSERT_EQ(::chown(folder.path().c_str(), kNobody, 0), 0);
  EXPECT_FALSE(opens(folder.folder()));
  EXPECT_THAT(why, testing::HasSubstr("another user"));
}

TEST_F(LockFolders, LinksAndPipesAreNoLockFolders) {
  TestFolder elsewhere;
  fs::create_symlink(elsewhere.path() + "/target", folder.file());
  EXPECT_FALSE(opens(folder.folder()));
  EXPECT_FALSE(fs::exists(elsewhere.path() + "/target"));
  fs::remove(folder.file());
  ASSERT_EQ(::mkfifo(folder.file().c_str(), 0600), 0);
  EXPECT_FALSE(opens(folder.folder()));
  fs::remove(folder.file());
  fs::create_directory(folder.file());
  EXPECT_FALSE(opens(folder.folder()));
  fs::remove(folder.file());
  fs::create_directory_symlink(folder.path(), elsewhere.path() + "/link");
  EXPECT_FALSE(opens({elsewhere.path() + "/link", false}));
  EXPECT_FALSE(opens({elsewhere.path() + "/link", true}));
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

TEST_F(LockFolders, SecondFolderIsMadeAndUsedWhenTheFirstIsMissing) {
  const Trace trace(folder.path() + "/trace");
  Peer peer(folder.path() + "/missing:+" + folder.path() + "/own");
  EXPECT_EQ(peer.lock(kA, LockKind::exclusive).status, Status::success);
  EXPECT_TRUE(fs::exists(folder.path() + "/own/" + layout::kFileName));
  EXPECT_EQ(fs::status(folder.path() + "/own").permissions(), fs::perms::owner_all);
  EXPECT_FALSE(Peer(folder.path() + "/own").may_pass(kA));
  EXPECT_THAT(trace.text(), testing::HasSubstr("missing: No such file"));
}

TEST_F(LockFolders, WithoutAFolderLocksHoldInTheProcessAndTheTraceSaysSoOnce) {
  const Trace trace(folder.path() + "/trace");
  Peer peer(folder.path() + "/missing");
  EXPECT_EQ(peer.lock(kA, LockKind::exclusive).status, Status::success);
  EXPECT_EQ(peer.lock(2, LockKind::exclusive).status, Status::error_rsrc_locked);
  EXPECT_EQ(peer.lock_many(3), 3);
  const std::string text = trace.text();
  EXPECT_THAT(text, testing::HasSubstr("hold inside this process only"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
}

TEST_F(LockFolders, TheCommonOnesAreNotChosenByTheEnvironment) {
  const auto folders = default_lock_folders();
  const std::string user = std::to_string(::geteuid());
  ASSERT_GE(folders.size(), 3u);
  EXPECT_EQ(folders[0].path, "/run/lock/freevisa");
  EXPECT_FALSE(folders[0].own) << "the administrator makes it";
  EXPECT_EQ(folders[1].path, "/run/user/" + user + "/freevisa");
  EXPECT_EQ(folders[2].path, "/dev/shm/freevisa-" + user);
  for (std::size_t i = 1; i < folders.size(); ++i) EXPECT_TRUE(folders[i].own);
  ::setenv("TMPDIR", "/nowhere", 1);
  ::setenv("XDG_RUNTIME_DIR", "/nowhere", 1);
  const auto again = default_lock_folders();
  ::unsetenv("TMPDIR");
  ::unsetenv("XDG_RUNTIME_DIR");
  ASSERT_EQ(again.size(), folders.size());
  for (std::size_t i = 0; i < folders.size(); ++i) EXPECT_EQ(again[i].path, folders[i].path);
}

TEST_F(LockFolders, FolderOfOnesOwnIsMadeForOneUserWhateverTheUmask) {
  const LockFolder mine{folder.path() + "/own", true};
  for (const mode_t umask : {0000u, 0022u, 0277u, 0777u}) {
    const mode_t before = ::umask(umask);
    EXPECT_TRUE(opens(mine)) << why;
    ::umask(before);
    EXPECT_EQ(fs::status(mine.path).permissions(), fs::perms::owner_all);
    fs::remove_all(mine.path);
  }
}

TEST_F(LockFolders, FolderOfOnesOwnThatOthersMayEnterIsNotTrusted) {
  const LockFolder mine{folder.path() + "/own", true};
  for (const mode_t rights : {0777u, 01777u, 0770u, 0755u}) {
    fs::create_directory(mine.path);
    ASSERT_EQ(::chmod(mine.path.c_str(), rights), 0);
    EXPECT_FALSE(opens(mine)) << rights;
    EXPECT_THAT(why, testing::HasSubstr("one user alone"));
    fs::remove_all(mine.path);
  }
}

// Two processes of the user meet in the next name, whatever stands in the way of the first.
TEST_F(LockFolders, NameTakenByAStrangerIsPassedOverByEverybody) {
  const std::string names = own("a") + ":" + own("b") + ":" + own("c");
  const std::string first = folder.path() + "/a";
  const auto meet = [&] {
    Peer one(names);
    EXPECT_EQ(one.lock(kA, LockKind::exclusive).status, Status::success);
    Peer two(names);
    return !two.may_pass(kA) && fs::exists(folder.path() + "/b/" + layout::kFileName);
  };
  std::ofstream(first) << "a file";
  EXPECT_TRUE(meet());
  fs::remove(first);
  fs::create_symlink(folder.path() + "/elsewhere", first);
  EXPECT_TRUE(meet());
  EXPECT_FALSE(fs::exists(folder.path() + "/elsewhere"));
  fs::remove(first);
  if (::geteuid() != 0) return;  // root gives a folder away
  fs::create_directory(first);
  ASSERT_EQ(::chown(first.c_str(), kNobody, kNobody), 0);
  EXPECT_TRUE(meet());
}

// A service runs, then its user logs in: the better folder comes to be, the service's is in use.
TEST_F(LockFolders, FolderInUseComesBeforeABetterOneThatNobodyUses) {
  const std::string names = "+" + folder.path() + "/login/own:" + own("always");
  Peer service(names);
  EXPECT_EQ(service.lock(kA, LockKind::exclusive).status, Status::success);
  fs::create_directory(folder.path() + "/login");
  Peer desktop(names);
  EXPECT_FALSE(desktop.may_pass(kA));
  service.kill();
  EXPECT_EQ(desktop.lock(kA, LockKind::exclusive).status, Status::success);
  EXPECT_FALSE(Peer(names).may_pass(kA));
  desktop.kill();
  Peer later(names);  // nobody is left in the second: the first
  EXPECT_EQ(later.lock(kA, LockKind::exclusive).status, Status::success);
  EXPECT_TRUE(fs::exists(folder.path() + "/login/own/" + layout::kFileName));
}

// The user logs out, and the folder goes while processes use it.
TEST_F(LockFolders, FolderThatGoesWhileInUseIsReplacedByTheNext) {
  const std::string names = own("login") + ":" + own("always");
  Peer one(names);
  Peer two(names);
  EXPECT_EQ(one.lock(kA, LockKind::exclusive).status, Status::success);
  fs::remove_all(folder.path() + "/login");
  std::ofstream(folder.path() + "/login") << "cannot be made again";
  EXPECT_EQ(one.lock(2, LockKind::exclusive).status, Status::error_rsrc_locked);
  EXPECT_EQ(one.unlock(kA), Status::success);
  EXPECT_EQ(one.lock(kA, LockKind::exclusive).status, Status::success);
  EXPECT_TRUE(fs::exists(folder.path() + "/always/" + layout::kFileName));
  EXPECT_EQ(two.lock(kA, LockKind::exclusive).status, Status::error_rsrc_locked);
  EXPECT_FALSE(two.may_pass(kA));
  EXPECT_FALSE(Peer(names).may_pass(kA));
}

// Rights need a user whom they bind.
class LockUsers : public LockFolders {
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
  EXPECT_TRUE(opens(folder.folder()));  // root may, in a folder of this mode
  ASSERT_EQ(::chmod(folder.file().c_str(), 0440), 0);
  Peer reader(folder.path(), kResource, 61001, kGroup);
  EXPECT_EQ(reader.lock(kA, LockKind::exclusive).status, Status::success);
  EXPECT_EQ(reader.lock(2, LockKind::exclusive).status, Status::error_rsrc_locked);
}

}  // namespace
}  // namespace visa::locks
