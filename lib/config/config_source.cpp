// SPDX-License-Identifier: MIT
// Symbolic links are followed: people keep their configuration elsewhere. What is opened is looked
// at first, because opening a device can move hardware, and again once open.
#include "lib/config/config_source.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "lib/base/environment.h"
#include "lib/base/unique_fd.h"

namespace visa::config {

namespace {

constexpr std::string_view kFile = "/freevisa/freevisa.toml";
// The folder of a computer's configuration, wherever the library is installed: the prefix a build
// was configured with says nothing about where its package was unpacked.
constexpr const char* kEverywhere = "/etc";

std::string system_text(int error) {
  char buffer[128];
  // The GNU strerror_r: thread-safe, and the host's locale may not make it anything but one line.
  return ::strerror_r(error, buffer, sizeof buffer);
}

/// Looks at the file before it is opened. True: a regular file of a bearable size.
bool worth_opening(const Source& source, ProblemLog& problems) {
  struct stat info {};
  if (::stat(source.path.c_str(), &info) != 0) {
    const int error = errno;
    const bool optional = source.kind != Source::Kind::explicit_;
    if (optional && (error == ENOENT || error == ENOTDIR)) {
      if (::lstat(source.path.c_str(), &info) == 0) {
        problems.lost({}, "a symbolic link that leads nowhere");
      }
    } else if (error == EACCES && source.kind == Source::Kind::user) {
      // A service that inherited somebody's HOME: there may be no file at all.
      problems.harmless({}, "not looked at: " + system_text(error));
    } else {
      problems.lost({}, "cannot be read: " + system_text(error));
    }
    return false;
  }
  if (!S_ISREG(info.st_mode)) {
    problems.lost({}, "not a regular file");
    return false;
  }
  return true;
}

// The path is put together in its place: for a temporary Source that moves there, GCC 12 warns of a
// copy beyond it (-Warray-bounds), wrongly.
void add(Sources& sources, Source::Kind kind, std::string_view folder, std::string_view file) {
  Source& added = sources.emplace_back();
  added.path.append(folder).append(file);
  added.kind = kind;
}

}  // namespace

Sources default_sources() {
  Sources sources;
  add(sources, Source::Kind::system, kEverywhere, kFile);
  constexpr std::string_view kInstallation = FREEVISA_SYSCONFDIR;
  if (kInstallation != kEverywhere) {
    add(sources, Source::Kind::system, kInstallation, kFile);
  }
  const char* config_home = trusted_getenv("XDG_CONFIG_HOME");
  const char* home = trusted_getenv("HOME");
  if (config_home != nullptr && config_home[0] == '/') {  // relative ones are to be ignored (XDG)
    add(sources, Source::Kind::user, config_home, kFile);
  } else if (home != nullptr && home[0] == '/') {
    add(sources, Source::Kind::user, home, std::string("/.config").append(kFile));
  }
  const char* explicit_path = trusted_getenv("FREEVISA_CONFIG");
  if (explicit_path != nullptr && explicit_path[0] != '\0') {
    add(sources, Source::Kind::explicit_, explicit_path, "");
  }
  return sources;
}

std::optional<std::string> read_source(const Source& source, ProblemLog& problems,
                                       bool* open_to_others) {
  problems.enter(source.path);
  if (!worth_opening(source, problems)) return {};
  // O_NONBLOCK: should it have become a pipe meanwhile, opening does not wait for a writer.
  const UniqueFd file(::open(source.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat info {};
  if (!file || ::fstat(file.get(), &info) != 0) {
    problems.lost({}, "cannot be read: " + system_text(errno));
    return {};
  }
  if (!S_ISREG(info.st_mode)) {
    problems.lost({}, "not a regular file");
    return {};
  }
  if (open_to_others != nullptr) *open_to_others = (info.st_mode & (S_IRGRP | S_IROTH)) != 0;
  std::string text(kLargestFile + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(file.get(), text.data() + size, text.size() - size);
    if (got == 0) break;
    if (got < 0) {
      if (errno == EINTR) continue;
      problems.lost({}, "cannot be read: " + system_text(errno));
      return {};
    }
    size += static_cast<std::size_t>(got);
  }
  if (size > kLargestFile) {
    problems.lost({}, "larger than 1 MiB");
    return {};
  }
  text.resize(size);
  text.shrink_to_fit();
  return text;
}

}  // namespace visa::config
