// SPDX-License-Identifier: MIT
// Which file of locks this process uses: the first of its folders that will do, or none (then locks
// hold inside the process only, and the trace says why, once). When the file is deleted while in
// use, everybody moves to the next. Owned by the domains of a LockRegistry. Any thread.
#pragma once

#include <memory>
#include <vector>

#include "lib/base/thread_annotations.h"
#include "lib/locks/lock_file.h"

namespace visa::locks {

class LockStore {
 public:
  explicit LockStore(std::vector<LockFolder> folders) : folders_(std::move(folders)) {}

  /// Opens it at the first call. Null: there is none.
  std::shared_ptr<LockFile> file();

  /// The file that everybody goes to from `old`: the same one if it is not deleted after all.
  std::shared_ptr<LockFile> successor(const std::shared_ptr<LockFile>& old) noexcept;

 private:
  void open_one() VISA_REQUIRES(mutex_);

  const std::vector<LockFolder> folders_;
  Mutex mutex_;
  bool opened_ VISA_GUARDED_BY(mutex_) = false;
  std::shared_ptr<LockFile> file_ VISA_GUARDED_BY(mutex_);
  // Kept mapped: a thread may be reading a sequence number of it without a lock. Few (kMaxRetired).
  std::vector<std::shared_ptr<LockFile>> retired_ VISA_GUARDED_BY(mutex_);
};

}  // namespace visa::locks
