// SPDX-License-Identifier: MIT
// The loader's cache (/etc/ld.so.cache): which file each name of a library stands for. Pure, so
// that it can be tested with bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace visa::tool {

struct CachedLibrary {
  std::string name;  // the SONAME
  std::string path;
};

/// Entries of libraries whose name begins with `beginning`, in the order of the cache, which is
/// that of `ldconfig -p`. Empty for bytes that are no such cache.
std::vector<CachedLibrary> cached_libraries(std::string_view cache, std::string_view beginning);

}  // namespace visa::tool
