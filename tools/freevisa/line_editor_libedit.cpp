// SPDX-License-Identifier: MIT
// libedit: NetBSD's library (BSD licence), packaged everywhere; GNU readline's licence does not
// allow it here. It finds its object again in callbacks through EL_CLIENTDATA.
#include <histedit.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <clocale>
#include <cstdio>
#include <cstring>
#include <cwchar>
#include <utility>

#include "tools/freevisa/completion.h"
#include "tools/freevisa/line_editor.h"
#include "tools/freevisa/pause.h"
#include "tools/freevisa/terminal.h"

namespace visa::tool {

struct LineEditor::State {
  std::string file;
  Complete complete;
  std::string prompt;
  ::EditLine* editor = nullptr;
  ::History* history = nullptr;
};

namespace {

constexpr int kLines = 1000;
constexpr const char* kWordEnds = " \t";

template <class State>
State& state_of(::EditLine* editor) {
  void* data = nullptr;
  ::el_get(editor, EL_CLIENTDATA, &data);
  return *static_cast<State*>(data);
}

void show(const std::vector<std::string>& words) {
  std::size_t width = 0;
  for (const std::string& word : words) width = std::max(width, word.size() + 2);
  const std::size_t columns =
      std::max<std::size_t>(static_cast<std::size_t>(terminal_width(stdout)) / width, 1);
  std::string text = "\n";
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string cell = words[i];
    const bool last = (i + 1) % columns == 0 || i + 1 == words.size();
    if (!last) cell.resize(width, ' ');
    text += cell + (last ? "\n" : "");
  }
  std::fputs(text.c_str(), stdout);
}

template <class State>
unsigned char complete_word(::EditLine* editor, int) {
  const ::LineInfo* const line = ::el_line(editor);
  const std::string_view before(line->buffer,
                                static_cast<std::size_t>(line->cursor - line->buffer));
  const std::vector<std::string> words = state_of<State>(editor).complete(before);
  if (words.empty()) return CC_ERROR;
  const std::size_t space = before.find_last_of(kWordEnds);
  const std::size_t typed = before.size() - (space == std::string_view::npos ? 0 : space + 1);
  std::string insert = words.size() == 1 ? words.front() + " " : common_beginning(words);
  if (insert.size() >= typed && typed > 0) ::el_deletestr(editor, static_cast<int>(typed));
  if (insert.size() >= typed && !insert.empty()) ::el_insertstr(editor, insert.c_str());
  if (words.size() == 1) return CC_REFRESH;
  show(words);
  return CC_REDISPLAY;
}

// A character of the terminal; -1 with EINTR after Ctrl-C, also if that came just before.
int next_character(::EditLine*, wchar_t* character) {
  std::mbstate_t state{};
  while (true) {
    if (!wait_for_input(STDIN_FILENO)) {
      errno = EINTR;
      return -1;
    }
    char byte = 0;
    const ssize_t count = ::read(STDIN_FILENO, &byte, 1);
    if (count <= 0) return static_cast<int>(count);
    // NOLINTNEXTLINE(concurrency-mt-unsafe): it is safe with a state of the caller's
    const std::size_t used = std::mbrtowc(character, &byte, 1, &state);
    if (used <= 1) return 1;
    if (used == static_cast<std::size_t>(-1)) state = {};  // no character: left out
  }
}

template <class State>
char* prompt_of(::EditLine* editor) {
  return state_of<State>(editor).prompt.data();
}

}  // namespace

LineEditor::LineEditor(std::string history_file, Complete complete)
    : state_(std::make_unique<State>()) {
  std::setlocale(LC_CTYPE, "");  // NOLINT(concurrency-mt-unsafe): no other thread runs
  state_->file = std::move(history_file);
  state_->complete = std::move(complete);
  state_->editor = ::el_init("freevisa", stdin, stdout, stderr);
  state_->history = ::history_init();
  ::EditLine* const editor = state_->editor;
  HistEvent event{};
  ::history(state_->history, &event, H_SETSIZE, kLines);
  ::history(state_->history, &event, H_SETUNIQUE, 1);
  if (!state_->file.empty()) ::history(state_->history, &event, H_LOAD, state_->file.c_str());
  ::el_set(editor, EL_CLIENTDATA, state_.get());
  ::el_set(editor, EL_PROMPT, &prompt_of<State>);
  ::el_set(editor, EL_GETCFN, &next_character);
  ::el_set(editor, EL_EDITOR, "emacs");
  ::el_set(editor, EL_HIST, &::history, state_->history);
  ::el_set(editor, EL_ADDFN, "freevisa-complete", "Completes the word", &complete_word<State>);
  ::el_set(editor, EL_BIND, "^I", "freevisa-complete", nullptr);
  ::el_set(editor, EL_BIND, "^R", "em-inc-search-prev", nullptr);
  ::el_set(editor, EL_BIND, "\\e[1;5C", "em-next-word", nullptr);
  ::el_set(editor, EL_BIND, "\\e[1;5D", "ed-prev-word", nullptr);
}

LineEditor::~LineEditor() {
  ::history_end(state_->history);
  ::el_end(state_->editor);
}

std::optional<std::string> LineEditor::read(const std::string& prompt) {
  state_->prompt = prompt;
  // Before the prompt appears: what is typed from then on is for the editor, not for the system.
  ::el_set(state_->editor, EL_PREP_TERM, 1);
  int count = 0;
  errno = 0;
  const char* const line = ::el_gets(state_->editor, &count);
  if (line == nullptr || count <= 0) {
    if (errno != EINTR) return std::nullopt;
    ::el_set(state_->editor, EL_PREP_TERM, 0);
    std::fputs("\n", stdout);
    return "";
  }
  std::string text(line, static_cast<std::size_t>(count));
  text.erase(text.find_last_not_of("\r\n") + 1);
  return text;
}

void LineEditor::remember(const std::string& line) {
  HistEvent event{};
  ::history(state_->history, &event, H_ENTER, line.c_str());
  if (!state_->file.empty()) ::history(state_->history, &event, H_SAVE, state_->file.c_str());
}

bool LineEditor::edits() noexcept {
  return true;
}

}  // namespace visa::tool
