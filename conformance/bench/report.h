// SPDX-License-Identifier: MIT
// The lines of results, each with its goal, printed as a table and as JSON.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "conformance/bench/measure.h"

namespace visa::bench {

/// One line: a value of the measured library and, if the floor has it too, the floor's.
struct Line {
  std::string row;   // "idn"
  std::string what;  // "p50"
  std::string unit;  // "us"
  double ours = 0;
  std::optional<double> floor;
  std::optional<Ratio> ratio;
  std::optional<double> limit;  // for the ratio if there is one, otherwise for `ours`
  std::optional<double> peer;   // the peer library's value that `limit` would apply to
  std::string note;

  double judged() const { return ratio ? ratio->median : ours; }
  bool met() const { return !limit || judged() <= *limit; }
};

class Report {
 public:
  /// A title is printed above the lines of its row.
  void title(const std::string& row, const std::string& text);
  void add(Line line) { lines_.push_back(std::move(line)); }
  bool all_met() const;

  /// If `gated` is false, no goal is judged (two processors).
  void print(std::ostream& out, const std::string& ours, const std::string& peer, bool gated) const;
  void print_json(std::ostream& out, const std::string& ours, const std::string& peer,
                  bool gated) const;

 private:
  std::vector<std::pair<std::string, std::string>> titles_;
  std::vector<Line> lines_;
};

}  // namespace visa::bench
