// SPDX-License-Identifier: MIT
// The bench's thread appends to the buffer under the mutex; the log's own thread alone writes the
// file.
#include "tools/sim/engine/wire_log.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <system_error>
#include <utility>

namespace visa::sim {
namespace {

constexpr std::chrono::seconds kLastWrite{2};
constexpr int kPollMilliseconds = 100;

int open_file(const std::string& file) {
  return ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0644);
}

}  // namespace

std::string json_bytes(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string result;
  result.reserve(text.size() + 2);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (c == '\n') {
      result += "\\n";
    } else if (byte < 0x20 || byte > 0x7E) {
      result += "\\u00";
      result += kDigits[byte >> 4U];
      result += kDigits[byte & 15U];
    } else {
      result += c;
    }
  }
  return result;
}

WireLog::WireLog(std::string file, std::size_t limit)
    : file_(std::move(file)), limit_(limit), descriptor_(open_file(file_)) {
  struct stat status {};
  if (!descriptor_ || ::fstat(descriptor_.get(), &status) != 0) {
    throw std::system_error(errno, std::generic_category(), "cannot write the log " + file_);
  }
  regular_ = S_ISREG(status.st_mode);
  size_ = static_cast<std::size_t>(status.st_size);
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

WireLog::~WireLog() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    end_by_ = Clock::now() + kLastWrite;
  }
  wake_.notify_one();
  thread_.join();
}

void WireLog::record(std::string_view instrument, std::uint64_t client, std::string_view event,
                     std::string_view bytes) {
  const std::string_view shown = bytes.substr(0, kMostData);
  {
    const std::lock_guard lock(mutex_);
    if (buffer_.size() + shown.size() > kBuffer) {  // not even formatted: the bench has other work
      ++dropped_;
      return;
    }
  }
  const double time = std::chrono::duration<double>(Clock::now() - start_).count();
  std::array<char, 200> head{};
  const int length =
      std::snprintf(head.data(), head.size(),
                    "{\"t\":%.6f,\"instrument\":\"%.64s\",\"client\":%llu,"
                    "\"event\":\"%.16s\",\"bytes\":%zu,\"data\":\"",
                    time, std::string(instrument).c_str(), static_cast<unsigned long long>(client),
                    std::string(event).c_str(), bytes.size());
  std::string line(head.data(), static_cast<std::size_t>(length));
  line += json_bytes(shown);
  line += bytes.size() > kMostData ? "\",\"cut\":true}\n" : "\"}\n";
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    if (buffer_.size() + line.size() > kBuffer) {
      ++dropped_;
      return;
    }
    first = buffer_.empty();
    if (dropped_ > 0) {
      std::snprintf(head.data(), head.size(),
                    "{\"t\":%.6f,\"event\":\"dropped\",\"records\":%llu}\n", time,
                    static_cast<unsigned long long>(std::exchange(dropped_, 0)));
      buffer_ += head.data();
    }
    buffer_ += line;
  }
  if (first) wake_.notify_one();
}

void WireLog::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return ending_ || !buffer_.empty(); });
    if (buffer_.empty()) return;
    std::string text;
    text.swap(buffer_);
    lock.unlock();
    write(text);
    lock.lock();
    if (ending_ && Clock::now() > end_by_) return;
  }
}

void WireLog::write(std::string_view text) {
  if (regular_ && limit_ > 0 && size_ > 0 && size_ + text.size() > limit_) rotate();
  while (!text.empty()) {
    const ssize_t count = ::write(descriptor_.get(), text.data(), text.size());
    if (count >= 0) {
      text.remove_prefix(static_cast<std::size_t>(count));
      size_ += static_cast<std::size_t>(count);
      continue;
    }
    if (errno != EINTR && errno != EAGAIN) {
      return;  // a full disk or a reader that is gone: the bench goes on without
    }
    pollfd writable{descriptor_.get(), POLLOUT, 0};
    static_cast<void>(::poll(&writable, 1, kPollMilliseconds));
    const std::lock_guard lock(mutex_);
    if (ending_ && Clock::now() > end_by_) return;
  }
}

void WireLog::rotate() {
  if (::rename(file_.c_str(), (file_ + ".1").c_str()) != 0) return;
  FileDescriptor next(open_file(file_));
  if (next) {
    descriptor_ = std::move(next);
    size_ = 0;
  }
}

}  // namespace visa::sim
