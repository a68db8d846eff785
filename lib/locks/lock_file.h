// SPDX-License-Identifier: MIT
// The locks of the computer, seen from one process: its slot, the guards, who is alive, and the
// shared memory with the records. One descriptor whatever the number of resources. Owned by a
// LockStore. Any thread. In a child of fork the descriptor is closed, because a copy of it would
// keep the locks of a parent that died.
//
// A FILE gives what only a file can: a name and rights by which the processes find each other, and
// the kernel's word on who lives, because a process loses its open-file-description (OFD) locks
// only by its end. It has no content. The CONTENT is in System V shared memory, because a mapped
// file kills its readers by SIGBUS when somebody shortens it, and nothing but a memory file that
// has no name can be sealed against that. System V memory has a fixed size and lives as long as a
// process has it attached, so reading it never faults: no system call, no check, no signal handler
// is needed before a transfer. It is removed as soon as it is attached, so that it goes with its
// last process, and found by its number, which its users show as a locked byte of the file. Weighed
// and refused: pread before every transfer (a system call for each), process_vm_readv on the
// mapping (the same), a sealed memfd (reached through /proc by the same user alone).
//
// The limits of this: processes of different IPC namespaces (containers that share the folder and
// nothing else) do not see each other's locks; members of the primary group of the process that
// made the memory may attach it, as members of the folder's group may.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "lib/base/child_closed_fd.h"
#include "lib/locks/lock_folder.h"
#include "lib/locks/lock_layout.h"

namespace visa::locks {

class LockFile {
 public:
  /// Null with the reason in `why` when the folder cannot be used; waits a second at most, and that
  /// only for a process that is just making the file.
  static std::shared_ptr<LockFile> open(const LockFolder& folder, std::string& why);
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;
  ~LockFile();

  /// True when a living process uses the file in `folder`. Makes nothing.
  static bool in_use(const LockFolder& folder);

  layout::Header& header() const noexcept { return *header_; }
  layout::Record& record(std::size_t layer, std::size_t stripe) const noexcept {
    return layers_[layer][stripe];
  }

  /// Layers in use, those that other processes have added included.
  std::size_t layers() noexcept;
  /// Adds a layer; false when there is none left.
  bool grow() noexcept;

  /// False in a child of fork.
  bool usable() const noexcept { return static_cast<bool>(fd_); }
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
  LockFile(ChildClosedFd fd, layout::Header& memory) noexcept;
  void clear_words(std::size_t slot) noexcept;

  const ChildClosedFd fd_;
  layout::Header* const header_;
  layout::Layer* const layers_;
  std::atomic<std::size_t> known_layers_{1};
  // Threads of one process share its descriptor, which does not exclude them from each other.
  std::array<std::mutex, layout::kStripes> threads_;
  std::mutex slot_mutex_;
  std::atomic<int> slot_{-1};
  std::uint32_t generation_ = 0;  // written before slot_
};

}  // namespace visa::locks
