// SPDX-License-Identifier: MIT
// The locks of the computer as one process sees them: the slot of this process, the guards, which
// processes are alive, and the shared memory with the records. One descriptor serves any number of
// resources. Owned by a LockStore. Any thread. In a child of fork the descriptor is closed, because
// a copy of it would keep the locks of a parent that died. docs/lock-file.md has the whole picture.
//
// The FILE has no content. It has a name and access rights, by which the processes find each other,
// and it lets the kernel say which processes live, because a process loses its
// open-file-description (OFD) locks only when it ends. The CONTENT is in System V shared memory. A
// mapped file would not do: SIGBUS kills its readers when another process shortens it, and only a
// memory file without a name can be sealed against that. System V memory has a fixed size and lives
// as long as a process has it attached, so reading it never faults, and a transfer needs no system
// call, check or signal handler before it. The memory is marked for removal as soon as it is
// attached, so that it disappears with its last process. Processes find it by its number: each user
// of the memory locks the byte of the file that stands for the number. Rejected: pread before every
// transfer and process_vm_readv on the mapping (both a system call each time), and a sealed memfd
// (only processes of the same user reach it through /proc).
//
// Limits: processes of different IPC namespaces (containers that share only the folder) do not see
// each other's locks. Members of the primary group of the process that made the memory may attach
// it, as members of the folder's group may.
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
  /// Null with the reason in `why` when the folder cannot be used. Waits at most a second, and only
  /// while another process is just making the file or its memory.
  static std::shared_ptr<LockFile> open(const LockFolder& folder, std::string& why);
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;
  ~LockFile();

  /// True when a living process uses the file in `folder`. Creates nothing.
  static bool in_use(const LockFolder& folder);

  layout::Header& header() const noexcept { return *header_; }
  layout::Record& record(std::size_t layer, std::size_t stripe) const noexcept {
    return layers_[layer][stripe];
  }

  /// Number of layers in use, including those that other processes have added.
  std::size_t layers() noexcept;
  /// Adds a layer; false when all kMaxLayers are in use.
  bool grow() noexcept;

  /// False in a child of fork.
  bool usable() const noexcept { return static_cast<bool>(fd_); }
  /// False when the file has been deleted.
  bool linked() const noexcept;

  /// The slot of this process. The first call takes a slot; -1 when other processes have them all.
  int take_slot() noexcept;
  /// -1 while this process has no slot.
  int slot() const noexcept { return slot_.load(std::memory_order_acquire); }
  /// The generation of this process's slot.
  std::uint32_t generation() const noexcept { return generation_; }
  /// True if `word` in the place of `slot` carries the slot's present generation. Its writer may be
  /// dead.
  bool valid(std::size_t slot, layout::Word word) const noexcept;
  /// Asks the kernel whether another process has the slot.
  bool alive(std::size_t slot) const noexcept;

  /// Lets one thread of one process add holders to the records of a stripe.
  class Guard {
   public:
    /// Tries for some microseconds; false when another process kept the stripe.
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
  // An OFD lock does not exclude the threads of one process from each other: they share the
  // descriptor.
  std::array<std::mutex, layout::kStripes> threads_;
  std::mutex slot_mutex_;
  std::atomic<int> slot_{-1};
  std::uint32_t generation_ = 0;  // written before slot_
};

}  // namespace visa::locks
