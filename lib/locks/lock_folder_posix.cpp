// SPDX-License-Identifier: MIT
// The file is first opened without O_CREAT, because fs.protected_regular refuses O_CREAT in sticky
// folders. It is made with O_EXCL and then gets its rights by fchmod, because the umask belongs to
// the program. A user's own folder may stand in /dev/shm and /tmp, where every user may make
// folders: mkdir(2) decides which user was first, and a directory that is not this user's, or not
// for this user alone, is passed over. These places are sticky, so no other user can replace or
// remove the folder afterwards. /dev/shm comes before /tmp, because services often have a private
// /tmp (PrivateTmp).
#include "lib/locks/lock_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "lib/base/deadline.h"
#include "lib/base/unique_fd.h"
#include "lib/locks/lock_layout.h"

namespace visa::locks {
namespace {

// How long the process that makes a file or folder may take to give it its rights.
constexpr std::chrono::milliseconds kRightsTime{20};
constexpr mode_t kOwnRights = 0700;
constexpr mode_t kRights = 05777;  // all but set-group-ID, which a folder inherits

void pause_briefly() {
  const timespec millisecond{0, 1000000};
  ::nanosleep(&millisecond, nullptr);
}

std::string reason() {
  return std::generic_category().message(errno);
}

UniqueFd open_directory(const std::string& path) {
  return UniqueFd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

/// Makes the directory, or opens the one that another process has just made. Empty with the reason
/// in errno if both fail.
UniqueFd make_directory(const std::string& path) {
  if (::mkdir(path.c_str(), kOwnRights) == 0) {
    ::chmod(path.c_str(), kOwnRights);  // for a umask that takes rights from the owner
  } else if (errno != EEXIST) {
    return {};
  }
  return open_directory(path);
}

UniqueFd open_folder(const LockFolder& folder, bool make, std::string& why) {
  const Deadline rights = Deadline::after(kRightsTime);
  for (;; pause_briefly()) {
    UniqueFd fd = open_directory(folder.path);
    if (!fd && errno == ENOENT && folder.own && make) {
      fd = make_directory(folder.path);
    }
    struct stat status {};
    if (!fd || ::fstat(fd.get(), &status) != 0) {
      if (errno == EACCES && folder.own && !rights.expired()) continue;
      why = reason();
      return {};
    }
    const bool own = status.st_uid == ::geteuid();
    // Every user may write to /run/lock on some systems: trust only a folder of root or of this
    // user.
    if (!own && (folder.own || status.st_uid != 0)) {
      why = "it belongs to another user, number " + std::to_string(status.st_uid);
      return {};
    }
    if (!folder.own || (status.st_mode & kRights) == kOwnRights) return fd;
    if (!rights.expired()) continue;
    why = "its rights are not those of one user alone";
    return {};
  }
}

ChildClosedFd open_once(int folder, int how) {
  return ChildClosedFd::made_by([&] { return ::openat(folder, layout::kFileName, how, 0660); });
}

ChildClosedFd open_in(int folder, bool make, std::string& why) {
  constexpr int kHow = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
  const Deadline rights = Deadline::after(kRightsTime);
  for (;;) {
    auto fd = open_once(folder, kHow);
    if (!fd && errno == ENOENT && make) {
      fd = open_once(folder, kHow | O_CREAT | O_EXCL);
      if (!fd && errno == EEXIST && !rights.expired()) continue;
      if (fd && ::fchmod(fd.get(), 0660) != 0) {
        why = "the file's rights cannot be set: " + reason();
        return {};
      }
    }
    if (fd || errno != EACCES || rights.expired()) {
      if (!fd) why = std::string(layout::kFileName) + ": " + reason();
      return fd;
    }
    pause_briefly();
  }
}

}  // namespace

std::vector<LockFolder> default_lock_folders() {
  const std::string user = std::to_string(::geteuid());
  std::vector<LockFolder> folders{{"/run/lock/freevisa", false},
                                  {"/run/user/" + user + "/freevisa", true}};
  for (const char* again : {"", ".1"}) {
    for (const char* place : {"/dev/shm", "/tmp"}) {
      folders.push_back({std::string(place) + "/freevisa-" + user + again, true});
    }
  }
  return folders;
}

ChildClosedFd open_lock_file(const LockFolder& folder, bool make, std::string& why) {
  const UniqueFd directory = open_folder(folder, make, why);
  if (!directory) return {};
  auto fd = open_in(directory.get(), make, why);
  struct stat status {};
  if (!fd) return fd;
  if (::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    why = std::string(layout::kFileName) + " is not a regular file";
    return {};
  }
  return fd;
}

}  // namespace visa::locks
