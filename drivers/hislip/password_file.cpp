// SPDX-License-Identifier: MIT
// No buffer that held the password is given back before it was overwritten.
#include "drivers/hislip/password_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "lib/base/log.h"
#include "lib/base/unique_fd.h"

namespace visa::drivers::hislip {
namespace {

constexpr std::size_t kLongest = 1024;

struct Buffer {
  std::array<char, kLongest + 1> bytes{};
  ~Buffer() { ::explicit_bzero(bytes.data(), bytes.size()); }
};

Status refuse(const std::string& file, std::string_view why, Call& call) {
  return call.fail(Status::error_inv_setup, "password_file " + file + ": " + std::string(why));
}

}  // namespace

Result<Secret> read_password(const std::string& file, Call& call) {
  // O_NONBLOCK: a pipe is not waited for.
  const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat info {};
  if (!fd || ::fstat(fd.get(), &info) != 0) {
    char text[128];
    return refuse(file, ::strerror_r(errno, text, sizeof text), call);
  }
  if (!S_ISREG(info.st_mode)) return refuse(file, "not a regular file", call);
  if ((info.st_mode & (S_IRGRP | S_IROTH)) != 0) {
    log::line("password_file " + file + ": other users may read it: chmod 600");
  }
  Buffer buffer;
  std::size_t size = 0;
  while (size < buffer.bytes.size()) {
    const ssize_t got = ::read(fd.get(), buffer.bytes.data() + size, buffer.bytes.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return refuse(file, "cannot be read", call);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  std::string_view line(buffer.bytes.data(), size);
  line = line.substr(0, line.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  const bool fit =
      !line.empty() && line.size() <= kLongest && line.find('\0') == std::string_view::npos;
  if (!fit) return refuse(file, "expected a password of 1 to 1024 bytes in its first line", call);
  return Secret(line);
}

}  // namespace visa::drivers::hislip
