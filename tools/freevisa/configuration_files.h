// SPDX-License-Identifier: MIT
// The configuration files that the library reads, for the subcommands that show and change them.
// The library itself tells nobody which entry a name came from. Free functions; one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace visa::tool {

struct ConfigurationFile {
  std::string path;
  std::string_view role;  ///< "system", "installation", "user" or "FREEVISA_CONFIG"
  bool exists = false;
};

/// In the order in which they are read; a later one overrides.
std::vector<ConfigurationFile> configuration_files();
/// The file that `alias` and `config` change: what FREEVISA_CONFIG names, else the user's. Throws
/// VisaFailure where there is neither.
std::string own_configuration_file();
/// The whole file; "" if there is none. Throws VisaFailure if it cannot be read.
std::string read_configuration(const std::string& path);

/// A name that a configuration file gives to a resource.
struct ConfiguredName {
  std::string resource;  ///< as it is written there
  std::string alias;     ///< empty for a resource without one
  std::string file;
  std::uint32_t line = 0;
};

/// Those of `text`, the content of `file`. What is wrong in it is left out.
std::vector<ConfiguredName> configured_names(std::string_view text, const std::string& file);
/// Those of all files that can be read. Of several files that use one alias the last counts.
std::vector<ConfiguredName> configured_names();

/// A GPIB board that a configuration file says something about.
struct ConfiguredBoard {
  std::uint16_t number = 0;
  std::string adapter = {};  ///< "" for a board of this computer
  std::string file = {};
  std::uint32_t line = 0;
};
/// Those of all files that can be read; "GPIB", which is every board, counts as GPIB0. A later file
/// overrides.
std::vector<ConfiguredBoard> configured_boards();
/// Those of `text`, the content of `file`.
std::vector<ConfiguredBoard> configured_boards(std::string_view text, const std::string& file);

/// Whether two aliases are the same: without regard to case, as viOpen compares them.
bool same_alias(std::string_view a, std::string_view b) noexcept;

}  // namespace visa::tool
