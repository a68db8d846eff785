// SPDX-License-Identifier: MIT
// One open and mapped file of locks, seen from one process: its slot, the guards, who is alive. One
// descriptor whatever the number of resources. Owned by a LockStore. Any thread. In a child of fork
// the descriptor is closed, because a copy of it would keep the locks of a parent that died.
//
// The kernel says who lives: a process holds the byte of its slot by an open-file-description lock
// and loses it only by its end. Truncating the file while it is mapped kills whoever touches it
// (SIGBUS): that is in the hands of those who may write the folder, and outside the guarantee.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "lib/locks/lock_layout.h"

namespace visa::locks {

/// A place where the file may be. `make`: the folder itself is made when its parent is there.
struct LockFolder {
  std::string path;
  bool make = false;
};

/// Where the computer's locks are, best first: for all users of the group that tmpfiles.d names,
/// else for the processes of this user. Never chosen by the environment: a cron job and a desktop
/// must meet in one place.
std::vector<LockFolder> default_lock_folders();

class LockFile {
 public:
  /// Null with the reason in `why` when the folder cannot be used; waits a second at most, and that
  /// only for a process that is just making the file.
  static std::shared_ptr<LockFile> open(const LockFolder& folder, std::string& why);
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;
  ~LockFile();

  layout::Header& header() const noexcept { return *header_; }
  layout::Record& record(std::size_t layer, std::size_t stripe) const noexcept {
    return layers_[layer][stripe];
  }

  /// Layers that may be touched, those that other processes have added included.
  std::size_t layers() noexcept;
  /// Adds a layer; false when the file system or the file is full.
  bool grow() noexcept;

  /// False in a child of fork.
  bool usable() const noexcept;
  /// False when the file has been deleted.
  bool linked() const noexcept;

  /// The slot of this process, taken by the first who asks; -1 when all are taken.
  int take_slot() noexcept;
  /// -1 while none is taken.
  int slot() const noexcept { return slot_.load(std::memory_order_acquire); }
  /// Of this process's slot.
  std::uint32_t generation() const noexcept { return generation_; }
  /// True if `word` in the place of `slot` was written by the process that has the slot now. It may
  /// be dead.
  bool valid(std::size_t slot, layout::Word word) const noexcept;
  /// Asks the kernel whether another process has the slot.
  bool alive(std::size_t slot) const noexcept;

  /// Who may add holders to the records of a stripe: one thread of one process.
  class Guard {
   public:
    /// Tries for some microseconds.
    Guard(LockFile& file, std::size_t stripe) noexcept;
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;
    ~Guard();
    explicit operator bool() const noexcept { return held_; }

   private:
    LockFile& file_;
    const std::size_t stripe_;
    const std::unique_lock<std::mutex> threads_;
    bool held_ = false;
  };

 private:
  explicit LockFile(std::size_t entry) noexcept : entry_(entry) {}
  bool map(int description, std::string& why);
  int fd() const noexcept;
  void clear_words(std::size_t slot) noexcept;

  const std::size_t entry_;  // in the table of descriptors
  layout::Header* header_ = nullptr;
  layout::Layer* layers_ = nullptr;
  std::atomic<std::size_t> known_layers_{1};
  // Threads of one process share its descriptor, which does not exclude them from each other.
  std::array<std::mutex, layout::kStripes> threads_;
  std::mutex slot_mutex_;
  std::atomic<int> slot_{-1};
  std::uint32_t generation_ = 0;  // written before slot_
};

}  // namespace visa::locks
