// SPDX-License-Identifier: MIT
// The cache is sysdeps/generic/dl-cache.h of glibc, from 2.32 on in its new format alone: a header
// of 48 bytes, entries of 24 bytes (flags, name, path, osversion, hwcap), and strings whose offsets
// count from the beginning of the header. An old header may stand before it. No offset is trusted.
#include "tools/freevisa/visa_libraries.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <utility>

namespace visa::tool {
namespace {

constexpr std::string_view kMagic = "glibc-ld.so.cache1.1";
constexpr std::size_t kHeader = 48;
constexpr std::size_t kEntry = 24;
constexpr std::size_t kMostBytes = std::size_t{64} << 20;  // of a file that is looked through

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
  std::uint32_t number = 0;
  if (at + sizeof number <= bytes.size()) std::memcpy(&number, bytes.data() + at, sizeof number);
  return number;
}

std::string text_at(std::string_view bytes, std::size_t at) {
  if (at >= bytes.size()) return {};
  const std::string_view rest = bytes.substr(at);
  const std::size_t end = rest.find('\0');
  return end == std::string_view::npos ? std::string() : std::string(rest.substr(0, end));
}

std::string content(const std::string& path, std::size_t most) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes(most, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  return bytes;
}

/// Class, byte order and processor of an ELF file; empty if it is none.
std::string architecture(const std::string& path) {
  constexpr std::size_t kMachine = 18;
  const std::string bytes = content(path, kMachine + 2);
  if (bytes.size() < kMachine + 2 || !bytes.starts_with("\177ELF")) return {};
  return bytes.substr(4, 2) + bytes.substr(kMachine);
}

}  // namespace

std::vector<VisaLibrary> parse_loader_cache(std::string_view cache, std::string_view prefix) {
  std::vector<VisaLibrary> found;
  const std::size_t begin = cache.find(kMagic);
  if (begin == std::string_view::npos) return found;
  cache.remove_prefix(begin);
  const std::size_t count =
      std::min<std::size_t>(number_at(cache, kMagic.size()), cache.size() / kEntry);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t entry = kHeader + i * kEntry;
    std::string name = text_at(cache, number_at(cache, entry + 4));
    if (!name.starts_with(prefix)) continue;
    found.push_back({std::move(name), text_at(cache, number_at(cache, entry + 8)), {}});
  }
  return found;
}

std::string library_maker(const std::string& path) {
  constexpr std::pair<std::string_view, std::string_view> kMarks[] = {
      {"FREEVISA_TRACE", "FreeVISA"},
      {"National Instruments", "NI"},
      {"Rohde & Schwarz", "Rohde & Schwarz"},
      {"RsVisa", "Rohde & Schwarz"},
      {"Keysight", "Keysight"},
      {"Agilent", "Keysight"},
      {"Tektronix", "Tektronix"},
      {"librevisa", "librevisa"},
  };
  const std::string bytes = content(path, kMostBytes);
  for (const auto& [mark, maker] : kMarks) {
    if (bytes.find(mark) != std::string::npos) return std::string(maker);
  }
  return {};
}

std::vector<VisaLibrary> visa_libraries(const std::string& cache) {
  auto libraries = parse_loader_cache(content(cache, std::size_t{16} << 20), "libvisa.");
  const std::string own = architecture("/proc/self/exe");
  std::erase_if(libraries, [&own](const VisaLibrary& one) {
    const std::string its = architecture(one.path);
    return !own.empty() && !its.empty() && its != own;  // a missing file stays: that is a fault
  });
  for (VisaLibrary& one : libraries) one.maker = library_maker(one.path);
  return libraries;
}

}  // namespace visa::tool
