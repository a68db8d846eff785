// SPDX-License-Identifier: MIT
// A [[record]] of a description: a waveform sampled, coded and answered as a definite-length block
// or a list, and the pictures and measurements of it.
//
// A record is made when it is first asked for and kept until it would be another one (a setting, a
// new acquisition), so asking for it again costs nothing but the wire. Owned by a
// DescribedInstrument.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tools/sim/description/description.h"
#include "tools/sim/description/property_store.h"
#include "tools/sim/scpi/block.h"
#include "tools/sim/scpi/command.h"
#include "tools/sim/signal/waveform.h"

namespace visa::sim {

class Record {
 public:
  static constexpr std::size_t kMostPoints = std::size_t{64} << 20;
  static constexpr std::size_t kMostAsciiPoints = 1000000;

  /// All of them outlive it.
  Record(const RecordDescription& described, PropertyStore& store, BlockPool& pool)
      : described_(described), store_(store), pool_(pool) {}

  void answer(Command& command);
  void acquire() { ++acquisition_; }

  std::size_t signals() const noexcept { return described_.signals.size(); }
  /// Of signal number `index`.
  Signal signal(std::size_t index);
  /// The time the record spans, taken in `points` samples.
  Sampling sampling(std::size_t points, std::size_t index);
  /// Of the selected signal.
  double peak_to_peak();

 private:
  std::size_t source();
  std::size_t points();
  const EncodingDescription& encoding();
  Coding coding(const EncodingDescription& encoding);
  SharedBytes data(Command& command, const EncodingDescription& encoding);

  const RecordDescription& described_;
  PropertyStore& store_;
  BlockPool& pool_;
  std::uint64_t acquisition_ = 1;
  SharedBytes made_;              ///< the record asked for last ...
  std::vector<double> made_for_;  ///< ... and all it depends on
};

/// The screen of an instrument with the traces of `record`, as PNG.
void answer_screenshot(Command& command, const ScreenshotDescription& described, Record& record,
                       PropertyStore& store, BlockPool& pool);

}  // namespace visa::sim
