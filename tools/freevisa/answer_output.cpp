// SPDX-License-Identifier: MIT
// A regular file is written beside its place and renamed once all answers are there; of several
// errors the first is reported.
#include "tools/freevisa/answer_output.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <system_error>

namespace visa::tool {
namespace {

bool starts_with_any(const std::string& path, std::initializer_list<const char*> folders) {
  for (const char* const folder : folders) {
    if (path.starts_with(folder)) return true;
  }
  return false;
}

// Behind all symbolic links; the path itself where there is nothing yet.
std::string resolved(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr),
                                                         &std::free);
  return real ? std::string(real.get()) : path;
}

/// An empty name shows, too.
std::string quoted_name(const std::string& file) {
  return file.empty() ? "''" : file;
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// All of `data`; false with errno set.
bool write_all(int fd, std::string_view data) {
  while (!data.empty()) {
    const ssize_t count = ::write(fd, data.data(), data.size());
    if (count < 0 && errno != EINTR) return false;
    data.remove_prefix(count > 0 ? static_cast<std::size_t>(count) : 0);
  }
  return true;
}

// Closes `fd` whatever `good` says; what went wrong first is what errno says then.
bool close_after(int fd, bool good) {
  const int error = errno;
  const bool closed = ::close(fd) == 0;
  if (!good) errno = error;
  return good && closed;
}

}  // namespace

OutputFailure output_failure(const std::string& file, int error) {
  std::string text = "cannot write " + file + ": ";
  text += error != 0 ? std::generic_category().message(error) : "not all of it went out";
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return OutputFailure(text + "; is there such a folder?");
    case EACCES:
    case EPERM:
    case EROFS:
      return OutputFailure(text + "; this user may not write there, another folder will do");
    case EISDIR:
      return OutputFailure(text + "; name a file in it");
    case ENOSPC:
    case EDQUOT:
    case 0:
      return OutputFailure(text + "; is there room on the disk?");
    case EBADF:
      return OutputFailure(text + "; is it closed ('>&-')?");
    default:
      return OutputFailure(text);
  }
}

std::optional<std::string> replaceable(const std::string& file) {
  struct stat found {};
  const bool exists = ::stat(file.c_str(), &found) == 0;
  if (!exists && (errno != ENOENT || file.empty())) throw output_failure(quoted_name(file), errno);
  if (exists && S_ISDIR(found.st_mode)) throw output_failure(file, EISDIR);
  // What /dev/stdout leads to is open already: replacing it would write beside it.
  const bool regular = !exists || S_ISREG(found.st_mode);
  if (!regular || starts_with_any(file, {"/dev/", "/proc/"})) return std::nullopt;
  return resolved(file);
}

AnswerOutput::AnswerOutput(const std::optional<std::string>& file) {
  if (!file || *file == "-") return;
  file_ = *file;
  kind_ = replaceable(file_) ? Kind::whole : Kind::stream;
  const bool exists = ::access(file_.c_str(), F_OK) == 0;
  if (exists ? ::access(file_.c_str(), W_OK) != 0
             : ::access(folder_of(file_).c_str(), W_OK | X_OK) != 0) {
    fail(errno);
  }
}

AnswerOutput::~AnswerOutput() {
  if (stream_ != nullptr && stream_ != stdout) std::fclose(stream_);
}

void AnswerOutput::fail(int error) const {
  throw output_failure(kind_ == Kind::standard ? "to standard output" : file_, error);
}

std::FILE* AnswerOutput::stream() {
  if (stream_ == nullptr) {
    stream_ = kind_ == Kind::standard ? stdout : std::fopen(file_.c_str(), "we");
  }
  if (stream_ == nullptr) fail(errno);
  return stream_;
}

bool AnswerOutput::is_terminal() {
  return kind_ != Kind::whole && ::isatty(::fileno(stream())) != 0;
}

void AnswerOutput::write(std::string_view data) {
  written_ = true;
  if (kind_ == Kind::whole) {
    pending_ += data;
  } else if (std::fwrite(data.data(), 1, data.size(), stream()) < data.size()) {
    fail(errno);  // for what is still in the buffer finish() and main() look
  }
}

void AnswerOutput::finish() {
  if (!written_ || kind_ == Kind::standard) return;
  if (kind_ == Kind::whole) {
    replace();
  } else {
    close_stream();
  }
}

void AnswerOutput::close_stream() {
  std::FILE* const out = std::exchange(stream_, nullptr);
  const bool good = std::fflush(out) == 0 && std::ferror(out) == 0;
  const int error = errno;
  if (std::fclose(out) != 0 || !good) fail(good ? errno : error);
}

// A new file takes the place of the old one; where none can be made beside it (a folder that is not
// the user's, a file with several names), the old one is written over.
void AnswerOutput::replace() {
  const std::string target = resolved(file_);
  struct stat old {};
  const bool exists = ::stat(target.c_str(), &old) == 0;
  if (!exists || (old.st_nlink == 1 && old.st_uid == ::geteuid())) {
    std::string aside = target + ".XXXXXX";
    const int fd = ::mkostemp(aside.data(), O_CLOEXEC);
    if (fd < 0 && errno != EACCES && errno != EPERM && errno != EROFS) fail(errno);
    if (fd >= 0) {
      const mode_t mask = ::umask(0);
      ::umask(mask);
      const mode_t mode = exists ? old.st_mode & 07777 : 0666 & ~mask;
      const bool good = ::fchmod(fd, mode) == 0 && write_all(fd, pending_);
      if (close_after(fd, good) && ::rename(aside.c_str(), target.c_str()) == 0) return;
      const int error = errno;
      ::unlink(aside.c_str());
      fail(error);
    }
  }
  const int fd = ::open(target.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0 || !close_after(fd, write_all(fd, pending_))) fail(errno);
}

}  // namespace visa::tool
