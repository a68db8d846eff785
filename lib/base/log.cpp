// SPDX-License-Identifier: MIT
// The only file that includes spdlog: header-only with its own fmt inside this object, a logger and a
// sink of our own, never the registry or the default logger, because the host may use spdlog too.
#include "lib/base/log.h"

#include <fcntl.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <string>

#include "lib/base/no_destructor.h"
#include "lib/base/thread_annotations.h"
#include "lib/base/unique_fd.h"

namespace visa::log {
namespace detail {
std::atomic<State> state{State::unknown};
}  // namespace detail

namespace {

// One write(2) per record. No FILE, no buffer: nothing to lose in a crash, nothing to copy in a fork.
class AppendSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit AppendSink(int fd, UniqueFd owned) : fd_(fd), owned_(std::move(owned)) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t text;
    formatter_->format(message, text);
    const char* at = text.data();
    std::size_t left = text.size();
    while (left > 0) {
      const ssize_t written = ::write(fd_, at, left);
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return;  // a full disk must not disturb the measurement
      at += written;
      left -= static_cast<std::size_t>(written);
    }
  }
  void flush_() override {}

 private:
  const int fd_;
  const UniqueFd owned_;
};

struct Trace {
  Mutex mutex;
  std::shared_ptr<spdlog::logger> logger VISA_GUARDED_BY(mutex);
};

Trace& trace() {
  static NoDestructor<Trace> instance;
  return *instance;
}

std::shared_ptr<spdlog::logger> open_logger(std::string_view target) {
  if (target.empty()) return nullptr;
  UniqueFd owned;
  int fd = STDERR_FILENO;
  if (target != "stderr") {
    owned = UniqueFd(::open(std::string(target).c_str(),
                            O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666));
    // No place to complain to: output unasked for would land in the user's own.
    if (!owned) return nullptr;
    fd = owned.get();
  }
  auto logger = std::make_shared<spdlog::logger>(
      "freevisa", std::make_shared<AppendSink>(fd, std::move(owned)));
  logger->set_formatter(std::make_unique<spdlog::pattern_formatter>(
      "%Y-%m-%dT%H:%M:%S.%f %P/%t %v", spdlog::pattern_time_type::local, "\n"));
  logger->set_level(spdlog::level::trace);
  return logger;
}

std::string escaped(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0x7f) {
      out += "\\x";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

bool detail::start() noexcept {
  try {
    const char* target = std::getenv("FREEVISA_TRACE");
    redirect(target == nullptr ? "" : target);
  } catch (const std::exception&) {
    state.store(State::off, std::memory_order_release);
  }
  return state.load(std::memory_order_acquire) == State::on;
}

void redirect(std::string_view target) noexcept {
  auto next = detail::State::off;
  try {
    auto logger = open_logger(target);
    if (logger != nullptr) next = detail::State::on;
    const MutexLock lock(trace().mutex);
    trace().logger = std::move(logger);
  } catch (const std::exception&) {
    next = detail::State::off;
  }
  detail::state.store(next, std::memory_order_release);
}

void line(std::string_view text) noexcept {
  if (!enabled()) return;
  try {
    std::shared_ptr<spdlog::logger> logger;
    {
      const MutexLock lock(trace().mutex);
      logger = trace().logger;
    }
    if (logger != nullptr) logger->log(spdlog::level::info, escaped(text));
  } catch (const std::exception&) {
    // Out of memory: the record is lost, the call goes on.
  }
}

}  // namespace visa::log
