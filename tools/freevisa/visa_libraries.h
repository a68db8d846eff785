// SPDX-License-Identifier: MIT
// The VISA libraries that the dynamic loader knows, in its order. Several are often installed
// beside each other, and a program says only "libvisa.so.1" or less. Reads the loader's cache of
// glibc; empty on a system without one. Values; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace visa::tool {

struct VisaLibrary {
  std::string name;   ///< as programs ask for it: "libvisa.so.1"
  std::string path;   ///< the file
  std::string maker;  ///< "FreeVISA", "NI", ...; "" where the file does not tell
};

/// Those whose name begins with "libvisa." and whose file is for this kind of processor.
std::vector<VisaLibrary> visa_libraries(const std::string& cache = "/etc/ld.so.cache");

/// Names and paths of `cache`, the content of the loader's cache, whose name begins with `prefix`,
/// in the order in which the loader looks. Empty for what is no cache.
std::vector<VisaLibrary> parse_loader_cache(std::string_view cache, std::string_view prefix);

/// Whose VISA library a file is, by what it says in itself; "" if it does not tell.
std::string library_maker(const std::string& path);

}  // namespace visa::tool
