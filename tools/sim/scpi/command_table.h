// SPDX-License-Identifier: MIT
// The commands an instrument knows: SCPI patterns in their manual spelling
// ("MEASure:VOLTage[:DC]?", "CHANnel#:SCALe") and what each does. Filled once by the instrument's
// constructor, then only read.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sim/scpi/program_message.h"

namespace visa::sim {

class Command;

inline constexpr std::size_t kMaxSuffixes = 4;
using Suffixes = std::array<int, kMaxSuffixes>;

class CommandTable {
 public:
  using Handler = std::function<void(Command&)>;
  struct Entry {
    Handler handler;
    std::size_t least_arguments = 0;
    std::size_t most_arguments = 0;
  };

  /// `pattern`: nodes separated by ':', optional ones as "[:NODE]" (or "[NODE:]" in front), '#'
  /// where a numeric suffix may stand (left out = 1), a final '?' for the query. "*NAME" is a
  /// common command.
  void add(std::string_view pattern, Handler handler, std::size_t least_arguments = 0,
           std::size_t most_arguments = 0);

  /// What is wrong with a pattern, "expected ..."; empty if nothing is.
  static std::string pattern_fault(std::string_view pattern);

  /// The entry for `unit`, or null; of equal patterns the one added last; `suffixes` receives the
  /// numeric suffixes in order.
  const Entry* find(const Unit& unit, Suffixes& suffixes) const;

 private:
  struct Node {
    std::string long_form;
    std::string short_form;
    bool optional = false;
    bool suffix = false;
  };
  struct Row {
    std::uint32_t initials = 0;  ///< bit n: a header may begin with the letter 'A' + n
    std::vector<Node> nodes;
    Entry entry;
  };
  static std::vector<Node> nodes_of(std::string_view pattern);
  static bool matches_node(const Node& node, std::string_view text, int& suffix);
  static bool matches(const Row& row, std::size_t node, const Unit& unit, std::size_t at,
                      Suffixes& suffixes, std::size_t suffix_count);

  std::array<std::vector<Row>, 4> rows_;  ///< by common and query
};

}  // namespace visa::sim
