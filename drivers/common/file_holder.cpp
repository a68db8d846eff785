// SPDX-License-Identifier: MIT
// Two sources: /proc/locks names the holder of a flock of any user; /proc/PID/fd names every
// program that has the file open, but of one's own user only.
#include "drivers/common/file_holder.h"

#include <dirent.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string_view>

#include "lib/base/cancel_shield.h"
#include "lib/base/process_name.h"

namespace visa::drivers {
namespace {

struct CloseFolder {
  void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};
using Folder = std::unique_ptr<DIR, CloseFolder>;

/// The process number that `text` is; nothing for anything else.
std::optional<std::uint32_t> process_number(std::string_view text) {
  std::uint32_t number = 0;
  const auto* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stopped != end || number == 0) return std::nullopt;
  return number;
}

// A line is "1: FLOCK  ADVISORY  WRITE 1234 00:18:5 0 EOF": the file by device and inode.
std::optional<std::uint32_t> holder_of_lock(const struct stat& file) {
  std::array<char, 64> id{};
  std::snprintf(id.data(), id.size(), "%02x:%02x:%llu", major(file.st_dev), minor(file.st_dev),
                static_cast<unsigned long long>(file.st_ino));
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    std::istringstream fields(line);
    std::string number;
    std::string kind;
    std::string mode;
    std::string access;
    std::string process;
    std::string where;
    fields >> number >> kind >> mode >> access >> process >> where;
    if (kind == "FLOCK" && where == id.data()) return process_number(process);
  }
  return std::nullopt;
}

/// A device node of another container is another file with the same device number.
bool is_same(const struct stat& a, const struct stat& b) {
  if (a.st_dev == b.st_dev && a.st_ino == b.st_ino) return true;
  return S_ISCHR(a.st_mode) && S_ISCHR(b.st_mode) && a.st_rdev == b.st_rdev;
}

bool has_open(std::uint32_t process, const struct stat& file) {
  const std::string base = "/proc/" + std::to_string(process) + "/fd";
  const Folder folder(::opendir(base.c_str()));
  if (!folder) return false;
  // A stream of one thread. NOLINTNEXTLINE(concurrency-mt-unsafe)
  while (const dirent* entry = ::readdir(folder.get())) {
    struct stat status {};
    if (entry->d_name[0] == '.') continue;
    const std::string link = base + "/" + static_cast<const char*>(entry->d_name);
    if (::stat(link.c_str(), &status) == 0 && is_same(status, file)) return true;
  }
  return false;
}

std::optional<std::uint32_t> holder_of_descriptor(const struct stat& file, const Call& call) {
  const Folder folder(::opendir("/proc"));
  if (!folder) return std::nullopt;
  const auto self = static_cast<std::uint32_t>(::getpid());
  // A stream of one thread. NOLINTNEXTLINE(concurrency-mt-unsafe)
  while (const dirent* entry = ::readdir(folder.get())) {
    if (call.cancelled() || call.deadline.expired()) return std::nullopt;
    const auto process = process_number(static_cast<const char*>(entry->d_name));
    if (process && *process != self && has_open(*process, file)) return process;
  }
  return std::nullopt;
}

}  // namespace

std::string holder_of(const std::string& path, const Call& call) {
  const CancelShield shield;
  struct stat file {};
  if (::stat(path.c_str(), &file) != 0) return {};
  auto holder = holder_of_lock(file);
  if (!holder) holder = holder_of_descriptor(file, call);
  return holder ? describe_process(*holder, process_space()) : std::string();
}

}  // namespace visa::drivers
