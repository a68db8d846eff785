// SPDX-License-Identifier: MIT
// The only file that includes spdlog. spdlog is used header-only, with its own fmt, inside this
// object file; logger and sink are made here. Its registry and its default logger are never used,
// because the program may use spdlog too.
#include "lib/base/log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/sink.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "lib/base/cancel_shield.h"
#include "lib/base/environment.h"
#include "lib/base/trace_target.h"

namespace visa::log {
namespace detail {
std::atomic<State> state{State::unknown};
}  // namespace detail

namespace {

using namespace std::chrono_literals;

// How long one call waits for a slow reader of the trace.
constexpr auto kSlowReader = 50ms;

// Counts the records that could not be written, until a later record reports them. Two threads may
// count at once. A child of fork does not report the losses of its parent.
class Losses {
 public:
  struct Account {
    std::uint64_t lines = 0;
    int error = 0;
    bool torn = false;  // the last record was cut off in its middle
  };
  Account take() noexcept {
    const pid_t process = ::getpid();
    Account account{lines_.exchange(0), error_.load(), torn_.exchange(false)};
    return process_.exchange(process) == process ? account : Account{};
  }
  void add(const Account& account) noexcept {
    error_ = account.error;
    if (account.torn) torn_ = true;
    lines_ += account.lines;
  }

 private:
  std::atomic<std::uint64_t> lines_{0};
  std::atomic<int> error_{0};
  std::atomic<bool> torn_{false};
  std::atomic<pid_t> process_{0};
};

std::string why_lost(int error) {
  if (error == EAGAIN) return "nobody read them in time";
  if (error == EBADF) return "the program closed the descriptor of the trace";
  return std::generic_category().message(error);
}

// One write(2) per record. Without FILE and buffer, a crash loses nothing and a fork copies
// nothing. No lock either, not even the C library's time zone lock: a child of fork may write a
// trace.
class AppendSink final : public spdlog::sinks::sink {
 public:
  explicit AppendSink(TraceTarget target) : target_(std::move(target)) {}

  void log(const spdlog::details::log_msg& message) override {
    const auto lost = losses_.take();
    spdlog::memory_buf_t text;
    if (lost.torn) text.push_back('\n');
    if (lost.lines > 0) {
      append(text, message.time,
             fmt::format("{} lines of this trace are missing here: {}", lost.lines,
                         why_lost(lost.error)));
    }
    const std::size_t notice = text.size();
    append(text, message.time, {message.payload.data(), message.payload.size()});
    // After the reader was too slow once, calls do not wait for it until it has read again.
    const auto done = target_.write({text.data(), text.size()}, lost.lines > 0 ? 0ms : kSlowReader);
    if (done == text.size()) return;
    const int error = errno;
    const bool told = lost.lines > 0 && done >= notice;
    losses_.add({told ? 1 : lost.lines + 1, error, done == 0 ? lost.torn : done != notice});
  }
  void flush() override {}
  void set_pattern(const std::string&) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

 private:
  static void append(spdlog::memory_buf_t& text, spdlog::log_clock::time_point when,
                     std::string_view payload) {
    namespace chrono = std::chrono;
    const auto day = chrono::floor<chrono::days>(when);
    const chrono::year_month_day date(day);
    const chrono::hh_mm_ss time(chrono::floor<chrono::microseconds>(when - day));
    fmt::format_to(
        std::back_inserter(text), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z {}/{} {}\n",
        static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()), time.hours().count(), time.minutes().count(),
        time.seconds().count(), time.subseconds().count(), ::getpid(), ::gettid(), payload);
  }

  const TraceTarget target_;
  Losses losses_;
};

// An opened trace. Never freed, because another thread, or a child of fork, may be using it.
struct Opened {
  spdlog::logger logger;
  Opened* earlier;  // keeps all of them reachable for a leak checker
};
std::atomic<spdlog::logger*> current{nullptr};
std::atomic<Opened*> opened{nullptr};

spdlog::logger* open_logger(std::string_view target) {
  auto place = TraceTarget::open(target);
  // There is nowhere to report the failure: unrequested output would mix with the program's own.
  if (!place) return nullptr;
  auto sink = std::make_shared<AppendSink>(std::move(place));
  auto* made = new Opened{spdlog::logger("freevisa", std::move(sink)), opened.load()};
  while (!opened.compare_exchange_weak(made->earlier, made)) {
  }
  made->logger.set_level(spdlog::level::trace);
  made->logger.set_error_handler(
      [](const std::string&) {});  // spdlog's own handler writes to the standard error
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
    const char* target = trusted_getenv("FREEVISA_TRACE");
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
