// SPDX-License-Identifier: MIT
// The screen is 10 divisions wide with the trigger 2 divisions from the left, and 8 high.
#include "tools/sim/oscilloscope.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <span>
#include <string>

#include "tools/sim/screenshot.h"

namespace visa::sim {
namespace {

constexpr double kDivisionsWide = 10;
constexpr double kTriggerDivision = 2;
constexpr double kCodesPerDivision = 25;
constexpr std::size_t kMeasuredPoints = 10000;

}  // namespace

Oscilloscope::Oscilloscope(std::size_t pool_limit)
    : ScpiInstrument("FreeVISA,Virtual Oscilloscope,SIM-SCOPE-0001,1.0"), pool_(pool_limit) {
  channels_[0].signal = {1.1, 2000, 0.7e-3, 0.02};
  channels_[1].signal = {0.8, 1000, 0, 0.02};
  channels_[0].position.preset = 1.8;
  channels_[1].position.preset = -2;
  for (Channel& channel : channels_) {
    channel.scale = {0.5, 1e-3, 10, 0.5};
    channel.offset.minimum = -100;
    channel.offset.maximum = 100;
    channel.position.minimum = -4;
    channel.position.maximum = 4;
  }
  time_scale_ = {0, 1e-9, 50, 500e-6};
  time_position_ = {0, -1000, 1000, 0};
  points_ = {0, 1, static_cast<double>(kMaxPoints), 10000};
  Oscilloscope::reset();
  add_acquisition_commands();
  for (std::size_t i = 0; i < kChannels; ++i) {
    add_channel_commands(i);
  }
  add_waveform_commands();
}

void Oscilloscope::reset() {
  for (Channel& channel : channels_) {
    channel.shown = true;
    channel.scale.reset();
    channel.offset.reset();
    channel.position.reset();
  }
  time_scale_.reset();
  time_position_.reset();
  points_.reset();
  format_ = SampleFormat::byte;
  order_ = ByteOrder::little;
  source_ = 0;
  record_.reset();
}

void Oscilloscope::acquire() {
  ++acquisition_;
  record_.reset();
}

void Oscilloscope::add_acquisition_commands() {
  for (const char* const pattern : {"[ACQuire:]RUN", "[ACQuire:]SINGle", "DIGitize"}) {
    commands().add(pattern, [this](Command&) { acquire(); });
  }
  commands().add("[ACQuire:]STOP", [](Command&) {});
  commands().add("AUToscale", [this](Command&) {
    const auto points = points_;
    const auto format = format_;
    reset();
    points_ = points;
    format_ = format;
    acquire();
  });
  const auto changed = [this] { record_.reset(); };
  add_number("TIMebase:SCALe", time_scale_, changed);
  add_number("TIMebase:POSition", time_position_, changed);
}

void Oscilloscope::add_channel_commands(std::size_t index) {
  Channel& channel = channels_[index];
  std::string name = "CHANnel" + std::to_string(index + 1);
  const auto changed = [this] { record_.reset(); };
  add_number(name + ":SCALe", channel.scale, changed);
  add_number(name + ":OFFSet", channel.offset, changed);
  add_number(name + ":POSition", channel.position);
  add_boolean(name + ":DISPlay", channel.shown);
}

void Oscilloscope::add_waveform_commands() {
  const auto changed = [this] { record_.reset(); };
  add_number("WAVeform:POINts", points_, [this, changed] {
    points_.value = static_cast<double>(static_cast<std::size_t>(points_.value));
    changed();
  });
  commands().add(
      "WAVeform:FORMat",
      [this](Command& command) {
        if (const auto place = command.choice(0, {"BYTE", "WORD", "REAL", "ASCii"})) {
          format_ = static_cast<SampleFormat>(*place);
          record_.reset();
        }
      },
      1);
  commands().add("WAVeform:FORMat?", [this](Command& command) {
    constexpr std::array<std::string_view, 4> kNames = {"BYTE", "WORD", "REAL", "ASC"};
    command.answer(kNames[static_cast<std::size_t>(format_)]);
  });
  commands().add(
      "WAVeform:BYTeorder",
      [this](Command& command) {
        if (const auto place = command.choice(0, {"LSBFirst", "MSBFirst"})) {
          order_ = static_cast<ByteOrder>(*place);
          record_.reset();
        }
      },
      1);
  commands().add("WAVeform:BYTeorder?", [this](Command& command) {
    command.answer(order_ == ByteOrder::little ? "LSBF" : "MSBF");
  });
  commands().add(
      "WAVeform:SOURce",
      [this](Command& command) {
        if (const auto place = command.choice(0, {"CHANnel1", "CHANnel2"})) {
          source_ = *place;
          record_.reset();
        }
      },
      1);
  commands().add("WAVeform:SOURce?", [this](Command& command) {
    command.answer("CHAN" + std::to_string(source_ + 1));
  });
  commands().add("WAVeform:PREamble?", [this](Command& command) { answer_preamble(command); });
  commands().add("WAVeform:XINCrement?", [this](Command& command) {
    command.answer_number(sampling(static_cast<std::size_t>(points_.value)).interval);
  });
  commands().add("WAVeform:YINCrement?",
                 [this](Command& command) { command.answer_number(coding().step); });
  commands().add("WAVeform[:DATA]?", [this](Command& command) { answer_record(command); });
  commands().add("CURVe?", [this](Command& command) { answer_record(command); });
  commands().add("MEASure:VPP?", [this](Command& command) { answer_measurement(command, true); });
  commands().add("MEASure:FREQuency?",
                 [this](Command& command) { answer_measurement(command, false); });
  commands().add("HCOPy:SDUMp:DATA?", [this](Command& command) { answer_screenshot(command); });
  commands().add("DISPlay:DATA?", [this](Command& command) { answer_screenshot(command); });
}

Sampling Oscilloscope::sampling(std::size_t points) const {
  Sampling sampling;
  sampling.points = points;
  sampling.interval = kDivisionsWide * time_scale_.value / static_cast<double>(points);
  sampling.start = time_position_.value - kTriggerDivision * time_scale_.value;
  sampling.seed = acquisition_ * kChannels + source_;
  return sampling;
}

Coding Oscilloscope::coding() const {
  const Channel& channel = channels_[source_];
  double step = channel.scale.value / kCodesPerDivision;
  if (format_ == SampleFormat::word) {
    step /= 256;
  }
  return {format_, order_, channel.offset.value, step};
}

SharedBytes Oscilloscope::record(Command& command) {
  if (record_ != nullptr) {
    return record_;
  }
  const auto points = static_cast<std::size_t>(points_.value);
  const Signal& signal = channels_[source_].signal;
  if (format_ == SampleFormat::ascii) {
    if (points > kMaxAsciiPoints) {
      command.error(-221, "ASCii has at most 1000000 points");
      return nullptr;
    }
    record_ = pool_.make(points * kAsciiSample, [&](std::string& bytes) {
      bytes = encode_ascii(signal, sampling(points));
    });
  } else {
    record_ = pool_.make(points * bytes_per_sample(format_), [&](std::string& bytes) {
      encode_binary(signal, sampling(points), coding(), bytes);
    });
  }
  if (record_ == nullptr) {
    command.error(-321);
  }
  return record_;
}

void Oscilloscope::answer_record(Command& command) {
  const SharedBytes data = record(command);
  if (data == nullptr) {
    return;
  }
  if (format_ == SampleFormat::ascii) {
    command.answer_shared(data);
  } else {
    command.answer_block(data);
  }
}

// format, type, points, count, x increment, x origin, x reference, y increment, y origin, y
// reference; volts = (code - y reference) * y increment + y origin.
void Oscilloscope::answer_preamble(Command& command) {
  const auto points = static_cast<std::size_t>(points_.value);
  const Sampling sampled = sampling(points);
  const Coding coded = coding();
  const int reference = format_ == SampleFormat::word ? kWordReference : kByteReference;
  constexpr std::array<int, 4> kFormatCodes = {0, 1, 2, 4};
  std::array<char, 256> text{};
  const int length =
      std::snprintf(text.data(), text.size(), "%d,0,%zu,1,%+.8E,%+.8E,0,%+.8E,%+.8E,%d",
                    kFormatCodes[static_cast<std::size_t>(format_)], points, sampled.interval,
                    sampled.start, coded.step, coded.offset, reference);
  command.answer({text.data(), static_cast<std::size_t>(length)});
}

void Oscilloscope::answer_measurement(Command& command, bool peak_to_peak) {
  const Signal& signal = channels_[source_].signal;
  if (!peak_to_peak) {
    command.answer_number(signal.frequency);
    return;
  }
  float low = 0;
  float high = 0;
  sample(signal, sampling(kMeasuredPoints), [&](std::size_t, std::span<const float> volts) {
    const auto [least, most] = std::minmax_element(volts.begin(), volts.end());
    low = std::min(low, *least);
    high = std::max(high, *most);
  });
  command.answer_number(static_cast<double>(high - low));
}

void Oscilloscope::answer_screenshot(Command& command) {
  Screenshot screenshot(time_scale_.value);
  for (std::size_t i = 0; i < kChannels; ++i) {
    const Channel& channel = channels_[i];
    if (channel.shown) {
      screenshot.trace(i, channel.signal, sampling(Screenshot::kPoints),
                       channel.offset.value - channel.position.value * channel.scale.value,
                       channel.scale.value);
    }
  }
  const std::string file = screenshot.png();
  const SharedBytes block = pool_.make(file.size(), [&file](std::string& bytes) { bytes = file; });
  if (block == nullptr) {
    command.error(-321);
    return;
  }
  command.answer_block(block);
}

}  // namespace visa::sim
