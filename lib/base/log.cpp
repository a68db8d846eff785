// SPDX-License-Identifier: MIT
// The only file that includes spdlog: header-only with its own fmt inside this object, a logger and
// a sink of our own, never the registry or the default logger, because the host may use spdlog too.
#include "lib/base/log.h"

#include <fcntl.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/sink.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>

#include "lib/base/cancel_shield.h"
#include "lib/base/unique_fd.h"

namespace visa::log {
namespace detail {
std::atomic<State> state{State::unknown};
}  // namespace detail

namespace {

// One write(2) per record. No FILE, no buffer: nothing to lose in a crash, nothing to copy in a
// fork. No lock either, not even the C library's around its time zone: a child of fork may trace.
class AppendSink final : public spdlog::sinks::sink {
 public:
  AppendSink(int fd, UniqueFd owned) : fd_(fd), owned_(std::move(owned)) {}

  void log(const spdlog::details::log_msg& message) override {
    namespace chrono = std::chrono;
    const auto day = chrono::floor<chrono::days>(message.time);
    const chrono::year_month_day date(day);
    const chrono::hh_mm_ss time(chrono::floor<chrono::microseconds>(message.time - day));
    spdlog::memory_buf_t text;
    fmt::format_to(std::back_inserter(text),
                   "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z {}/{} {}\n",
                   static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                   static_cast<unsigned>(date.day()), time.hours().count(), time.minutes().count(),
                   time.seconds().count(), time.subseconds().count(), ::getpid(), ::gettid(),
                   std::string_view(message.payload.data(), message.payload.size()));
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
  void flush() override {}
  void set_pattern(const std::string&) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

 private:
  const int fd_;
  const UniqueFd owned_;
};

// Never freed: another thread, or a child of fork, may be inside it.
struct Opened {
  spdlog::logger logger;
  Opened* earlier;  // so that none is lost to a leak checker
};
std::atomic<spdlog::logger*> current{nullptr};
std::atomic<Opened*> opened{nullptr};

spdlog::logger* open_logger(std::string_view target) {
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
  auto sink = std::make_shared<AppendSink>(fd, std::move(owned));
  auto* made = new Opened{spdlog::logger("freevisa", std::move(sink)), opened.load()};
  while (!opened.compare_exchange_weak(made->earlier, made)) {
  }
  made->logger.set_level(spdlog::level::trace);
  made->logger.set_error_handler(
      [](const std::string&) {});  // else it would write to the standard error
  return &made->logger;
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
  const CancelShield shield;  // open(2) is a cancellation point
  auto next = detail::State::off;
  try {
    auto* logger = open_logger(target);
    if (logger != nullptr) next = detail::State::on;
    current.store(logger, std::memory_order_release);
  } catch (const std::exception&) {
    next = detail::State::off;
  }
  detail::state.store(next, std::memory_order_release);
}

// Not noexcept: write(2) is a cancellation point, and a thread may be cancelled inside a call of
// ours.
void line(std::string_view text) {
  if (!enabled()) return;
  try {
    auto* logger = current.load(std::memory_order_acquire);
    if (logger != nullptr) logger->log(spdlog::level::info, escaped(text));
  } catch (const std::exception&) {
    // Out of memory: the record is lost, the call goes on.
  }
}

}  // namespace visa::log
