// SPDX-License-Identifier: MIT
// /proc names the open files of each process; a file is recognised by what it is, because its path
// may be another one there.
#include "drivers/usb/usb_holder.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <cstdint>
#include <memory>
#include <string_view>

#include "lib/base/cancel_shield.h"
#include "lib/base/process_name.h"

namespace visa::drivers::usb {
namespace {

struct CloseFolder {
  void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};
using Folder = std::unique_ptr<DIR, CloseFolder>;

/// A device node of another container is another file with the same device number.
bool is_same(const struct stat& a, const struct stat& b) {
  if (a.st_dev == b.st_dev && a.st_ino == b.st_ino) return true;
  return S_ISCHR(a.st_mode) && S_ISCHR(b.st_mode) && a.st_rdev == b.st_rdev;
}

bool has_open(const std::string& descriptors, const struct stat& wanted) {
  const Folder folder(::opendir(descriptors.c_str()));
  if (folder == nullptr) return false;
  // A stream of one thread. NOLINTNEXTLINE(concurrency-mt-unsafe)
  while (const dirent* const entry = ::readdir(folder.get())) {
    struct stat one {};
    if (entry->d_name[0] == '.') continue;
    if (::stat((descriptors + "/" + entry->d_name).c_str(), &one) == 0 && is_same(one, wanted)) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::string holder_of(const std::string& path) {
  const CancelShield shield;
  struct stat wanted {};
  if (::stat(path.c_str(), &wanted) != 0) return "";
  const Folder processes(::opendir("/proc"));
  if (processes == nullptr) return "";
  // A stream of one thread. NOLINTNEXTLINE(concurrency-mt-unsafe)
  while (const dirent* const entry = ::readdir(processes.get())) {
    const std::string_view text = entry->d_name;
    std::uint32_t process = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), process);
    if (error != std::errc{} || stop != text.data() + text.size()) continue;
    if (process == static_cast<std::uint32_t>(::getpid())) continue;
    if (has_open("/proc/" + std::string(text) + "/fd", wanted)) {
      return describe_process(process, process_space());
    }
  }
  return "";
}

}  // namespace visa::drivers::usb
