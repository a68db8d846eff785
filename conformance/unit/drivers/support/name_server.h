// SPDX-License-Identifier: MIT
// getaddrinfo as a test wants it: the linker's --wrap sends the library's look-ups here. Addresses
// in figures go through to the real one. Names: "two.test" has ::1 and 127.0.0.1, "mixed.test"
// three of each family, all that begin with "blocked" answer 127.0.0.1 once released, "quick.test"
// at once; "busy.test" is EAI_AGAIN, "refused.test" EAI_FAIL, "bare.test" EAI_NODATA, "broken.test"
// EAI_SYSTEM with EIO, "poor.test" with EMFILE, all others EAI_NONAME.
#pragma once

#include <string>

namespace visa::test {

/// Holds every look-up of a "blocked" name while it lives; its destructor lets them go and waits
/// until the last has left.
class BlockedNames {
 public:
  BlockedNames();
  ~BlockedNames();
  void release();
  /// Lets all go but `name`, also if its look-up has not begun yet.
  void release_all_but(const std::string& name);
  /// Waits until `count` look-ups are held.
  void wait_for(int count) const;
};

/// Look-ups of names so far (not of figures).
int names_looked_up();

/// False once a look-up ran on a thread that a signal could have landed on.
bool signals_were_blocked();

}  // namespace visa::test
