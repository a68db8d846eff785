// SPDX-License-Identifier: MIT
// Collects what is wrong with configuration files: one line each with file, line, column, cause and
// what was expected. Bounded, whatever the files hold. Filled by one thread while loading.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "lib/toml/toml_tree.h"

namespace visa::config {

using tomlio::Place;

class ProblemLog {
 public:
  /// lost: something the user wrote has no effect, so viOpenDefaultRM warns
  /// (VI_WARN_CONFIG_NLOADED). harmless: worth a line, no more (a key of a newer version, say).
  enum class Severity { lost, harmless };

  static constexpr std::size_t kMostLines = 100;

  /// The file the next lines are about.
  void enter(std::string_view file) { file_ = file; }

  void lost(Place place, std::string_view text) { add(Severity::lost, place, text); }
  void harmless(Place place, std::string_view text) { add(Severity::harmless, place, text); }
  void add(Severity severity, Place place, std::string_view text);

  bool complete() const noexcept { return complete_; }

  /// At most kMostLines, and one more that counts the rest.
  std::vector<std::string> lines() const;

 private:
  std::string file_;
  bool complete_ = true;
  std::vector<std::string> lines_;
  std::size_t left_out_ = 0;
};

/// `text` in quotes for a message: printable ASCII, cut after 80 characters.
std::string in_quotes(std::string_view text);

}  // namespace visa::config
