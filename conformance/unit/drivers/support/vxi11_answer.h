// SPDX-License-Identifier: MIT
// What a scripted instrument answers to one RPC call, and in what shape: everything that is right,
// and everything instruments get wrong. Values.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace visa::test {

struct Answer {
  std::vector<std::uint32_t> words = {};  // the results
  std::optional<std::string> data = {};   // opaque<> after them

  bool silent = false;  // no reply at all
  bool hold = false;    // until the call is aborted or its I/O timeout is over
  /// The call is executed and answered so much later; its connection is not served meanwhile. An
  /// abort ends it where `abortable`. Without words and data it is answered as it would have been.
  std::chrono::milliseconds late{0};
  bool abortable = false;
  bool closes = false;  // the connection, after what is sent

  std::string before = {};                    // raw bytes ahead of the reply
  std::vector<std::size_t> fragments = {};    // the record is cut so; the rest is the last one
  bool last_bit = true;                       // set on the last fragment
  bool padded = true;                         // the opaque data
  std::string trailing = {};                  // bytes of the record after the results
  std::uint32_t xid_change = 0;               // added to the xid
  std::optional<std::uint32_t> mark = {};     // instead of the true one
  std::optional<std::uint32_t> length = {};   // of the opaque data, instead of the true one
  std::optional<std::size_t> stalls_at = {};  // so many bytes are sent, and no more
  std::size_t pieces = 0;                     // sent so many bytes at a time
  std::uint32_t accept_status = 0;
  bool denied = false;
  std::string verifier = {};
};

/// A word as it is on the wire, and several.
std::string wire_word(std::uint32_t value);
std::string wire_words(const std::vector<std::uint32_t>& values);

/// `answer` as the reply to call `xid`, with its record marks.
std::string record_of(const Answer& answer, std::uint32_t xid);

}  // namespace visa::test
