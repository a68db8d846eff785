// SPDX-License-Identifier: MIT
// Physical devices that the sessions of one process share: a tty, a USB interface, a GPIB board.
// The system lets one process open such a device at a time, so the first session opens the device,
// the others join it, and the last one closes it. Each wire has one table, keyed by identity
// (spi::Identity::key).
//
// Every device has a gate, which admits one session at a time to what the wire cannot share. A
// child of fork starts with an empty table: its descriptors of the device were closed at the fork,
// and the leases it inherited only free memory.
//
// Invariant: an entry is in the table from before its device is opened until after the device has
// been closed, so that an open waits for a close in progress and never gets a half-closed device.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "drivers/common/gate.h"
#include "lib/base/call.h"
#include "lib/base/condition.h"
#include "lib/base/process_local.h"
#include "lib/base/result.h"
#include "lib/base/thread_annotations.h"

namespace visa::drivers {

/// `Device` needs `void close(Call&) noexcept`; its destructor must only free memory.
template <class Device>
class SharedDevices {
  struct Entry {
    Gate gate;
    std::unique_ptr<Device> device;  // set once, before any lease is given out
    unsigned users = 0;              // under Table::mutex; 0 while opening or closing
  };
  struct Table {
    Mutex mutex;
    Condition changed;
    std::map<std::string, std::shared_ptr<Entry>, std::less<>> entries VISA_GUARDED_BY(mutex);
  };

 public:
  /// One session's share of a device. `release` is called once, on the closing thread.
  class Lease {
   public:
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) noexcept = default;

    Device& operator*() const noexcept { return *entry_->device; }
    Device* operator->() const noexcept { return entry_->device.get(); }
    /// Admits one session at a time.
    Gate& gate() const noexcept { return entry_->gate; }

    /// Ends this session's share. The last release closes the device, within `call.deadline`.
    void release(Call& call) noexcept {
      Table* table = std::exchange(table_, nullptr);
      if (table == nullptr) return;
      {
        const MutexLock lock(table->mutex);
        if (--entry_->users > 0) return;
      }
      entry_->device->close(call);
      const MutexLock lock(table->mutex);
      const auto at = table->entries.find(identity_);
      if (at != table->entries.end() && at->second == entry_) table->entries.erase(at);
      table->changed.notify_all();
    }

   private:
    friend class SharedDevices;
    Lease(Table& table, std::string identity, std::shared_ptr<Entry> entry)
        : table_(&table), identity_(std::move(identity)), entry_(std::move(entry)) {}

    Table* table_;
    std::string identity_;
    std::shared_ptr<Entry> entry_;
  };

  constexpr SharedDevices() noexcept = default;

  /// Joins the device of `identity`, or opens it with `open_device(Call&)`, which returns
  /// Result<std::unique_ptr<Device>> and runs without a lock of this table. While another thread
  /// opens or closes the same device, this thread waits: error_tmo, error_abort. Only the thread
  /// that opened gets the failure of `open_device`; a waiting thread then tries itself.
  template <class Open>
  Result<Lease> open(std::string_view identity, Call& call, Open&& open_device) {
    Table& table = tables_.instance();
    auto entry = std::make_shared<Entry>();
    std::string key(identity);
    {
      MutexLock lock(table.mutex);
      for (;;) {
        const auto [at, fresh] = table.entries.try_emplace(key, entry);
        if (fresh) break;
        if (at->second->users > 0) {
          ++at->second->users;
          return Lease(table, std::move(key), at->second);
        }
        if (call.cancelled()) return Status::error_abort;
        if (call.deadline.expired()) {
          return call.fail(Status::error_tmo,
                           key + ": another session is still opening or closing it; try again");
        }
        const auto look = Deadline::after(kLook);
        table.changed.wait_until(lock, std::min(look, call.deadline).time_point(), call);
      }
    }
    return open_entry(table, std::move(key), std::move(entry), call, open_device);
  }

  /// Devices that are open, opening or closing now.
  std::size_t size() {
    Table& table = tables_.instance();
    const MutexLock lock(table.mutex);
    return table.entries.size();
  }

 private:
  /// How often a waiting open checks its cancel token: no channel exists yet whose wake() could end
  /// the wait.
  static constexpr std::chrono::milliseconds kLook{20};

  /// Removes the entry again unless the device was opened, also after an exception.
  struct Opening {
    Table& table;
    const std::string& key;
    bool done = false;
    ~Opening() {
      const MutexLock lock(table.mutex);
      if (!done) table.entries.erase(key);
      table.changed.notify_all();
    }
  };

  template <class Open>
  Result<Lease> open_entry(Table& table, std::string key, std::shared_ptr<Entry> entry, Call& call,
                           Open& open_device) {
    Opening opening{table, key};
    auto device = open_device(call);
    if (!device) return device.status();
    entry->device = *std::move(device);
    Lease lease(table, key, entry);
    const MutexLock lock(table.mutex);
    entry->users = 1;
    opening.done = true;
    return lease;
  }

  ProcessLocal<Table> tables_;
};

}  // namespace visa::drivers
