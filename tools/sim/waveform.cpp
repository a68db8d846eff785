// SPDX-License-Identifier: MIT
#include "tools/sim/waveform.h"

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

double exact(const Signal& signal, double t) {
  if (signal.decay > 0 && t < 0) {
    return 0;
  }
  const double envelope = signal.decay > 0 ? std::exp(-t / signal.decay) : 1;
  return signal.amplitude * envelope * std::sin(2 * std::numbers::pi * signal.frequency * t);
}

void clean_run(const Signal& signal, double start, double interval, std::span<float> volts) {
  const double last = start + interval * static_cast<double>(volts.size());
  if (signal.decay > 0 && start < 0 && last > 0) {  // the run in which the ringing begins
    for (std::size_t i = 0; i < volts.size(); ++i) {
      volts[i] = static_cast<float>(exact(signal, start + interval * static_cast<double>(i)));
    }
    return;
  }
  if (signal.decay > 0 && last <= 0) {
    std::fill(volts.begin(), volts.end(), 0.0F);
    return;
  }
  const double omega = 2 * std::numbers::pi * signal.frequency;
  const double rate = signal.decay > 0 ? -1 / signal.decay : 0;
  std::complex<double> value =
      signal.amplitude * std::exp(std::complex<double>(rate * start, omega * start));
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

template <typename Word>
Word in_order(Word value, ByteOrder order) noexcept {
  if ((order == ByteOrder::little) == (std::endian::native == std::endian::little)) {
    return value;
  }
  std::uint64_t swapped = 0;
  for (std::size_t i = 0; i < sizeof(Word); ++i) {
    swapped = swapped << 8U | (static_cast<std::uint64_t>(value) >> (8 * i) & 0xFFU);
  }
  return static_cast<Word>(swapped);
}

int code_of(float volts, const Coding& coding, float per_volt, int reference, int low,
            int high) noexcept {
  const float code = std::round((volts - static_cast<float>(coding.offset)) * per_volt) +
                     static_cast<float>(reference);
  return static_cast<int>(std::clamp(code, static_cast<float>(low), static_cast<float>(high)));
}

}  // namespace

void sample(const Signal& signal, const Sampling& sampling,
            const std::function<void(std::size_t, std::span<const float>)>& sink) {
  std::array<float, kRun> run{};
  Noise noise(sampling.seed);
  const float level = static_cast<float>(signal.noise);
  for (std::size_t first = 0; first < sampling.points; first += kRun) {
    const std::span volts(run.data(), std::min(kRun, sampling.points - first));
    clean_run(signal, sampling.start + sampling.interval * static_cast<double>(first),
              sampling.interval, volts);
    if (level > 0) {
      for (float& volt : volts) {
        volt += level * noise.next();
      }
    }
    sink(first, volts);
  }
}

std::size_t bytes_per_sample(SampleFormat format) noexcept {
  switch (format) {
    case SampleFormat::byte:
      return 1;
    case SampleFormat::word:
      return 2;
    case SampleFormat::real:
      return 4;
    case SampleFormat::ascii:
      return 0;
  }
  return 0;
}

void encode_binary(const Signal& signal, const Sampling& sampling, const Coding& coding,
                   std::string& out) {
  const float per_volt = static_cast<float>(1 / coding.step);
  sample(signal, sampling, [&](std::size_t first, std::span<const float> volts) {
    char* at = out.data() + first * bytes_per_sample(coding.format);
    switch (coding.format) {
      case SampleFormat::byte:
        for (const float volt : volts) {
          *at++ = static_cast<char>(
              code_of(volt, coding, per_volt, kByteReference, kLowestByte, kHighestByte));
        }
        break;
      case SampleFormat::word:
        for (const float volt : volts) {
          const auto code = static_cast<std::uint16_t>(
              code_of(volt, coding, per_volt, kWordReference, -kHighestWord, kHighestWord));
          const std::uint16_t word = in_order(code, coding.order);
          std::memcpy(at, &word, sizeof word);
          at += sizeof word;
        }
        break;
      case SampleFormat::real:
        for (const float volt : volts) {
          const std::uint32_t word = in_order(std::bit_cast<std::uint32_t>(volt), coding.order);
          std::memcpy(at, &word, sizeof word);
          at += sizeof word;
        }
        break;
      case SampleFormat::ascii:
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
  if (!text.empty()) {
    text.pop_back();
  }
  return text;
}

}  // namespace visa::sim
