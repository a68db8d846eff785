// SPDX-License-Identifier: MIT
// The loader's cache, also one that lies about its sizes.
#include "tools/freevisa/visa_libraries.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>

namespace visa::tool {
namespace {

/// A cache of glibc 2.32 and later, with these names and paths.
std::string cache_of(const std::vector<std::pair<std::string, std::string>>& entries,
                     std::uint32_t count) {
  std::string strings;
  std::string table;
  const auto number = [](std::string& to, std::uint32_t value) {
    to.append(reinterpret_cast<const char*>(&value), sizeof value);
  };
  const std::size_t begin = 48 + 24 * entries.size();
  for (const auto& [name, path] : entries) {
    number(table, 0x0303);
    number(table, static_cast<std::uint32_t>(begin + strings.size()));
    strings += name + '\0';
    number(table, static_cast<std::uint32_t>(begin + strings.size()));
    strings += path + '\0';
    table.append(12, '\0');
  }
  std::string head = "glibc-ld.so.cache1.1";
  number(head, count);
  head.resize(48, '\0');
  return head + table + strings;
}

TEST(VisaLibraries, CacheIsReadInItsOrder) {
  const auto found = parse_loader_cache(cache_of({{"libz.so.1", "/lib/libz.so.1"},
                                                  {"libvisa.so.23", "/usr/lib/libvisa.so.23.3"},
                                                  {"libvisa.so.1", "/usr/local/lib/libvisa.so.1"},
                                                  {"libvisatools.so", "/x"}},
                                                 4),
                                        "libvisa.");
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].name, "libvisa.so.23");
  EXPECT_EQ(found[0].path, "/usr/lib/libvisa.so.23.3");
  EXPECT_EQ(found[1].path, "/usr/local/lib/libvisa.so.1");
}

TEST(VisaLibraries, CacheThatLiesIsNotTrusted) {
  const std::string good = cache_of({{"libvisa.so.1", "/a"}}, 1);
  EXPECT_EQ(parse_loader_cache(good, "libvisa.").size(), 1u);
  for (std::size_t cut = 0; cut < good.size(); ++cut) {
    EXPECT_LE(parse_loader_cache(good.substr(0, cut), "libvisa.").size(), 1u);
  }
  EXPECT_LE(parse_loader_cache(cache_of({{"libvisa.so.1", "/a"}}, 0xFFFFFFFF), "libvisa.").size(),
            100u);
  std::string wild = good;
  for (std::size_t at = 48; at < 72; ++at) wild[at] = '\xff';
  EXPECT_TRUE(parse_loader_cache(wild, "libvisa.").empty());
  EXPECT_TRUE(parse_loader_cache("no cache", "libvisa.").empty());
  EXPECT_TRUE(visa_libraries("/nonexistent").empty());
}

TEST(VisaLibraries, FileTellsItsMaker) {
  const std::string file = ::testing::TempDir() + "maker_" + std::to_string(::getpid());
  std::ofstream(file) << "xx National Instruments yy";
  EXPECT_EQ(library_maker(file), "NI");
  std::ofstream(file) << "FREEVISA_TRACE";
  EXPECT_EQ(library_maker(file), "FreeVISA");
  std::ofstream(file) << "nothing";
  EXPECT_EQ(library_maker(file), "");
  std::remove(file.c_str());
  EXPECT_EQ(library_maker(file), "");
}

}  // namespace
}  // namespace visa::tool
