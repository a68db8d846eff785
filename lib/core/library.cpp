// SPDX-License-Identifier: MIT
// Invariant: open_managers holds exactly the handles of the manager sessions that are open, seen
// from any fork.
#include "lib/core/library.h"

#include "lib/base/process_local.h"
#include "lib/spi/builtin.h"

namespace visa::core {
namespace {

constinit ProcessLocal<Library> library;

constinit Library::Managers open_managers;

bool is_open_manager(Handle handle) noexcept {
  bool found = false;
  open_managers.each([&](const auto& place) { found = found || place.load() == handle; });
  return found;
}

}  // namespace

Library::Library()
    : first_handle(next_handle()),
      lock_registry(lock_folders()),
      drivers(spi::make_builtin_drivers()),
      finders(spi::make_builtin_finders()) {}

Library* Library::current() noexcept {
  return library.current();
}

Library* Library::serving(Handle handle, Adopt adopt) {
  if (auto* found = library.current()) return found;
  if (library.even_inherited() == nullptr) return nullptr;
  return is_open_manager(handle) ? &instance(adopt) : nullptr;
}

Library& Library::instance(Adopt adopt) {
  return library.instance([adopt](Library& made) {
    if (library.even_inherited() != nullptr) adopt(made);
  });
}

bool Library::inherited(Handle handle) noexcept {
  const Library* found = library.even_inherited();
  if (found == nullptr || handle == 0) return false;
  // first_handle is 1 in a process that was not forked with handles of this library in it.
  const Handle end = library.current() == nullptr ? next_handle() : found->first_handle;
  return handle < end && !is_open_manager(handle);
}

void Library::disown(Handle handle) noexcept {
  open_managers.each([&](Managers::Place& place) {
    if (place.load() == handle) Managers::leave(&place);
  });
}

Library::Managers& Library::managers() noexcept {
  return open_managers;
}

}  // namespace visa::core
