// SPDX-License-Identifier: MIT
// What an oscilloscope's inputs see and how it samples that: a signal as a function of time,
// sampled with noise into volts, and volts coded as bytes, words, floats or text.
//
// Pure and deterministic: the same seed gives the same record. 64 million samples take a fraction
// of a second, since sine and decay are stepped by a complex factor and only now and then computed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

namespace visa::sim {

struct Signal {
  double amplitude = 1;    // V
  double frequency = 1e3;  // Hz
  double decay = 0;        // s; 0: a sine for ever, else it rings from t = 0 and is 0 before
  double noise = 0;        // V, largest deviation
};

struct Sampling {
  double start = 0;        // s, time of the first sample
  double interval = 1e-6;  // s
  std::size_t points = 0;
  std::uint64_t seed = 1;
};

// Calls `sink(first, volts)` for runs of samples in order.
void sample(const Signal& signal, const Sampling& sampling,
            const std::function<void(std::size_t first, std::span<const float> volts)>& sink);

enum class SampleFormat : std::uint8_t { byte, word, real, ascii };
enum class ByteOrder : std::uint8_t { little, big };

// How volts become codes: code = (volts - offset) / step + reference, kept inside the screen.
struct Coding {
  SampleFormat format = SampleFormat::byte;
  ByteOrder order = ByteOrder::little;
  double offset = 0;   // V at the middle of the screen
  double step = 0.02;  // V a code
};

inline constexpr int kByteReference = 128;
// The screen is 8 divisions of 25 codes: byte data stays within 28..228, so it never contains LF.
inline constexpr int kLowestByte = 28;
inline constexpr int kHighestByte = 228;
// Words are signed around 0 and 256 times finer.
inline constexpr int kWordReference = 0;
inline constexpr int kHighestWord = (kHighestByte - kByteReference) * 256 + 255;

// Bytes one sample takes; 0 for ascii, whose length is only known afterwards.
std::size_t bytes_per_sample(SampleFormat format) noexcept;
// Codes the whole record into `out`, which has bytes_per_sample * points bytes.
void encode_binary(const Signal& signal, const Sampling& sampling, const Coding& coding,
                   std::string& out);
// The record as "+1.234567E+00,..." in volts.
std::string encode_ascii(const Signal& signal, const Sampling& sampling);
// Length of one number in that list, with its comma.
inline constexpr std::size_t kAsciiSample = 14;

}  // namespace visa::sim
