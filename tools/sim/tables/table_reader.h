// SPDX-License-Identifier: MIT
// Takes the keys of one table of an instrument file, with the type each must have, and notes what
// is wrong with its place: a wrong type, a value out of range, a key that is missing or
// unknown. Lives while the file is read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/toml/toml_tree.h"

namespace visa::sim {

using tomlio::Entry;
using tomlio::Node;
using tomlio::Place;
using tomlio::Table;

/// The mistakes found so far; more than kMost are not kept.
class Mistakes {
 public:
  explicit Mistakes(std::string file) : file_(std::move(file)) {}
  void add(Place place, const std::string& text);
  bool empty() const noexcept { return lines_.empty(); }
  /// A line each, in the order of the file.
  std::string text() const;

 private:
  static constexpr std::size_t kMost = 20;
  struct Line {
    Place place;
    std::string text;
  };
  std::string file_;
  std::vector<Line> lines_;
};

class TableReader {
 public:
  /// `what`: how messages call the table, "[[property]]".
  TableReader(const Table& table, Place place, std::string what, Mistakes& mistakes)
      : table_(table), place_(place), what_(std::move(what)), mistakes_(mistakes) {}

  bool has(std::string_view key) const;
  /// Where the key stands, or the table if it is not there.
  Place place(std::string_view key) const;
  Place place() const noexcept { return place_; }
  const std::string& what() const noexcept { return what_; }
  Mistakes& mistakes() noexcept { return mistakes_; }

  /// The value, unless there is none or it is no good, which is noted then.
  const Node* any(std::string_view key);
  std::optional<std::string> text(std::string_view key);
  std::optional<double> number(std::string_view key, double least = -kHuge, double most = kHuge);
  std::optional<std::int64_t> integer(std::string_view key, std::int64_t least, std::int64_t most);
  std::optional<bool> boolean(std::string_view key);
  /// A string or a list of strings; of numbers.
  std::vector<std::string> texts(std::string_view key);
  std::vector<double> numbers(std::string_view key);
  /// The place among `words`.
  std::optional<std::size_t> word(std::string_view key, const std::vector<std::string_view>& words);
  /// A table, or a list of tables.
  const Node* table(std::string_view key);
  std::vector<const Node*> tables(std::string_view key);

  /// Notes that `key` has to be there.
  void require(std::string_view key, std::string_view expected);
  void mistake(std::string_view key, const std::string& text);
  /// Notes the keys that were not asked for. Called last.
  void finish();

  static constexpr double kHuge = std::numeric_limits<double>::max();

 private:
  const Table& table_;
  Place place_;
  std::string what_;
  Mistakes& mistakes_;
  std::vector<std::string> asked_;
};

/// What a description said, for a mistake's text: between apostrophes, control characters as dots,
/// no more than 60 bytes. Not called `quoted`: <chrono> of GCC 13 brings std::quoted, which an
/// unqualified call with a std::string would mean.
std::string cited(std::string_view text);

}  // namespace visa::sim
