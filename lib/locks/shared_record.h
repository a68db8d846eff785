// SPDX-License-Identifier: MIT
// One resource in the file of locks, as this process sees it: what others hold, and what this
// process lets them see of its LockRecord. Owned by a LockDomain; under its mutex, but current().
// Without a file it answers that nobody else is there.
//
// Adding a holder is done inside an Entry, under the guard that one thread of one process has.
// Giving up and nesting need no guard: they change the word of this process, and make room only.
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
  /// `name` and `mine` live at least as long. A null `store`: locks of this process only.
  SharedRecord(std::string_view name, std::shared_ptr<LockStore> store, const LockRecord& mine);
  SharedRecord(const SharedRecord&) = delete;
  SharedRecord& operator=(const SharedRecord&) = delete;
  ~SharedRecord();

  /// True while no process has changed anything since the last look(). Two loads; any thread.
  bool current() const noexcept {
    return sequence_.load(std::memory_order_acquire)->load(std::memory_order_acquire) ==
           seen_.load(std::memory_order_acquire);
  }

  enum class Care : std::uint8_t { trusting, verifying };
  /// What others hold; verifying asks the kernel whether each of them is alive, and takes away what
  /// the dead have left. The key is only there inside an Entry.
  Others look(Care care) noexcept;
  /// As of the last look(); holder() is one of the processes that hold something, for texts.
  const Others& others() const noexcept { return others_; }
  std::string holder() const;

  /// LockStore::where, for texts.
  std::string where() const;

  /// Lets the others see what `mine` holds now.
  void publish() noexcept;

  /// True where there should be a file and is none: other processes do not see the locks.
  bool divided() const noexcept {
    return store_ != nullptr && file_ == nullptr && store_->wanted();
  }

  /// False: there is no file.
  bool attached() const noexcept { return file_ != nullptr; }

  /// Who waits, for the order among processes: since when, and whether it would go over its group.
  struct Wish {
    std::uint32_t since;
    bool member;
  };
  static std::uint32_t now() noexcept;  // ticks of 65 us, the same for all processes

  enum class Outcome : std::uint8_t {
    inside,
    detached,  // there is no file any more
    busy,      // another process is inside: again soon
    too_many_processes,
    too_many_resources
  };
  class Entry {
   public:
    explicit Entry(SharedRecord& record) noexcept;
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    ~Entry() { record_.others_.key = {}; }
    Outcome outcome() const noexcept { return outcome_; }
    /// Verified, and with the key of the group.
    const Others& others() const noexcept { return record_.others_; }
    /// True if an older request of another process is to have its turn before `wish`. It is given
    /// that for some milliseconds after a release; who does not take it then has lost it.
    bool has_to_yield(const Wish& wish) noexcept;
    /// Shows what waits here, nullopt for nothing, and what `mine` holds.
    void publish(std::optional<Wish> wish) noexcept;

   private:
    SharedRecord& record_;
    std::optional<LockFile::Guard> guard_;
    std::array<char, 256> key_;  // written when there is one
    Outcome outcome_ = Outcome::detached;
  };

  /// Nobody of this process waits any more.
  void withdraw_wish() noexcept;

 private:
  std::atomic<std::uint64_t>& sequence() const noexcept;
  void attach(std::shared_ptr<LockFile> file) noexcept;
  void follow() noexcept;
  void pay_debt() noexcept;
  bool is_ours(const layout::Record& record) const noexcept;
  layout::Record* find() noexcept;
  layout::Record* claim() noexcept;
  bool idle(layout::Record& record) const noexcept;
  void observe(Care care) noexcept;
  bool belongs(layout::Record& record, std::size_t slot, layout::Word word, Care care) noexcept;
  void changed() noexcept;

  const std::string_view name_;
  const std::uint64_t hash_;
  const std::shared_ptr<LockStore> store_;
  const LockRecord& mine_;

  std::shared_ptr<LockFile> file_;
  layout::Record* found_ = nullptr;  // where the record was last; another's may be there now
  layout::Word word_ = 0;            // what stands in the place of this process
  std::optional<Wish> wish_;
  bool owes_ = false;  // `mine` holds what the others cannot see yet
  Others others_;
  std::uint32_t process_ = 0;  // with the PID namespace it was in
  std::uint64_t process_space_ = 0;

  std::atomic<const std::atomic<std::uint64_t>*> sequence_;
  std::atomic<std::uint64_t> seen_{0};
};

}  // namespace visa::locks
