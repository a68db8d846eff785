// SPDX-License-Identifier: MIT
// The answer made last is kept, and shared until something it depends on has changed.
#include "tools/sim/description/record.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <string>

#include "tools/sim/signal/screenshot.h"

namespace visa::sim {
namespace {

constexpr std::size_t kMeasuredPoints = 10000;

double finite(double value) noexcept {
  return std::isfinite(value) ? value : 0;
}

}  // namespace

std::size_t Record::source() {
  const double wanted = described_.source.evaluate(store_);
  const double last = static_cast<double>(described_.signals.size());
  return wanted > 1 ? static_cast<std::size_t>(std::min(wanted, last)) - 1 : 0;
}

std::size_t Record::points() {
  const double wanted = described_.points.evaluate(store_);
  return wanted > 1
             ? static_cast<std::size_t>(std::min(wanted, static_cast<double>(Record::kMostPoints)))
             : 1;
}

Signal Record::signal(std::size_t index) {
  const SignalDescription& described = described_.signals[index];
  Signal signal;
  const double shape =
      described.shape_property ? store_.number(*described.shape_property, index + 1) : 0;
  signal.shape = described.shapes[static_cast<std::size_t>(shape)];
  signal.amplitude = finite(described.amplitude.evaluate(store_));
  signal.frequency = finite(described.frequency.evaluate(store_));
  signal.offset = finite(described.offset.evaluate(store_));
  signal.phase = finite(described.phase.evaluate(store_));
  signal.duty = finite(described.duty.evaluate(store_));
  signal.decay = finite(described.decay.evaluate(store_));
  signal.noise = finite(described.noise.evaluate(store_));
  return signal;
}

Sampling Record::sampling(std::size_t wanted, std::size_t index) {
  Sampling sampling;
  sampling.points = wanted;
  sampling.interval = finite(described_.interval.evaluate(store_)) * static_cast<double>(points()) /
                      static_cast<double>(wanted);
  sampling.start = finite(described_.start.evaluate(store_));
  sampling.seed = acquisition_ * described_.signals.size() + index;
  return sampling;
}

const EncodingDescription& Record::encoding() {
  const double place =
      described_.encoding_property ? store_.number(*described_.encoding_property, 1) : 0;
  return described_.encodings[static_cast<std::size_t>(place)];
}

Coding Record::coding(const EncodingDescription& encoding) {
  Coding coding;
  coding.type = encoding.type;
  coding.order = described_.order;
  if (described_.order_property) {
    coding.order =
        store_.number(*described_.order_property, 1) == 0 ? ByteOrder::little : ByteOrder::big;
  }
  coding.zero = finite(encoding.zero.evaluate(store_));
  coding.step = finite(encoding.step.evaluate(store_));
  if (coding.step == 0) coding.step = 1;
  coding.reference = encoding.reference;
  coding.low = encoding.low;
  coding.high = encoding.high;
  return coding;
}

SharedBytes Record::data(Command& command, const EncodingDescription& encoding) {
  const std::size_t from = source();
  const Signal seen = signal(from);
  const std::size_t count = points();
  const Sampling sampled = sampling(count, from);
  const Coding coded = coding(encoding);
  const std::vector<double> key = {static_cast<double>(seen.shape),
                                   seen.amplitude,
                                   seen.frequency,
                                   seen.offset,
                                   seen.phase,
                                   seen.duty,
                                   seen.decay,
                                   seen.noise,
                                   sampled.start,
                                   sampled.interval,
                                   static_cast<double>(count),
                                   static_cast<double>(sampled.seed),
                                   static_cast<double>(coded.type),
                                   static_cast<double>(coded.order),
                                   coded.zero,
                                   coded.step};
  if (made_ != nullptr && made_for_ == key) return made_;
  const bool ascii = encoding.type == SampleType::ascii;
  const std::size_t allowed = ascii ? kMostAsciiPoints : kMostPoints;
  const std::size_t most =
      encoding.most_points > 0 ? std::min(encoding.most_points, allowed) : allowed;
  if (count > most) {
    command.error(-221, (encoding.word.empty() ? "record" : encoding.word) + " has at most " +
                            std::to_string(most) + " points");
    return nullptr;
  }
  made_.reset();  // gives its room back
  if (ascii) {
    made_ = pool_.make(count * kAsciiSample,
                       [&](std::string& bytes) { bytes = encode_ascii(seen, sampled); });
  } else {
    made_ = pool_.make(count * bytes_per_sample(encoding.type),
                       [&](std::string& bytes) { encode_binary(seen, sampled, coded, bytes); });
  }
  made_for_ = key;
  if (made_ == nullptr) command.error(-321);
  return made_;
}

void Record::answer(Command& command) {
  const EncodingDescription& coded = encoding();
  const SharedBytes bytes = data(command, coded);
  if (bytes == nullptr) return;
  if (coded.block) {
    command.answer_block(bytes, described_.block_digits);
  } else {
    command.answer_shared(bytes);
  }
}

double Record::peak_to_peak() {
  float low = 0;
  float high = 0;
  const std::size_t from = source();
  sample(signal(from), sampling(kMeasuredPoints, from),
         [&](std::size_t, std::span<const float> volts) {
           const auto [least, most] = std::minmax_element(volts.begin(), volts.end());
           low = std::min(low, *least);
           high = std::max(high, *most);
         });
  return static_cast<double>(high - low);
}

void answer_screenshot(Command& command, const ScreenshotDescription& described, Record& record,
                       PropertyStore& store, BlockPool& pool) {
  Screenshot screenshot(described.title, finite(described.time_scale.evaluate(store)));
  const std::size_t traces = std::min(record.signals(), Screenshot::kMostTraces);
  for (std::size_t i = 0; i < traces; ++i) {
    const double scale = described.scale.evaluate(store, i + 1);
    if (described.shown.evaluate(store, i + 1) != 0 && scale > 0) {
      screenshot.trace(i, record.signal(i), record.sampling(Screenshot::kPoints, i),
                       finite(described.offset.evaluate(store, i + 1)), scale);
    }
  }
  const std::string file = screenshot.png();
  const SharedBytes block = pool.make(file.size(), [&file](std::string& bytes) { bytes = file; });
  if (block == nullptr) {
    command.error(-321);
    return;
  }
  command.answer_block(block, described.block_digits);
}

}  // namespace visa::sim
