// SPDX-License-Identifier: MIT
#include "conformance/unit/drivers/support/vxi11_answer.h"

#include <algorithm>

namespace visa::test {

std::string wire_word(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xFF);
  return bytes;
}

std::string wire_words(const std::vector<std::uint32_t>& values) {
  std::string bytes;
  for (const std::uint32_t value : values) bytes += wire_word(value);
  return bytes;
}

std::string record_of(const Answer& answer, std::uint32_t xid) {
  std::string body = wire_words({xid + answer.xid_change, 1});
  if (answer.denied) {
    body += wire_words({1, 1, 1});
  } else {
    body += wire_words({0, 0, static_cast<std::uint32_t>(answer.verifier.size())});
    body += answer.verifier + wire_word(answer.accept_status);
    body += wire_words(answer.words);
  }
  if (answer.data) {
    body += wire_word(answer.length.value_or(static_cast<std::uint32_t>(answer.data->size())));
    body += *answer.data;
    if (answer.padded) body.append((4 - answer.data->size() % 4) % 4, '\0');
  }
  body += answer.trailing;
  if (answer.mark) return wire_word(*answer.mark) + body;
  std::string record;
  for (const std::size_t wanted : answer.fragments) {
    const std::size_t size = std::min(wanted, body.size());
    record += wire_word(static_cast<std::uint32_t>(size)) + body.substr(0, size);
    body.erase(0, size);
  }
  const std::uint32_t last = answer.last_bit ? 0x80000000 : 0;
  return record + wire_word(last | static_cast<std::uint32_t>(body.size())) + body;
}

}  // namespace visa::test
