// SPDX-License-Identifier: MIT
// Invariant: once chosen, the file stays the same for all domains of this process until it is
// deleted; then renew() chooses the next one, once for all of them.
#include "lib/locks/lock_store.h"

#include <algorithm>
#include <exception>
#include <string>

#include "lib/base/log.h"

namespace visa::locks {
namespace {

// A user who deletes the file again and again divides the locks, but cannot make the process grow.
constexpr std::size_t kMaxRetired = 16;

}  // namespace

std::shared_ptr<LockFile> LockStore::file() {
  {
    const MutexLock held(mutex_);
    if (opened_) return choice_.file;
  }
  const MutexLock choosing(choosing_);
  {
    const MutexLock held(mutex_);
    if (opened_) return choice_.file;
  }
  Choice first = choose();
  const MutexLock held(mutex_);
  choice_ = std::move(first);
  opened_ = true;
  return choice_.file;
}

std::shared_ptr<LockFile> LockStore::current() noexcept {
  const MutexLock held(mutex_);
  return choice_.file;
}

std::string LockStore::where() {
  if (folders_.empty()) return "locks hold inside this process only";
  file();
  const MutexLock held(mutex_);
  if (choice_.file != nullptr) return "locks meet in " + choice_.folder;
  return "locks hold inside this process only, because " + choice_.reasons;
}

bool LockStore::try_folder(const LockFolder& folder, Choice& choice) const {
  std::string why;
  choice.file = LockFile::open(folder, why);
  if (choice.file != nullptr) {
    choice.folder = folder.path;
    return true;
  }
  choice.reasons += (choice.reasons.empty() ? "" : "; ") + folder.path + ": " + why;
  return false;
}

LockStore::Choice LockStore::choose() const {
  Choice choice;
  bool found = std::any_of(folders_.begin(), folders_.end(), [&](const LockFolder& folder) {
    return !folder.own && try_folder(folder, choice);
  });
  const std::string of_several_users = choice.reasons;
  for (const bool used : {true, false}) {
    if (found) break;
    choice.reasons = of_several_users;  // so that no folder appears twice
    found = std::any_of(folders_.begin(), folders_.end(), [&](const LockFolder& folder) {
      return folder.own && (!used || LockFile::in_use(folder)) && try_folder(folder, choice);
    });
  }
  if (!log::enabled() || choice.reasons.empty()) return choice;
  log::line(found ? "locks: in " + choice.folder + ", because " + choice.reasons
                  : "locks: they hold inside this process only, because " + choice.reasons);
  return choice;
}

void LockStore::renew() noexcept {
  const auto file = current();
  if (file == nullptr || !file->usable()) return;
  if (file->linked()) {
    auto& retired = file->header().retired;
    if (retired.load(std::memory_order_relaxed) != 0) retired.store(0, std::memory_order_relaxed);
    return;
  }
  try {
    replace(file);
  } catch (const std::exception&) {  // out of memory; the next call tries again
  }
}

void LockStore::replace(const std::shared_ptr<LockFile>& old) {
  const MutexLock choosing(choosing_);
  {
    const MutexLock held(mutex_);
    if (choice_.file != old || retired_.size() >= kMaxRetired) return;
  }
  Choice next = choose();
  const MutexLock held(mutex_);
  retired_.push_back(old);
  choice_ = std::move(next);
  // Tells the domains that only read to look for the new file.
  old->header().retired.store(1, std::memory_order_release);
  for (auto& sequence : old->header().sequences) sequence.fetch_add(1);
}

}  // namespace visa::locks
