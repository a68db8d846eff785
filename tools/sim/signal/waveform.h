// SPDX-License-Identifier: MIT
// What an instrument's inputs see and how it samples that: a signal as a function of time, sampled
// with noise into volts, and volts coded as integers, floats or text.
//
// Pure and deterministic: the same seed gives the same record. 64 million samples take a fraction
// of a second, since sine and decay are stepped by a complex factor and only now and then computed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace visa::sim {

/// All swing from -amplitude to +amplitude, but pulse, which rests at 0, and noise, which is that
/// alone.
enum class Shape : std::uint8_t { sine, square, triangle, ramp, pulse, noise, damped };
std::optional<Shape> find_shape(std::string_view name) noexcept;

struct Signal {
  Shape shape = Shape::sine;
  double amplitude = 1;    ///< V
  double frequency = 1e3;  ///< Hz
  double offset = 0;       ///< V
  double phase = 0;        ///< degrees
  double duty = 50;        ///< percent of the period: square, pulse
  double decay = 0;        ///< s; damped: it rings from t = 0 and is 0 before
  double noise = 0;        ///< V, largest deviation
};

struct Sampling {
  double start = 0;        ///< s, time of the first sample
  double interval = 1e-6;  ///< s
  std::size_t points = 0;
  std::uint64_t seed = 1;
};

/// Calls `sink(first, volts)` for runs of samples in order.
void sample(const Signal& signal, const Sampling& sampling,
            const std::function<void(std::size_t first, std::span<const float> volts)>& sink);

enum class SampleType : std::uint8_t {
  int8,
  uint8,
  int16,
  uint16,
  int32,
  uint32,
  float32,
  float64,
  ascii
};
std::optional<SampleType> find_sample_type(std::string_view name) noexcept;
enum class ByteOrder : std::uint8_t { little, big };

/// How volts become codes: code = (volts - zero) / step + reference, kept within low..high. Floats
/// are volts as they are.
struct Coding {
  SampleType type = SampleType::uint8;
  ByteOrder order = ByteOrder::little;
  double zero = 0;
  double step = 0.02;
  double reference = 0;
  double low = 0;
  double high = 255;
};

/// Smallest and largest code; 0 and 0 for what has no codes.
double lowest_code(SampleType type) noexcept;
double highest_code(SampleType type) noexcept;

/// Bytes one sample takes; 0 for ascii, whose length is only known afterwards.
std::size_t bytes_per_sample(SampleType type) noexcept;
/// Codes the whole record into `out`, which has bytes_per_sample * points bytes.
void encode_binary(const Signal& signal, const Sampling& sampling, const Coding& coding,
                   std::string& out);
/// The record as "+1.234567E+00,..." in volts.
std::string encode_ascii(const Signal& signal, const Sampling& sampling);
/// Length of one number in that list, with its comma.
inline constexpr std::size_t kAsciiSample = 14;

}  // namespace visa::sim
