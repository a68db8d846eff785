// SPDX-License-Identifier: MIT
// The library finds the file by its name and appends; this side reads on where it stopped. inotify
// says when there is more; where it does not, the look at every tick does.
#include "tools/freevisa/trace/trace_run.h"

#include <cxxabi.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <exception>
#include <functional>
#include <system_error>
#include <utility>

#include "tools/freevisa/started_program.h"

namespace visa::tool {
namespace {

constexpr int kTick = 100;  // ms
constexpr std::size_t kChunk = std::size_t{1} << 18;
constexpr off_t kPunch = off_t{1} << 22;  // given back to the disk in pieces of this size

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const noexcept { return fd_; }

 private:
  int fd_;
};

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

/// The file as its reader sees it.
class Spool {
 public:
  explicit Spool(const std::string& path) : file_(::open(path.c_str(), O_RDWR | O_CLOEXEC)) {
    if (file_.get() < 0) fail(path);
  }

  /// Reads what is there.
  void drain(const std::function<void(std::string_view)>& take) {
    for (;;) {
      const ssize_t count = ::pread(file_.get(), buffer_.data(), buffer_.size(), read_);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return;
      read_ += count;
      take({buffer_.data(), static_cast<std::size_t>(count)});
      give_back();
    }
  }

 private:
  // Some file systems cannot; the file then grows until the program ends.
  void give_back() {
    if (read_ - given_back_ < kPunch) return;
    const off_t end = read_ / kPunch * kPunch;
    static_cast<void>(::fallocate(file_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                                  given_back_, end - given_back_));
    given_back_ = end;
  }

  Descriptor file_;
  std::vector<char> buffer_ = std::vector<char>(kChunk);
  off_t read_ = 0;
  off_t given_back_ = 0;
};

void swallow(int fd) {
  std::array<char, 4096> bytes;
  while (::read(fd, bytes.data(), bytes.size()) > 0) {
  }
}

}  // namespace

void TraceLineCutter::add(std::string_view bytes,
                          const std::function<void(std::string_view)>& on_line) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view part = bytes.substr(0, end);
    const bool whole = end != std::string_view::npos;
    if (whole && rest_.empty()) {
      on_line(part.substr(0, kLongest));
    } else {
      rest_.append(part.substr(0, kLongest - std::min(kLongest, rest_.size())));
      if (whole) on_line(std::exchange(rest_, {}));
    }
    bytes.remove_prefix(std::min(bytes.size(), part.size() + 1));
  }
}

void TraceLineCutter::finish(const std::function<void(std::string_view)>& on_line) {
  if (!rest_.empty()) on_line(std::exchange(rest_, {}));
}

int run_traced(const TraceRun& run) {
  const TemporaryFile file("freevisa-trace", ".log");
  Spool spool(file.path());
  const Descriptor watch(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (watch.get() >= 0) ::inotify_add_watch(watch.get(), file.path().c_str(), IN_MODIFY);
  const Descriptor end(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (end.get() < 0) fail("eventfd");

  std::vector<std::string> environment = run.environment;
  environment.push_back("FREEVISA_TRACE=" + file.path());
  environment.push_back("FREEVISA_TRACE_LEVEL=" + run.level);
  TraceLineCutter cutter;
  std::function<void(std::string_view)> take = [&](std::string_view bytes) {
    cutter.add(bytes, run.on_line);
  };
  std::exception_ptr failure;
  StartedProgram program(run.program, environment);
  program.on_end([&end] {
    const std::uint64_t one = 1;
    static_cast<void>(!::write(end.get(), &one, sizeof one));
  });
  // Where the trace goes may end before the program does (a pipe to head). The program, started
  // before this, has its own signals.
  std::signal(SIGPIPE, SIG_IGN);
  for (bool running = true; running;) {
    std::array<pollfd, 2> ready{{{end.get(), POLLIN, 0}, {watch.get(), POLLIN, 0}}};
    ::poll(ready.data(), ready.size(), kTick);
    running = ready[0].revents == 0;
    if (watch.get() >= 0) swallow(watch.get());
    try {
      spool.drain(take);
      if (run.on_tick && !failure) run.on_tick();
    } catch (abi::__forced_unwind&) {
      throw;
    } catch (...) {
      failure = std::current_exception();
      take = [](std::string_view) {};  // the program goes on; its trace must not fill the disk
    }
  }
  if (failure) {
    program.exit_code();
    std::rethrow_exception(failure);
  }
  cutter.finish(run.on_line);
  return program.exit_code();
}

void read_trace_file(const std::string& file,
                     const std::function<void(std::string_view)>& on_line) {
  const Descriptor input(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (input.get() < 0) fail("cannot read " + file);
  TraceLineCutter cutter;
  std::vector<char> buffer(kChunk);
  for (;;) {
    const ssize_t count = ::read(input.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("cannot read " + file);
    if (count == 0) break;
    cutter.add({buffer.data(), static_cast<std::size_t>(count)}, on_line);
  }
  cutter.finish(on_line);
}

}  // namespace visa::tool
