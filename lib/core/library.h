// SPDX-License-Identifier: MIT
// What outlives a call, in one struct reached through one function and never
// destroyed (style rule 7): the handles, the lock domains, the drivers. One per process: a child of
// fork starts with none, and its first call that needs one makes a new one and leaks the old, whose
// mutexes may be held by threads that do not exist there. Any thread.
//
// Sessions are dead in a child of fork. A session to the resource manager holds no wire, and PyVISA
// hands its child the parent's: it serves there anew, under the same handle.
//
// Lock order, outermost first (docs/architecture.md, Lock order): EventHub::configuring_, the
// children of a resource manager session, SessionEvents, object table, EventHub, JobQueue and
// Session::jobs_mutex_, attribute store and Object's detail, lock domain. Traffic's mutex is held
// only to enter and leave. None of them but configuring_ is held while a driver runs, and none
// while a finder or a handler of the user runs.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "lib/base/fork_table.h"
#include "lib/core/driver_wires.h"
#include "lib/core/object_table.h"
#include "lib/locks/lock_registry.h"
#include "lib/spi/driver.h"
#include "lib/spi/finder.h"

namespace visa::core {

struct Library {
  Library();

  /// The library of this process, or null before the first viOpenDefaultRM (in a child of fork:
  /// before it needs one of its own). Two loads.
  static Library* current() noexcept;

  /// Puts the parent's manager sessions into the library of a child of fork before any other thread
  /// can see it (ResourceManager::adopt_managers; this file knows no manager).
  using Adopt = void (*)(Library&);

  /// The library in which `handle` is to be looked up: current(), made in a child of fork when the
  /// handle is that of a manager session of the parent. May be null. Costs what current() does.
  static Library* serving(Handle handle, Adopt adopt);

  /// Makes it if need be.
  static Library& instance(Adopt adopt);

  /// True in a child of fork for a handle that the parent had made and that is dead here: every one
  /// but those of manager sessions that are open. Closing it must not reach the parent's
  /// instrument.
  static bool inherited(Handle handle) noexcept;

  /// In a child of fork that has not used it yet: the parent's manager session is dead here, too.
  static void disown(Handle handle) noexcept;

  /// The handles of the open manager sessions of this process, as a child of fork finds them.
  using Managers = ForkTable<Handle>;
  static Managers& managers() noexcept;

  /// Where the locks of all processes meet, asked by the constructor. Only unit tests put another
  /// function here: they are no users of the computer's instruments.
  inline static std::vector<locks::LockFolder> (*lock_folders)() = locks::default_lock_folders;

  /// What the drivers of this build open.
  model::KindSet openable() const noexcept {
    model::KindSet kinds;
    for (const auto& driver : drivers) kinds = kinds | driver->kinds();
    return kinds;
  }

  const Handle first_handle;
  ObjectTable objects;
  locks::LockRegistry lock_registry;
  const std::vector<std::unique_ptr<spi::Driver>> drivers;
  const std::vector<std::unique_ptr<spi::Finder>> finders;
  DriverWires wires{drivers};
};

}  // namespace visa::core
