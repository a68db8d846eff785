// SPDX-License-Identifier: MIT
// Which lock file this process uses: that of a folder for several users where there is one, else
// that of a folder of this user, and there one that another process uses before a better one that
// nobody uses: the folder of a login comes and goes while a service runs. Or none: then locks hold
// inside the process only, and the trace says why, once. When the file is deleted while in use,
// everybody moves to the next. Owned by the domains of a LockRegistry. Any thread.
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

  /// Opens it at the first call. Null: there is none.
  std::shared_ptr<LockFile> file();

  /// False where no folder was given: locks are meant to stay inside this process.
  bool wanted() const noexcept { return !folders_.empty(); }

  /// For texts: "locks meet in /run/lock/freevisa", or that they do not leave this process and why.
  std::string where();

  /// The file that everybody goes to from `old`: the same one if it is not deleted after all.
  std::shared_ptr<LockFile> successor(const std::shared_ptr<LockFile>& old) noexcept;

 private:
  struct Choice {
    std::shared_ptr<LockFile> file;  // null: none will do
    std::string folder;
    std::string reasons;  // why it is not another folder
  };
  Choice choose() const;
  bool try_folder(const LockFolder& folder, Choice& choice) const;

  const std::vector<LockFolder> folders_;
  Mutex mutex_;
  bool opened_ VISA_GUARDED_BY(mutex_) = false;
  Choice choice_ VISA_GUARDED_BY(mutex_);
  // Kept attached: a thread may be reading a sequence number of it without a lock. Few
  // (kMaxRetired).
  std::vector<std::shared_ptr<LockFile>> retired_ VISA_GUARDED_BY(mutex_);
};

}  // namespace visa::locks
