// SPDX-License-Identifier: MIT
// IEEE 488.2 common commands as messages; the answer to *STB? is read to its line feed.
#include "lib/core/protocol_4882.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <string_view>

namespace visa::core::protocol_4882 {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

/// How much of a line without end is read where no clock ends the call.
constexpr std::size_t kLongestLine = std::size_t{16} * 1024 * 1024;

/// `message` ends with a line feed. A stream that marks the end of messages itself gets it without.
Status send(spi::Channel& channel, std::string_view message, Call& call) {
  if (channel.traits().ends_messages) message.remove_suffix(1);
  return channel.write(std::as_bytes(std::span(message)), spi::WriteEnd::end, call).status;
}

/// What ends the answer to *STB?.
spi::EndRule line_rule(const spi::Channel& channel) {
  if (channel.traits().ends_messages) return {};
  return {.suppress_end = true, .termchar_enabled = true, .termchar = '\n'};
}

}  // namespace

Result<std::uint8_t> read_status_byte(spi::Channel& channel, Call& call) {
  const auto sent = send(channel, "*STB?\n", call);
  if (failed(sent)) return sent;
  const auto line = line_rule(channel);
  std::array<char, 32> buffer{};
  // An answer longer than any number is still read to its end, by the same deadline. The channel
  // does not look at the clock where the bytes are there already.
  const bool clock = !call.deadline.is_immediate() && !call.deadline.is_infinite();
  std::size_t used = 0;
  bool too_long = false;
  for (std::size_t read = 0; clock || read < kLongestLine; read += used) {
    const auto result = channel.read(std::as_writable_bytes(std::span(buffer)), line, call);
    if (failed(result.status)) return result.status;
    used = result.count;
    if (result.reason != spi::StopReason::count) break;
    if (clock && call.deadline.expired()) {
      return call.fail(Status::error_tmo,
                       "the instrument never stops sending: its answer to *STB? has no line feed");
    }
    too_long = true;
  }
  std::string_view text(buffer.data(), used);
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  text = text.substr(0, text.find_last_not_of(kSpace) + 1);
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (too_long || error != std::errc() || end != text.data() + text.size() || value > 255) {
    return call.fail(Status::error_outp_prot_viol,
                     "the instrument answered *STB? with something that is no number of 0 to 255");
  }
  return static_cast<std::uint8_t>(value);
}

Status trigger(spi::Channel& channel, Call& call) {
  return send(channel, "*TRG\n", call);
}

Status clear(spi::Channel& channel, Call& call) {
  return send(channel, "*CLS\n", call);
}

}  // namespace visa::core::protocol_4882
