// SPDX-License-Identifier: MIT
// Which lock file this process uses. A folder for several users comes first, then the folders of
// this user. Among those, a file that another process uses comes before a better one that is
// unused, because the folder of a login comes and goes while a service runs. Without any usable
// file, locks hold inside the process only, and the trace says why, once. If the file is deleted
// while in use, each process moves to the next one when it next asks for a lock, with all its
// domains. Owned by the domains of a LockRegistry. Any thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lib/base/thread_annotations.h"
#include "lib/locks/lock_file.h"

namespace visa::locks {

class LockStore {
 public:
  explicit LockStore(std::vector<LockFolder> folders) : folders_(std::move(folders)) {}

  /// The lock file; the first call opens it. Null when there is none.
  std::shared_ptr<LockFile> file();

  /// The same without opening anything: null before the first file(). Never waits for a thread that
  /// opens files.
  std::shared_ptr<LockFile> current() noexcept;

  /// Replaces the file if it was deleted. Opening the next one can take a second, so this is for
  /// requests of locks, not for transfers, and no mutex that a transfer needs may be held.
  void renew() noexcept;

  /// False where no folder was given: locks are meant to stay inside this process.
  bool wanted() const noexcept { return !folders_.empty(); }

  /// For user texts: "locks meet in /run/lock/freevisa", or that locks hold inside this process
  /// only, and why.
  std::string where();

 private:
  struct Choice {
    std::shared_ptr<LockFile> file;  // null: no folder is usable
    std::string folder;
    std::string reasons;  // why the folders before it were not usable
  };
  Choice choose() const;
  bool try_folder(const LockFolder& folder, Choice& choice) const;
  void replace(const std::shared_ptr<LockFile>& old) VISA_EXCLUDES(choosing_, mutex_);

  const std::vector<LockFolder> folders_;
  Mutex choosing_;  // held while files are opened, which can take long; taken before mutex_
  Mutex mutex_;     // held briefly
  bool opened_ VISA_GUARDED_BY(mutex_) = false;
  Choice choice_ VISA_GUARDED_BY(mutex_);
  // These files stay attached, because a thread may be reading a sequence number of them without a
  // mutex. At most kMaxRetired.
  std::vector<std::shared_ptr<LockFile>> retired_ VISA_GUARDED_BY(mutex_);
};

}  // namespace visa::locks
