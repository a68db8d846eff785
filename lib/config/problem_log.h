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
  /// unread: a file as a whole has no effect, so viOpenDefaultRM warns (VI_WARN_CONFIG_NLOADED).
  /// lost: something the user wrote has no effect, the rest of the file has. harmless: worth a
  /// line, no more (a key of a newer version, say).
  enum class Severity { unread, lost, harmless };

  static constexpr std::size_t kMostLines = 100;

  /// The file the next lines are about.
  void enter(std::string_view file) { file_ = file; }

  /// Without a place it is the file as a whole that is lost.
  void lost(Place place, std::string_view text) {
    add(place.line == 0 ? Severity::unread : Severity::lost, place, text);
  }
  void unread(Place place, std::string_view text) { add(Severity::unread, place, text); }
  void harmless(Place place, std::string_view text) { add(Severity::harmless, place, text); }
  void add(Severity severity, Place place, std::string_view text);

  /// A value of a type or range that its key does not take.
  void wrong_value(const tomlio::Entry& entry, std::string_view expected);
  /// A key of no meaning; `known` lists those that have one.
  void unknown_key(const tomlio::Entry& entry, std::string_view where, std::string_view known);

  /// No file as a whole is lost.
  bool every_file_read() const noexcept { return every_file_read_; }
  /// Nothing is lost.
  bool complete() const noexcept { return losses_ == 0; }

  /// The first line about something lost, preferably a whole file, and how many more there are; ""
  /// where nothing is lost.
  std::string loss() const;

  /// At most kMostLines, and one more that counts the rest.
  std::vector<std::string> lines() const;

 private:
  std::string file_;
  bool every_file_read_ = true;
  std::size_t losses_ = 0;
  std::string first_loss_;
  std::vector<std::string> lines_;
  std::size_t left_out_ = 0;
};

/// `text` in quotes for a message: printable ASCII, cut after 80 characters.
std::string in_quotes(std::string_view text);

}  // namespace visa::config
