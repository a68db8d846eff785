// SPDX-License-Identifier: MIT
// Every VISA library that the loader's cache knows: whose it is, and which one PyVISA takes.
#pragma once

#include <string>
#include <vector>

namespace visa::tool {

struct InstalledLibrary {
  std::string path;
  std::string vendor;   // as the library says it itself; empty with a `problem`
  std::string version;  // of the implementation
  std::string problem;  // why it said nothing
  bool taken = false;   // pyvisa.ResourceManager() without an argument takes it
};

/// In the order of the cache. Each is asked in a process of its own, for 5 s at most, so that a
/// library that crashes or hangs does neither here.
std::vector<InstalledLibrary> installed_libraries();

/// What PyVISA goes by before the cache: the variable PYVISA_LIBRARY, or the user's ~/.pyvisarc.
/// Empty where there is neither.
std::string pyvisa_choice();

}  // namespace visa::tool
