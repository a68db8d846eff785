// SPDX-License-Identifier: MIT
// For a build without libedit: the terminal's own editing of one line.
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "tools/freevisa/line_editor.h"

namespace visa::tool {

struct LineEditor::State {
  char* line = nullptr;
  std::size_t size = 0;
};

// NOLINTNEXTLINE(performance-unnecessary-value-param): libedit's keeps them
LineEditor::LineEditor(std::string, Complete) : state_(std::make_unique<State>()) {}

LineEditor::~LineEditor() {
  std::free(state_->line);
}

std::optional<std::string> LineEditor::read(const std::string& prompt) {
  std::fputs(prompt.c_str(), stdout);
  std::fflush(stdout);
  errno = 0;
  const ssize_t count = ::getline(&state_->line, &state_->size, stdin);
  if (count < 0 && errno == EINTR) {
    std::clearerr(stdin);
    std::fputs("\n", stdout);
    return "";
  }
  if (count < 0) return std::nullopt;
  std::string text(state_->line, static_cast<std::size_t>(count));
  text.erase(text.find_last_not_of("\r\n") + 1);
  return text;
}

void LineEditor::remember(const std::string&) {}

bool LineEditor::edits() noexcept {
  return false;
}

}  // namespace visa::tool
