// SPDX-License-Identifier: MIT
// A two-channel oscilloscope: a ringing pulse on channel 1, a sine on channel 2, records of up to
// 64 million points as definite-length blocks, and a screenshot as PNG.
//
// A record is made when it is first asked for and kept until a setting changes or a new acquisition
// is started (SINGle, RUN, DIGitize, *TRG), so asking for it again costs nothing but the wire.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "tools/sim/block.h"
#include "tools/sim/scpi_instrument.h"
#include "tools/sim/waveform.h"

namespace visa::sim {

class Oscilloscope : public ScpiInstrument {
 public:
  static constexpr std::size_t kChannels = 2;
  static constexpr std::size_t kMaxPoints = std::size_t{64} << 20;
  static constexpr std::size_t kMaxAsciiPoints = 1000000;
  // All records and pictures that clients have not finished reading, together.
  static constexpr std::size_t kPoolLimit = std::size_t{512} << 20;

  explicit Oscilloscope(std::size_t pool_limit = kPoolLimit);

 protected:
  void reset() override;
  void on_trigger() override { acquire(); }

 private:
  struct Channel {
    Signal signal;
    bool shown = true;
    NumberSetting scale;
    NumberSetting offset;    // V at the middle of the record's range
    NumberSetting position;  // divisions by which the screen shows it higher
  };

  void add_acquisition_commands();
  void add_channel_commands(std::size_t index);
  void add_waveform_commands();
  void acquire();
  Sampling sampling(std::size_t points) const;
  Coding coding() const;
  // The record of the selected channel, made if need be; null if it cannot be had, with the error.
  SharedBytes record(Command& command);
  void answer_record(Command& command);
  void answer_preamble(Command& command);
  void answer_measurement(Command& command, bool peak_to_peak);
  void answer_screenshot(Command& command);

  std::array<Channel, kChannels> channels_;
  NumberSetting time_scale_;
  NumberSetting time_position_;
  NumberSetting points_;
  SampleFormat format_ = SampleFormat::byte;
  ByteOrder order_ = ByteOrder::little;
  std::size_t source_ = 0;  // channel whose record is asked for
  std::uint64_t acquisition_ = 1;
  BlockPool pool_;
  SharedBytes record_;  // null: a setting has changed since
};

}  // namespace visa::sim
