// SPDX-License-Identifier: MIT
// Reads the program's name from /proc, which may hide it; then the number alone names the process.
#include "lib/base/process_name.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstddef>

#include "lib/base/cancel_shield.h"
#include "lib/base/unique_fd.h"

namespace visa {
namespace {

/// The name the kernel has for the process, 15 characters at most, "?" for unprintable ones; ""
/// when the process is gone or hidden.
std::string program_of(std::uint32_t process) {
  const CancelShield shield;
  const std::string path = "/proc/" + std::to_string(process) + "/comm";
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 64> text;
  const ssize_t size = file ? ::read(file.get(), text.data(), text.size()) : -1;
  std::string name;
  for (ssize_t i = 0; i < size && text[static_cast<std::size_t>(i)] != '\n'; ++i) {
    const char c = text[static_cast<std::size_t>(i)];
    name += c >= 0x20 && c < 0x7f ? c : '?';
  }
  return name;
}

}  // namespace

std::uint64_t process_space() noexcept {
  struct stat status {};
  return ::stat("/proc/self/ns/pid", &status) == 0 ? status.st_ino : 0;
}

std::string describe_process(std::uint32_t process, std::uint64_t space) {
  std::string text = "process " + std::to_string(process);
  if (space != process_space()) return text + " of another container";
  const std::string program = program_of(process);
  return program.empty() ? text : text + " (" + program + ")";
}

}  // namespace visa
