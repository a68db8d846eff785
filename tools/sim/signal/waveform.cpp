// SPDX-License-Identifier: MIT
// A sample of a sine or of ringing is the one before, rotated; every kRun samples one is computed
// exactly, so that errors do not add up. Noise depends on the seed alone.
#include "tools/sim/signal/waveform.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <complex>
#include <cstdio>
#include <cstring>
#include <numbers>

namespace visa::sim {
namespace {

constexpr std::size_t kRun =
    1024;  // samples between two exact computations; errors stay below 1e-12

class Noise {
 public:
  explicit Noise(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15U | 1U) {}

  // Triangular over -1..1: the sum of two uniform halves of one xorshift step.
  float next() noexcept {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    const auto low = static_cast<std::int32_t>(state_);
    const auto high = static_cast<std::int32_t>(state_ >> 32);
    return (static_cast<float>(low) + static_cast<float>(high)) * 0x1p-32F;
  }

 private:
  std::uint64_t state_;
};

double radians(const Signal& signal) noexcept {
  return signal.phase * std::numbers::pi / 180;
}

double exact(const Signal& signal, double t) {
  if (t < 0) return 0;
  return signal.amplitude * std::exp(-t / signal.decay) *
         std::sin(2 * std::numbers::pi * signal.frequency * t + radians(signal));
}

// Sine, and the ringing while t > 0.
void oscillating_run(const Signal& signal, double rate, double start, double interval,
                     std::span<float> volts) {
  const double omega = 2 * std::numbers::pi * signal.frequency;
  const std::complex<double> value =
      signal.amplitude *
      std::exp(std::complex<double>(rate * start, omega * start + radians(signal)));
  const std::complex<double> factor =
      std::exp(std::complex<double>(rate * interval, omega * interval));
  double real = value.real();
  double imaginary = value.imag();
  for (float& volt : volts) {
    volt = static_cast<float>(imaginary);
    const double next = real * factor.real() - imaginary * factor.imag();
    imaginary = real * factor.imag() + imaginary * factor.real();
    real = next;
  }
}

void damped_run(const Signal& signal, double start, double interval, std::span<float> volts) {
  const double last = start + interval * static_cast<double>(volts.size());
  if (last <= 0 || !(signal.decay > 0)) {
    std::fill(volts.begin(), volts.end(), 0.0F);
  } else if (start < 0) {  // the run in which the ringing begins
    for (std::size_t i = 0; i < volts.size(); ++i) {
      volts[i] = static_cast<float>(exact(signal, start + interval * static_cast<double>(i)));
    }
  } else {
    oscillating_run(signal, -1 / signal.decay, start, interval, volts);
  }
}

// `phase` in periods, 0..1.
double periodic(const Signal& signal, double phase) {
  switch (signal.shape) {
    case Shape::square:
      return phase * 100 < signal.duty ? 1 : -1;
    case Shape::triangle:
      return phase < 0.25 ? 4 * phase : phase < 0.75 ? 2 - 4 * phase : 4 * phase - 4;
    case Shape::ramp:
      return 2 * phase - 1;
    case Shape::pulse:
      return phase * 100 < signal.duty ? 1 : 0;
    default:
      return 0;
  }
}

void clean_run(const Signal& signal, double start, double interval, std::span<float> volts) {
  switch (signal.shape) {
    case Shape::sine:
      oscillating_run(signal, 0, start, interval, volts);
      return;
    case Shape::damped:
      damped_run(signal, start, interval, volts);
      return;
    case Shape::noise:
      std::fill(volts.begin(), volts.end(), 0.0F);
      return;
    default:
      break;
  }
  const double turn = signal.frequency * interval;
  double phase = signal.frequency * start + signal.phase / 360;
  for (float& volt : volts) {
    phase -= std::floor(phase);
    volt = static_cast<float>(signal.amplitude * periodic(signal, phase));
    phase += turn;
  }
}

template <typename Word>
Word in_order(Word value, ByteOrder order) noexcept {
  if ((order == ByteOrder::little) == (std::endian::native == std::endian::little)) return value;
  std::uint64_t swapped = 0;
  for (std::size_t i = 0; i < sizeof(Word); ++i) {
    swapped = swapped << 8U | (static_cast<std::uint64_t>(value) >> (8 * i) & 0xFFU);
  }
  return static_cast<Word>(swapped);
}

// Writes the codes of a run; Integer is unsigned, the code is its two's complement.
template <typename Integer>
char* write_codes(std::span<const float> volts, const Coding& coding, char* at) {
  const double per_volt = 1 / coding.step;
  for (const float volt : volts) {
    const double code =
        std::round((static_cast<double>(volt) - coding.zero) * per_volt) + coding.reference;
    // Also brings what is no number into the range: the conversion needs one.
    const double bounded = code > coding.low ? std::min(code, coding.high) : coding.low;
    const auto whole = static_cast<std::int64_t>(bounded);
    const Integer word = in_order(static_cast<Integer>(whole), coding.order);
    std::memcpy(at, &word, sizeof word);
    at += sizeof word;
  }
  return at;
}

template <typename Float, typename Integer>
char* write_floats(std::span<const float> volts, const Coding& coding, char* at) {
  for (const float volt : volts) {
    const Integer word = in_order(std::bit_cast<Integer>(static_cast<Float>(volt)), coding.order);
    std::memcpy(at, &word, sizeof word);
    at += sizeof word;
  }
  return at;
}

constexpr std::array<std::string_view, 7> kShapes = {"sine",  "square", "triangle", "ramp",
                                                     "pulse", "noise",  "damped"};
constexpr std::array<std::string_view, 9> kTypes = {
    "int8", "uint8", "int16", "uint16", "int32", "uint32", "float32", "float64", "ascii"};

template <typename Enum, std::size_t kSize>
std::optional<Enum> find_name(const std::array<std::string_view, kSize>& names,
                              std::string_view name) noexcept {
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? std::nullopt
                              : std::optional(static_cast<Enum>(found - names.begin()));
}

}  // namespace

std::optional<Shape> find_shape(std::string_view name) noexcept {
  return find_name<Shape>(kShapes, name);
}

std::optional<SampleType> find_sample_type(std::string_view name) noexcept {
  return find_name<SampleType>(kTypes, name);
}

void sample(const Signal& signal, const Sampling& sampling,
            const std::function<void(std::size_t, std::span<const float>)>& sink) {
  std::array<float, kRun> run{};
  Noise noise(sampling.seed);
  const bool all_noise = signal.shape == Shape::noise;
  const auto level = static_cast<float>(signal.noise + (all_noise ? signal.amplitude : 0));
  const auto offset = static_cast<float>(signal.offset);
  for (std::size_t first = 0; first < sampling.points; first += kRun) {
    const std::span volts(run.data(), std::min(kRun, sampling.points - first));
    clean_run(signal, sampling.start + sampling.interval * static_cast<double>(first),
              sampling.interval, volts);
    if (level > 0) {
      for (float& volt : volts) volt += level * noise.next();
    }
    if (offset != 0) {
      for (float& volt : volts) volt += offset;
    }
    sink(first, volts);
  }
}

std::size_t bytes_per_sample(SampleType type) noexcept {
  constexpr std::array<std::size_t, 9> kBytes = {1, 1, 2, 2, 4, 4, 4, 8, 0};
  return kBytes[static_cast<std::size_t>(type)];
}

double lowest_code(SampleType type) noexcept {
  constexpr std::array<double, 9> kLowest = {-128, 0, -32768, 0, -2147483648.0, 0, 0, 0, 0};
  return kLowest[static_cast<std::size_t>(type)];
}

double highest_code(SampleType type) noexcept {
  constexpr std::array<double, 9> kHighest = {127,          255, 32767, 65535, 2147483647.0,
                                              4294967295.0, 0,   0,     0};
  return kHighest[static_cast<std::size_t>(type)];
}

void encode_binary(const Signal& signal, const Sampling& sampling, const Coding& coding,
                   std::string& out) {
  char* at = out.data();
  sample(signal, sampling, [&](std::size_t, std::span<const float> volts) {
    switch (coding.type) {
      case SampleType::int8:
      case SampleType::uint8:
        at = write_codes<std::uint8_t>(volts, coding, at);
        break;
      case SampleType::int16:
      case SampleType::uint16:
        at = write_codes<std::uint16_t>(volts, coding, at);
        break;
      case SampleType::int32:
      case SampleType::uint32:
        at = write_codes<std::uint32_t>(volts, coding, at);
        break;
      case SampleType::float32:
        at = write_floats<float, std::uint32_t>(volts, coding, at);
        break;
      case SampleType::float64:
        at = write_floats<double, std::uint64_t>(volts, coding, at);
        break;
      case SampleType::ascii:
        break;
    }
  });
}

std::string encode_ascii(const Signal& signal, const Sampling& sampling) {
  std::string text;
  text.reserve(sampling.points * kAsciiSample);
  sample(signal, sampling, [&text](std::size_t, std::span<const float> volts) {
    for (const float volt : volts) {
      std::array<char, 32> number{};
      const int length =
          std::snprintf(number.data(), number.size(), "%+.6E,", static_cast<double>(volt));
      text.append(number.data(), static_cast<std::size_t>(length));
    }
  });
  if (!text.empty()) text.pop_back();
  return text;
}

}  // namespace visa::sim
