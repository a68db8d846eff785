// SPDX-License-Identifier: MIT
// One resource in the table of locks, as this process sees it: what other processes hold, and what
// this process shows them of its LockRecord. Owned by a LockDomain; used under its mutex, except
// current(). Without a lock file it answers that no other process holds anything.
//
// A process becomes a holder only inside an Entry, under the guard that one thread of one process
// has at a time. Releasing and nesting need no guard: they change only the word of this process,
// and never take anything that another process may want.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "lib/locks/lock_file.h"
#include "lib/locks/lock_record.h"
#include "lib/locks/lock_store.h"

namespace visa::locks {

class SharedRecord {
 public:
  /// `name` and `mine` must outlive this object. With a null `store` locks stay in this process.
  SharedRecord(std::string_view name, std::shared_ptr<LockStore> store, const LockRecord& mine);
  SharedRecord(const SharedRecord&) = delete;
  SharedRecord& operator=(const SharedRecord&) = delete;
  ~SharedRecord();

  /// True while no process has changed anything since the last look(). Two loads; any thread.
  bool current() const noexcept {
    return sequence_.load(std::memory_order_acquire)->load(std::memory_order_acquire) ==
           seen_.load(std::memory_order_acquire);
  }

  /// Before a request for a lock: replaces a lock file that was deleted (LockStore::renew). Any
  /// thread, without the mutex of the domain, because it can take a second.
  void renew() noexcept {
    if (store_ != nullptr) store_->renew();
  }

  /// True if another process has replaced the lock file that this process still uses.
  bool retired() const noexcept {
    return file_ != nullptr && file_->usable() &&
           file_->header().retired.load(std::memory_order_acquire) != 0;
  }

  enum class Liveness : std::uint8_t { assumed, checked };
  /// What other processes hold. Opens no file. `checked` asks the kernel whether each holder is
  /// alive, and clears the words of dead ones. The key is empty except inside an Entry.
  HeldElsewhere look(Liveness liveness) noexcept;
  /// The result of the last look().
  const HeldElsewhere& held_elsewhere() const noexcept { return held_elsewhere_; }
  /// For user texts: one of the processes that held something at the last look().
  std::string holder() const;

  /// For user texts: LockStore::where.
  std::string where() const;

  /// Shows other processes what `mine` holds now.
  void publish() noexcept;

  /// True if other processes should see the locks but cannot, because no lock file is usable.
  bool divided() const noexcept {
    return store_ != nullptr && file_ == nullptr && store_->wanted();
  }

  /// False if there is no lock file.
  bool attached() const noexcept { return file_ != nullptr; }

  /// What this process waits for, for the order among processes: since when, and whether a member
  /// of the group waits for an exclusive lock over it.
  struct Wish {
    std::uint32_t since;
    bool member;
  };
  static std::uint32_t now() noexcept;  // ticks of 65 us, the same for all processes

  enum class Outcome : std::uint8_t {
    inside,
    detached,  // there is no lock file
    busy,      // another process has the guard: try again soon
    too_many_processes,
    too_many_resources
  };
  class Entry {
   public:
    explicit Entry(SharedRecord& record) noexcept;
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    ~Entry() { record_.held_elsewhere_.key = {}; }
    Outcome outcome() const noexcept { return outcome_; }
    /// What other living processes hold, with the key of the group.
    const HeldElsewhere& held_elsewhere() const noexcept { return record_.held_elsewhere_; }
    /// True if an older request of another process goes before `wish`. Its turn lasts some
    /// milliseconds after a release; a request that does not take the lock in that time loses its
    /// place.
    bool has_to_yield(const Wish& wish) noexcept;
    /// Shows other processes what this process waits for (nullopt: nothing) and what `mine` holds.
    void publish(std::optional<Wish> wish) noexcept;

   private:
    SharedRecord& record_;
    std::optional<LockFile::Guard> guard_;
    std::array<char, 256> key_;  // uninitialised until a group's key is read into it
    Outcome outcome_ = Outcome::detached;
  };

  /// Tells other processes that this process no longer waits.
  void withdraw_wish() noexcept;

 private:
  std::atomic<std::uint64_t>& sequence() const noexcept;
  void attach(std::shared_ptr<LockFile> file) noexcept;
  void follow() noexcept;
  void publish_missed() noexcept;
  bool is_ours(const layout::Record& record) const noexcept;
  layout::Record* find() noexcept;
  layout::Record* claim() noexcept;
  bool idle(layout::Record& record) const noexcept;
  void observe(Liveness liveness) noexcept;
  bool counts(layout::Record& record, std::size_t slot, layout::Word word,
              Liveness liveness) noexcept;
  void changed() noexcept;

  const std::string_view name_;
  const std::uint64_t hash_;
  const std::shared_ptr<LockStore> store_;
  const LockRecord& mine_;

  std::shared_ptr<LockFile> file_;
  layout::Record* found_ = nullptr;  // where the record was last; may have another name by now
  layout::Word word_ = 0;            // last written to the place of this process
  std::optional<Wish> wish_;
  bool unpublished_ = false;  // `mine` holds something that other processes do not see yet
  HeldElsewhere held_elsewhere_;
  std::uint32_t process_ = 0;  // of holder(); 0: none
  std::uint64_t process_space_ = 0;

  std::atomic<const std::atomic<std::uint64_t>*> sequence_;
  std::atomic<std::uint64_t> seen_{0};
};

}  // namespace visa::locks
