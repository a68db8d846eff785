// SPDX-License-Identifier: MIT
#include "lib/locks/lock_store.h"

#include <exception>
#include <string>

#include "lib/base/log.h"

namespace visa::locks {
namespace {

// Who deletes the file again and again gets locks that hold less far, not a process that grows.
constexpr std::size_t kMaxRetired = 16;

}  // namespace

std::shared_ptr<LockFile> LockStore::file() {
  const MutexLock held(mutex_);
  if (!opened_) {
    opened_ = true;
    open_one();
  }
  return file_;
}

void LockStore::open_one() {
  if (folders_.empty()) return;
  std::string reasons;
  for (const LockFolder& folder : folders_) {
    std::string why;
    file_ = LockFile::open(folder, why);
    if (file_ != nullptr) {
      if (!reasons.empty() && log::enabled()) {
        log::line("locks: in " + folder.path + ", because " + reasons);
      }
      return;
    }
    reasons += (reasons.empty() ? "" : "; ") + folder.path + ": " + why;
  }
  if (log::enabled()) {
    log::line("locks: they hold inside this process only, because " + reasons);
  }
}

std::shared_ptr<LockFile> LockStore::successor(const std::shared_ptr<LockFile>& old) noexcept {
  try {
    const MutexLock held(mutex_);
    if (file_ != old) return file_;
    if (old->linked()) {
      old->header().retired.store(0, std::memory_order_relaxed);
      return old;
    }
    if (retired_.size() >= kMaxRetired) return old;
    retired_.push_back(old);
    file_ = nullptr;
    open_one();
    // Processes and domains that only read look here next.
    old->header().retired.store(1, std::memory_order_release);
    for (auto& sequence : old->header().sequences) sequence.fetch_add(1);
    return file_;
  } catch (const std::exception&) {
    return old;  // no memory: later, perhaps
  }
}

}  // namespace visa::locks
