// SPDX-License-Identifier: MIT
// Drawn anew ten times a second at most; the line is written over with a carriage return.
#include "tools/freevisa/progress.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "tools/freevisa/terminal.h"

namespace visa::tool {
namespace {

constexpr std::chrono::milliseconds kFirst{500};
constexpr std::chrono::milliseconds kAgain{100};

std::string time_text(double seconds) {
  const auto whole = static_cast<unsigned long>(std::min(seconds, 359999.0));
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "%lu:%02lu", whole / 60, whole % 60);
  return text.data();
}

}  // namespace

std::string size_text(double bytes) {
  constexpr std::array<const char*, 5> kUnits = {"B", "kB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  for (; bytes >= 999.5 && unit + 1 < kUnits.size(); ++unit) bytes /= 1000;
  const int digits = unit == 0 || bytes >= 99.95 ? 0 : bytes >= 9.995 ? 1 : 2;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.*f %s", digits, bytes, kUnits.at(unit));
  return text.data();
}

std::string progress_line(std::size_t done, std::size_t total, double seconds, int width) {
  const double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
  std::string text = size_text(static_cast<double>(done));
  std::string bar;
  if (total >= done && total > 0) {
    const double share = static_cast<double>(done) / static_cast<double>(total);
    text += " of " + size_text(static_cast<double>(total)) + "  " + size_text(rate) + "/s";
    if (rate > 0) text += "  " + time_text(static_cast<double>(total - done) / rate) + " left";
    const int room = std::clamp(width - static_cast<int>(text.size()) - 12, 0, 40);
    const int full = static_cast<int>(std::lround(share * room));
    bar = std::string(static_cast<std::size_t>(full), '#') +
          std::string(static_cast<std::size_t>(room - full), '.');
    std::array<char, 8> percent{};
    std::snprintf(percent.data(), percent.size(), "%3d %%", static_cast<int>(share * 100));
    bar = (room > 0 ? "[" + bar + "] " : "") + percent.data() + "  ";
  } else {
    text += "  " + size_text(rate) + "/s";
  }
  return (bar + text).substr(0, static_cast<std::size_t>(std::max(width - 1, 0)));
}

Progress::Progress() : shown_(is_terminal(stderr)) {}

Progress::~Progress() {
  if (drawn_) std::fputs("\r\x1b[K", stderr);
}

void Progress::advance(std::size_t done, std::size_t total) {
  const Clock::time_point now = Clock::now();
  if (!shown_ || now - begin_ < kFirst || now - last_ < kAgain) return;
  last_ = now;
  drawn_ = true;
  const double seconds = std::chrono::duration<double>(now - begin_).count();
  const std::string line = progress_line(done, total, seconds, terminal_width(stderr));
  std::fprintf(stderr, "\r%s\x1b[K", line.c_str());
  std::fflush(stderr);
}

}  // namespace visa::tool
