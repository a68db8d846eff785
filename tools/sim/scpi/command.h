// SPDX-License-Identifier: MIT
// One program message unit while it is executed: its parameters, checked and converted, and the
// place for its answer. Lives on the stack of ScpiInstrument::execute.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sim/base/output_queue.h"
#include "tools/sim/scpi/command_table.h"
#include "tools/sim/scpi/program_message.h"

namespace visa::sim {

class Link;

/// What a command needs of the instrument that executes it.
class CommandHost {
 public:
  /// Records an error in the queue and the ESR.
  virtual void report(int code, std::string_view detail) = 0;
  /// Puts ';' before the second and further answers of a message.
  virtual void separate_answer(Link& link) = 0;
  /// Integers are answered as "+0" instead of "0".
  virtual bool signed_integers() const noexcept = 0;

 protected:
  ~CommandHost() = default;
};

/// A settable number: what MINimum, MAXimum and DEFault stand for, and the range that -222 guards.
struct NumberSetting {
  double value = 0;
  double minimum = 0;
  double maximum = 0;
  double preset = 0;
  std::string_view unit = "*";  ///< that may follow it; "*": any, empty: none
  int range_error = -222;
  int type_error = -104;
  int choice_error = -224;

  void reset() noexcept { value = preset; }
};

class Command {
 public:
  Command(CommandHost& host, Link& link, const Unit& unit, const Suffixes& suffixes)
      : host_(host), link_(link), unit_(unit), suffixes_(suffixes) {}

  Link& link() const noexcept { return link_; }
  std::size_t count() const noexcept { return unit_.argument_count; }
  /// Numeric suffix number `index` of the header; nothing, and error -114, beyond 1..`highest`.
  std::optional<std::size_t> suffix(std::size_t index, std::size_t highest);

  /// Each gives parameter number `index` or nothing, having recorded the error that says why.
  std::optional<double> number(std::size_t index, const NumberSetting& range);
  std::optional<std::uint32_t> integer(std::size_t index, std::uint32_t least, std::uint32_t most);
  std::optional<bool> boolean(std::size_t index);
  std::optional<std::string> string(std::size_t index);
  /// The place of the parameter among `patterns` ("IMMediate", "BUS").
  std::optional<std::size_t> choice(std::size_t index,
                                    std::initializer_list<std::string_view> patterns);
  std::optional<std::size_t> choice(std::size_t index, const std::vector<std::string>& patterns,
                                    int choice_error, int type_error);
  /// Whether the parameter is the word `pattern`; records nothing.
  bool is_mnemonic(std::size_t index, std::string_view pattern) const noexcept;
  /// A parameter that must be absent, MIN, MAX or DEF, as in "VOLT:RANG? MAX".
  std::optional<double> asked_value(const NumberSetting& setting);

  void answer(std::string_view text);
  void answer_integer(std::int64_t value);
  void answer_number(double value);           ///< NR3, +1.23400000E+00
  void answer_string(std::string_view text);  ///< in double quotes
  /// Definite-length, the data shared; `digits` as block_header() has them.
  void answer_block(const SharedBytes& data, std::size_t digits = 1);
  void answer_shared(const SharedBytes& data);  ///< as it is

  void error(int code, std::string_view detail = {});

 private:
  const Argument* argument(std::size_t index);
  template <typename List>
  std::optional<std::size_t> choice_of(std::size_t index, const List& patterns, int choice_error,
                                       int type_error);

  CommandHost& host_;
  Link& link_;
  const Unit& unit_;
  const Suffixes& suffixes_;
};

}  // namespace visa::sim
