// SPDX-License-Identifier: MIT
// Makes a recording of what passed over the wire of one resource: operations of its sessions in,
// exchanges out. Messages are cut as the bench will cut them (engine/message_reader.h), so what the
// program sends again is recognised however it divides its writes. Bounded. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sim/recording/recording.h"

namespace visa::sim {

/// An operation of a session.
struct SeenOperation {
  enum class Kind : std::uint8_t { write, read, status, trigger, clear, service_request };
  Kind kind = Kind::write;
  std::int64_t end = 0;    ///< microseconds, of a clock that all sessions share
  std::int64_t began = 0;  ///< likewise
  std::int64_t took = 0;   ///< microseconds
  unsigned session = 0;
  std::string data;    ///< all of it; the status byte
  std::string hidden;  ///< a byte for each of `data`, not 0 where it is part of a password
  bool whole = true;   ///< END came with the last byte
};

class Recorder {
 public:
  /// `stream`: the wire has no END, as a raw socket and a serial port. `most`: bytes of all data.
  explicit Recorder(bool stream, std::size_t most = Recording::kMostData)
      : stream_(stream), most_(most) {}

  /// False when there is no room for more; the recording is then no good.
  bool add(SeenOperation operation);
  /// Fills in `exchanges` and `terminator`. `remarks`: what a replay cannot do as it was, a line
  /// each.
  void finish(Recording& recording, std::vector<std::string>& remarks) const;

 private:
  const bool stream_;
  const std::size_t most_;
  std::vector<SeenOperation> seen_;
  std::size_t bytes_ = 0;
};

}  // namespace visa::sim
