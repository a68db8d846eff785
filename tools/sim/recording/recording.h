// SPDX-License-Identifier: MIT
// What an instrument was asked and what it answered, as `freevisa record` noted it: plain data,
// with the file it is kept in. README.md says what stands in the file. A value; immutable once
// read.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sim/base/output_queue.h"

namespace visa::sim {

class TableReader;

/// A message to the instrument, or a trigger or clear, and all that came of it until the next.
struct RecordedExchange {
  enum class Kind : std::uint8_t { message, trigger, clear };
  Kind kind = Kind::message;
  std::string message;  ///< without the line end at its end
  /// A password begins there, and what follows was not noted: only what is before it counts.
  std::optional<std::size_t> secret;
  std::vector<SharedBytes> answers;    ///< each with its line end, as it came
  std::chrono::milliseconds delay{0};  ///< from the message to its first answer
  std::vector<std::uint8_t> status;    ///< what polls of the status byte saw, in order
  std::vector<std::chrono::milliseconds> service_requests;  ///< when they came, from the message on
};

struct Recording {
  std::string name;      ///< of the instrument on the bench, "dmm"
  std::string resource;  ///< under which it was opened: "TCPIP0::10.0.0.7::5025::SOCKET"
  std::vector<std::string> opened_as;  ///< other names that the program used, aliases among them
  std::string wire;                    ///< of the bench that is most like it: "socket"
  bool loads_configuration = false;    ///< the program opened it with VI_LOAD_CONFIG
  char terminator = '\n';              ///< ends a message where the wire has no END
  std::vector<RecordedExchange> exchanges;  ///< in the order of their messages

  static constexpr std::size_t kMostExchanges = 50000;
  /// Bytes of a file of recordings, without those in the data file.
  static constexpr std::size_t kLargestText = std::size_t{256} << 20;
  /// Bytes of all answers together.
  static constexpr std::size_t kMostData = std::size_t{512} << 20;
};

/// The line end at the end does not count when messages are compared.
std::string_view without_line_end(std::string_view message) noexcept;

/// A table [[recorded]] of `file`, beside which the file with large answers stands. What is wrong
/// is noted in `table`; the tables of wires in it are left to the caller.
Recording read_recording(TableReader& table, const std::string& file);

/// The text of a file for `recordings`. Answers that are large go to `data`, whose content belongs
/// into the file data_file_of() beside it.
std::string recording_text(const std::vector<Recording>& recordings, std::string& data);
/// "bench.toml" has its large answers in "bench.data".
std::string data_file_of(const std::string& file);

}  // namespace visa::sim
