// SPDX-License-Identifier: MIT
// Input: a byte for the size of the write buffer, eight for the values, then a print format.
// Whatever it is: nothing is read past an array or written past the count of %n, a refused format
// puts nothing, and what reaches the wire and where END is do not depend on the buffer.
#include <algorithm>
#include <array>
#include <bit>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "lib/format/print_engine.h"
#include "lib/format/print_spec.h"
#include "lib/format/write_buffer.h"

namespace {

using visa::Call;
using visa::Deadline;
using visa::Status;
using visa::format::Amount;
using visa::format::Length;
using visa::format::PrintSpec;

constexpr std::size_t kMostPointers = 16;
constexpr std::size_t kMostDoubles = 8;        // what the calling conventions pass in registers
constexpr std::size_t kMostBytes = 1U << 18U;  // then the sink fails
constexpr int kMostElements = 4096;

void demand(bool holds) {
  if (!holds) std::abort();
}

bool one_of(const char* codes, char code) {
  return std::strchr(codes, code) != nullptr;
}

/// What stands on the wire: the bytes and the places where END was.
struct Wire {
  std::string bytes;
  std::vector<std::size_t> ends;
  bool operator==(const Wire&) const = default;
};

class Tape final : public visa::format::ByteSink {
 public:
  Wire wire;
  Status end_message() override {
    if (wire.ends.empty() || wire.ends.back() != wire.bytes.size()) {
      wire.ends.push_back(wire.bytes.size());
    }
    return Status::success;
  }

 private:
  Status overflow(std::string_view data) override {
    if (wire.bytes.size() + data.size() > kMostBytes) return Status::error_tmo;
    wire.bytes += data;
    return Status::success;
  }
};

class Channel final : public visa::spi::Channel {
 public:
  Wire wire;
  void close(Call&) noexcept override {}
  visa::spi::Traits traits() const noexcept override { return {}; }
  visa::spi::ReadResult read(std::span<std::byte>, const visa::spi::EndRule&, Call&) override {
    return {Status::error_tmo, 0, {}};
  }
  visa::spi::WriteResult write(std::span<const std::byte> data, const visa::spi::WriteRule& rule,
                               Call&) override {
    demand(!data.empty());
    wire.bytes.append(reinterpret_cast<const char*>(data.data()), data.size());
    if (rule.end == visa::spi::WriteEnd::end) wire.ends.push_back(wire.bytes.size());
    return {Status::success, data.size()};
  }
  void wake() noexcept override {}
};

/// Arguments for `format`: whole numbers and pointers by themselves, doubles by themselves, as the
/// registers have them. Memory is of exactly the size the format allows.
struct Arguments {
  std::array<void*, kMostPointers> pointers{};
  std::array<double, kMostDoubles> doubles{};
  std::vector<std::vector<unsigned char>> memory;
  bool fit = true;

  Arguments(const char* format, std::uint64_t seed) {
    std::size_t used = 0;
    std::size_t reals = 0;
    const auto next = [&seed] { return seed = seed * 6364136223846793005U + 1442695040888963407U; };
    const auto pass = [&](void* value) {
      if (used == pointers.size()) {
        fit = false;
      } else {
        pointers[used++] = value;
      }
    };
    const auto number = [&](const Amount& amount) {
      if (amount.kind != Amount::Kind::argument) return amount.number;
      const int value = static_cast<int>(next() >> 32U) % 40;
      pass(reinterpret_cast<void*>(static_cast<std::intptr_t>(value)));
      return value;
    };
    while ((format = std::strchr(format, '%')) != nullptr && fit) {
      PrintSpec spec;
      if (failed(parse_print_spec(++format, spec))) return;
      if (spec.code == '%') continue;
      const bool block = one_of("bBy", spec.code);
      const int width = spec.width.given() ? number(spec.width) : 0;
      if (spec.precision.given()) number(spec.precision);
      int count = block || spec.width_is_array ? width : 1;
      if (spec.array && !spec.width_is_array) count = number(spec.array_size);
      if (count > kMostElements) fit = false;
      if (spec.array || block || one_of("sn", spec.code)) {
        const auto size = static_cast<std::size_t>(std::clamp(count, 0, kMostElements));
        memory.emplace_back(spec.code == 's'   ? next() % 50 + 1
                            : spec.code == 'n' ? 8
                                               : size * element_size(spec));
        for (auto& byte : memory.back()) byte = static_cast<unsigned char>(next() >> 56U);
        if (spec.code == 's') memory.back().back() = 0;
        pass(memory.back().data());
      } else if (one_of("feEgG", spec.code)) {
        if (reals == doubles.size()) {
          fit = false;
        } else {
          doubles[reals++] = std::bit_cast<double>(next());
        }
      } else {
        pass(reinterpret_cast<void*>(next()));
      }
    }
  }

  static std::size_t element_size(const PrintSpec& spec) {
    if (one_of("feEgG", spec.code)) return 8;
    switch (spec.length) {
      case Length::h:
        return 2;
      case Length::ll:
      case Length::Z:
        return 8;
      case Length::none:
        return one_of("bBy", spec.code) ? 1 : 4;
      default:
        return 4;
    }
  }
};

Status print_list(visa::format::ByteSink* sink, const char* format, ...) {
  std::va_list list;
  va_start(list, format);
  visa::format::ArgumentList arguments(list);
  va_end(list);
  return visa::format::print(format, arguments, *sink, {});
}

Status print(visa::format::ByteSink& sink, const char* format, const Arguments& arguments) {
  const auto& p = arguments.pointers;
  const auto& d = arguments.doubles;
  return print_list(&sink, format, p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7], p[8], p[9],
                    p[10], p[11], p[12], p[13], p[14], p[15], d[0], d[1], d[2], d[3], d[4], d[5],
                    d[6], d[7]);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 9) return 0;
  std::uint64_t seed = 0;
  std::memcpy(&seed, data + 1, sizeof seed);
  const std::string format(reinterpret_cast<const char*>(data + 9), size - 9);
  const Arguments arguments(format.c_str(), seed);
  if (!arguments.fit) return 0;

  Tape tape;
  const auto status = print(tape, format.c_str(), arguments);
  demand(tape.count() >= tape.wire.bytes.size());
  if (status == Status::error_tmo) return 0;  // more than we want to look at
  const auto format_status = visa::format::check_print_format(format.c_str());
  if (failed(format_status)) {
    demand(status == format_status && tape.wire.bytes.empty());
    return 0;
  }
  demand(status == Status::success || status == Status::error_inv_fmt);  // a negative count
  demand(tape.count() == tape.wire.bytes.size());
  if (failed(status)) return 0;

  Call call(Deadline::infinite());
  Channel channel;
  visa::format::FormattedDevice wire{channel, call, std::nullopt, {}};
  visa::format::WriteBuffer buffer;
  buffer.set_size(data[0]);
  visa::format::WireSink sink(buffer, wire);
  demand(print(sink, format.c_str(), arguments) == Status::success);
  demand(sink.end_message() == Status::success);
  if (!tape.wire.bytes.empty()) demand(tape.end_message() == Status::success);
  demand(channel.wire == tape.wire);
  return 0;
}
