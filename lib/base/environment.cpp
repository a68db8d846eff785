// SPDX-License-Identifier: MIT
#include "lib/base/environment.h"

#include <unistd.h>

#include <cstdlib>

namespace visa {
namespace {

// secure_getenv looks at what the kernel said when the program was started. This looks at what the
// program has done since: it may have taken on the rights of another for a real user who is not
// root. A service of root that works as somebody else for a while keeps its environment.
bool has_borrowed_rights() noexcept {
  const auto user = ::getuid();
  return user != 0 && (user != ::geteuid() || ::getgid() != ::getegid());
}

}  // namespace

const char* trusted_getenv(const char* name) noexcept {
  return has_borrowed_rights() ? nullptr : ::secure_getenv(name);
}

}  // namespace visa
