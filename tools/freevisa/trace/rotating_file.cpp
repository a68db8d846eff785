// SPDX-License-Identifier: MIT
// link(2) does not replace what is there: a number that another process takes at the same moment is
// skipped, and nothing is written over.
#include "tools/freevisa/trace/rotating_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "tools/freevisa/answer_output.h"

namespace visa::tool {

RotatingFile::RotatingFile(std::string file, std::uint64_t limit)
    : file_(std::move(file)), limit_(limit) {
  struct stat found {};
  if (::stat(file_.c_str(), &found) == 0 && S_ISREG(found.st_mode) && found.st_size > 0) {
    put_aside();
  }
  open();
}

RotatingFile::~RotatingFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void RotatingFile::fail(int error) const {
  throw output_failure(file_, error);
}

void RotatingFile::open() {
  descriptor_ = ::open(file_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail(errno);
  size_ = 0;
}

void RotatingFile::put_aside() {
  constexpr int kMostFiles = 1000000;
  for (int number = 1; number < kMostFiles; ++number) {
    const std::string aside = file_ + "." + std::to_string(number);
    if (::link(file_.c_str(), aside.c_str()) == 0) {
      if (::unlink(file_.c_str()) != 0) fail(errno);
      return;
    }
    if (errno == EEXIST) continue;
    // A file system without hard links.
    if (errno != EPERM && errno != EOPNOTSUPP) fail(errno);
    if (::access(aside.c_str(), F_OK) == 0) continue;
    if (::rename(file_.c_str(), aside.c_str()) != 0) fail(errno);
    return;
  }
  fail(EEXIST);
}

void RotatingFile::write(std::string_view text) {
  if (limit_ != 0 && size_ > 0 && size_ + text.size() + 1 > limit_) {
    ::close(std::exchange(descriptor_, -1));
    put_aside();
    open();
  }
  std::string line(text);
  line += '\n';
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t count = ::write(descriptor_, rest.data(), rest.size());
    if (count < 0 && errno != EINTR) fail(errno);
    rest.remove_prefix(count > 0 ? static_cast<std::size_t>(count) : 0);
  }
  size_ += line.size();
}

}  // namespace visa::tool
