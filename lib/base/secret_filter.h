// SPDX-License-Identifier: MIT
// Finds passwords in messages to instruments, so that a trace that a user sends on does not show
// them. A secret is the argument of a command whose header names one (SYSTem:PASSword:CENable
// "...", LAN:PSK), up to the end of its message unit; a query of such a header asks for one. One
// message at a time, in pieces if need be. Not thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace visa {

class SecretFilter {
 public:
  /// Takes the next byte of the message; true when it belongs to a secret.
  bool hides(char c);

  /// How many bytes come next that hides() would take as data of a block (IEEE 488.2), all of them
  /// with the same result; skip() takes some of them at once.
  std::uint64_t block_left() const noexcept { return block_left_; }
  void skip(std::uint64_t bytes) noexcept { block_left_ -= bytes; }

  /// The next byte begins a new message.
  void end_message();

  /// The next byte may belong to a secret.
  bool in_secret() const noexcept { return part_ == Part::secret; }

  /// Whether the last byte, or the end of the message, ended a header that asks for something
  /// (*IDN?).
  bool queries() const noexcept { return queries_; }
  /// The same for one that asks for a secret (PASSword?).
  bool asks() const noexcept { return asks_; }

 private:
  /// Where in a message unit the last byte was.
  enum class Part : char { header, argument, secret };

  void end_header();
  void note_block(char c);

  Part part_ = Part::header;
  bool queries_ = false;
  bool asks_ = false;
  char quote_ = 0;      // the quotation mark that is open in the argument; 0 for none
  std::string header_;  // of the current unit, as far as it came
  bool text_ = true;    // the header is printable
  char before_ = 0;     // the byte before, where an argument may begin: a blank or a comma; '#'
  unsigned length_digits_ = 0;    // of the length of a block, still to come
  std::uint64_t block_left_ = 0;  // data of a block, still to come
  std::uint64_t block_length_ = 0;
};

/// The beginning of a message with its secrets as asterisks.
std::string without_secrets(std::string_view message);

}  // namespace visa
