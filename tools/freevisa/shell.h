// SPDX-License-Identifier: MIT
// What the lines of `freevisa shell` do: commands for the instrument, and the shell's own, which
// begin with a point. Prints to standard output. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/freevisa/exchange.h"
#include "tools/freevisa/visa_session.h"

namespace visa::tool {

class Shell {
 public:
  /// `interrupted` says, once for each, whether the user pressed Ctrl-C between two commands.
  Shell(const Session& manager, std::uint32_t timeout, std::function<bool()> interrupted);

  /// Opens another instrument in place of the one before. Throws VisaFailure, and keeps that one.
  void open(const std::string& name);
  /// Does what `line` says. Throws VisaFailure. False: the user wants to leave.
  bool run(const std::string& line);
  /// "dmm> "
  std::string prompt() const;
  /// The words that the last word of `before` may become.
  std::vector<std::string> complete(std::string_view before) const;
  void set_timing(bool on) noexcept { timing_ = on; }

 private:
  /// Opens it again if the connection was lost.
  Instrument& instrument();
  void give_up();
  /// What `body` answers; after a failure of it the instrument is cleared.
  template <class Body>
  auto in_step(Body&& body);
  void exchange(const std::string& command);
  void show(const std::string& answer, double seconds) const;
  void repeat(const std::string& arguments);
  void set_timeout(const std::string& text);
  void print_errors();
  void print_status();
  bool run_own(const std::string& name, const std::string& arguments);

  const Session& manager_;
  std::uint32_t timeout_;
  std::function<bool()> interrupted_;
  std::string name_;  // of the instrument that was opened last
  std::optional<Instrument> instrument_;
  bool timing_ = false;
};

/// The shell's own commands with a line of help for each.
std::string_view shell_help() noexcept;

}  // namespace visa::tool
