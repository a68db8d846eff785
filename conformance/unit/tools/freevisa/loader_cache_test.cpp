// SPDX-License-Identifier: MIT
// Caches made of bytes: good, cut anywhere, with wrong numbers.
#include "tools/freevisa/loader_cache.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace visa::tool {
namespace {

void put(std::string& bytes, std::uint32_t word) {
  bytes.append(reinterpret_cast<const char*>(&word), sizeof word);
}

std::string cache(const std::vector<CachedLibrary>& libraries) {
  std::string text;
  std::string entries;
  const auto place = [&](const std::string& one) {
    const auto at = static_cast<std::uint32_t>(48 + 24 * libraries.size() + text.size());
    text += one + '\0';
    return at;
  };
  for (const CachedLibrary& library : libraries) {
    put(entries, 0x303);
    put(entries, place(library.name));
    put(entries, place(library.path));
    entries.append(12, '\0');
  }
  std::string bytes = "glibc-ld.so.cache1.1";
  put(bytes, static_cast<std::uint32_t>(libraries.size()));
  put(bytes, static_cast<std::uint32_t>(text.size()));
  bytes.append(20, '\0');
  return bytes + entries + text;
}

const std::vector<CachedLibrary> kThree = {{"libvisa.so.7", "/opt/lib/libvisa.so.7"},
                                           {"libvisable.so.1", "/usr/lib/libvisable.so.1"},
                                           {"libvisa.so", "/usr/lib/libvisa.so"}};

TEST(LoaderCache, ListsThoseOfTheNameInItsOrder) {
  const auto found = cached_libraries(cache(kThree), "libvisa.");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].path, "/opt/lib/libvisa.so.7");
  EXPECT_EQ(found[1].name, "libvisa.so");
}

TEST(LoaderCache, MayFollowAnOlderTable) {
  EXPECT_EQ(
      cached_libraries("ld.so-1.7.0" + std::string(53, '\0') + cache(kThree), "libvisa.").size(),
      2U);
}

TEST(LoaderCache, CutOrWrongItNamesNothingThatIsNotThere) {
  const std::string whole = cache(kThree);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_LE(cached_libraries(whole.substr(0, length), "libvisa.").size(), 2U);
  }
  std::string wrong = whole;
  wrong.replace(20, 4, "\xff\xff\xff\xff");
  EXPECT_LE(cached_libraries(wrong, "libvisa.").size(), 3U);
  wrong = whole;
  wrong.replace(52, 4, "\xff\xff\xff\x7f");
  EXPECT_LE(cached_libraries(wrong, "libvisa.").size(), 2U);
  EXPECT_TRUE(cached_libraries("no cache at all", "libvisa.").empty());
}

TEST(LoaderCache, OfThisComputerHasTheLibraryOfC) {
  std::ifstream stream("/etc/ld.so.cache", std::ios::binary);
  if (!stream) GTEST_SKIP() << "this system has no /etc/ld.so.cache";
  const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  EXPECT_FALSE(cached_libraries(bytes, "libc.so").empty());
}

}  // namespace
}  // namespace visa::tool
