// SPDX-License-Identifier: MIT
// Checks about VISA itself: the library in use and the others on the computer, what PyVISA takes,
// the configuration, where locks meet. One thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/freevisa/doctor/finding.h"
#include "tools/freevisa/visa_libraries.h"
#include "tools/freevisa/visa_session.h"

namespace visa::tool {

/// What decides which library programs get.
struct LibraryFacts {
  std::string own;                      ///< the file of the library that this program uses
  std::vector<VisaLibrary> known;       ///< by the loader, in its order
  std::optional<std::string> variable;  ///< PYVISA_LIBRARY
  std::string pyvisarc;                 ///< a .pyvisarc that names a library; "" if none
  std::string pyvisarc_library;         ///< that library
};

/// What is true on this computer. `home`: the user's folder.
LibraryFacts library_facts(const std::string& home);
Findings check_libraries(const LibraryFacts& facts);

/// The library named in [Paths] of a .pyvisarc, as PyVISA reads it; "" if there is none.
std::string library_of_pyvisarc(const std::string& text);

/// Opens the resource manager into `manager`; what is wrong with the configuration is a finding.
Findings check_configuration(Session& manager);
/// `told`: what is wrong, in the library's words.
std::string fix_of_configuration(std::string_view told);
/// `reach`: the library's own words, "meet in /run/lock/freevisa".
Findings check_locks(const std::string& reach);
std::string reach_of_locks(const Session& manager);

}  // namespace visa::tool
