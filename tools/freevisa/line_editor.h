// SPDX-License-Identifier: MIT
// Reads lines from the terminal, with editing, history and completion by libedit where the build
// has it, else plain lines. One object, one thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace visa::tool {

class LineEditor {
 public:
  /// For the text before the cursor: the words that its last word may become.
  using Complete = std::function<std::vector<std::string>(std::string_view before)>;

  /// `history_file`: read now, written by remember(); "" for none.
  LineEditor(std::string history_file, Complete complete);
  ~LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  /// The next line without its line feed; "" after Ctrl-C; nothing at the end of the input.
  std::optional<std::string> read(const std::string& prompt);
  void remember(const std::string& line);
  /// Whether the build has libedit.
  static bool edits() noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace visa::tool
