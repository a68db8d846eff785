// SPDX-License-Identifier: MIT
// Finds passwords in messages to instruments, so that a trace that a user sends on does not show
// them. A secret is the argument of a command whose header names one (SYSTem:PASSword:CENable
// "...", LAN:PSK), up to the end of its message unit; a query of such a header asks for one. One
// message at a time, in pieces if need be. Not thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace visa {

class SecretFilter {
 public:
  /// Takes the next byte of the message; true when it belongs to a secret.
  bool hides(char c);

  /// The next byte begins a new message.
  void end_message();

  /// Whether the last byte, or the end of the message, ended a header that asks for a secret
  /// (PASSword?).
  bool asks() const noexcept { return asks_; }

 private:
  /// Where in a message unit the last byte was.
  enum class Part : char { header, argument, secret };

  void end_header();

  Part part_ = Part::header;
  bool asks_ = false;
  char quote_ = 0;      // the quotation mark that is open in the argument; 0 for none
  std::string header_;  // of the current unit, as far as it came
};

/// The beginning of a message with its secrets as asterisks.
std::string without_secrets(std::string_view message);

}  // namespace visa
