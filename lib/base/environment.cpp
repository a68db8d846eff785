// SPDX-License-Identifier: MIT
// Checks the user and group ids at every question, because a program may change them at any time.
#include "lib/base/environment.h"

#include <unistd.h>

#include <cstdlib>

namespace visa {
namespace {

// secure_getenv knows only the rights the program was started with. This function compares the
// rights it has now: true if a program whose real user is not root acts with the rights of another
// user or group. A service started by root that works as another user for a while keeps its
// environment.
bool has_borrowed_rights() noexcept {
  const auto user = ::getuid();
  return user != 0 && (user != ::geteuid() || ::getgid() != ::getegid());
}

}  // namespace

const char* trusted_getenv(const char* name) noexcept {
  return has_borrowed_rights() ? nullptr : ::secure_getenv(name);
}

}  // namespace visa
