// SPDX-License-Identifier: MIT
// Everything of ours that outlives a call, in one struct reached through one function and never
// destroyed (style rule 7): the handles, the lock domains, the drivers. One per process: a child of
// fork starts with none, and its first viOpenDefaultRM makes a new one and leaks the old, whose
// mutexes may be held by threads that do not exist there. Any thread.
//
// Lock order, outermost first: Traffic (released before anything is called), the children of a
// resource manager session, object table, attribute store, lock domain. None of them is held while
// a driver, a finder or a user's handler runs.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "lib/core/object_table.h"
#include "lib/locks/lock_registry.h"
#include "lib/spi/driver.h"
#include "lib/spi/finder.h"

namespace visa::core {

struct Library {
  Library();

  /// The library of this process, or null before the first viOpenDefaultRM (in a child of fork: its
  /// own first one). Two relaxed loads.
  static Library* current() noexcept;

  /// Makes it if need be.
  static Library& instance();

  /// True in a child of fork for a handle that the parent had made: such a handle is dead here, and
  /// closing it must not reach the parent's instrument.
  static bool inherited(Handle handle) noexcept;

  /// Where the locks of all processes meet, asked by the constructor. Only unit tests put another
  /// function here: they are no users of the computer's instruments.
  inline static std::vector<locks::LockFolder> (*lock_folders)() = locks::default_lock_folders;

  /// What the drivers of this build open.
  model::KindSet openable() const noexcept {
    model::KindSet kinds;
    for (const auto& driver : drivers) kinds = kinds | driver->kinds();
    return kinds;
  }

  const std::uint32_t stamp;
  const Handle first_handle;
  ObjectTable objects;
  locks::LockRegistry lock_registry;
  const std::vector<std::unique_ptr<spi::Driver>> drivers;
  const std::vector<std::unique_ptr<spi::Finder>> finders;
};

}  // namespace visa::core
