// SPDX-License-Identifier: MIT
// Random formats and values, printed by us and by the C library: what both have must be equal to
// the byte. FREEVISA_FORMAT_ROUNDS sets how many (pkg/check.sh --full: a million).
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "conformance/unit/lib/format/print_support.h"

namespace visa::format {
namespace {

class Random {
 public:
  unsigned below(unsigned limit) { return static_cast<unsigned>(engine_() % limit); }
  std::uint64_t bits() { return engine_(); }
  bool one_in(unsigned n) { return below(n) == 0; }

  /// All magnitudes, and numbers as they stand in answers.
  double number() {
    switch (below(6)) {
      case 0:
        return std::bit_cast<double>(bits());
      case 1:
        return static_cast<double>(static_cast<std::int64_t>(bits() % 2000001) - 1000000) / 1000.0;
      case 2:
        return static_cast<double>(below(1000)) + 0.5;
      case 3:
        return std::ldexp(1.0 + static_cast<double>(below(8)) / 8,
                          static_cast<int>(below(80)) - 40);
      case 4:
        return one_in(2) ? 0.0 : -0.0;
      default:
        return (one_in(2) ? 1 : -1) * std::pow(10.0, static_cast<double>(below(40)) - 20.0);
    }
  }

 private:
  std::mt19937_64 engine_{20261122};
};

long rounds() {
  const char* const text = std::getenv("FREEVISA_FORMAT_ROUNDS");
  return text == nullptr ? 100000 : std::atol(text);
}

/// By both, with the same arguments.
template <class... A>
void compare(const std::string& format, A... arguments) {
  static std::vector<char> expected(4096);
  const int size = std::snprintf(expected.data(), expected.size(), format.c_str(), arguments...);
  ASSERT_GE(size, 0) << format;
  ASSERT_LT(static_cast<std::size_t>(size), expected.size()) << format;
  const auto ours = printed_with({}, format.c_str(), arguments...);
  ASSERT_EQ(ours.status, Status::success) << format;
  ASSERT_EQ(ours.text, std::string(expected.data(), static_cast<std::size_t>(size))) << format;
}

/// Width and precision as numbers or as arguments in front of `value`.
template <class V>
void with_amounts(Random& random, const std::string& flags, const std::string& conversion,
                  bool has_precision, V value) {
  const int width = static_cast<int>(random.below(60)) - 20;
  const int precision =
      static_cast<int>(random.one_in(50) ? random.below(1000) : random.below(24)) - 2;
  const bool width_argument = random.one_in(4);
  const bool precision_argument = has_precision && random.one_in(4);
  std::string format = "<%" + flags;
  if (width_argument) {
    format += '*';
  } else if (width > 0) {
    format += std::to_string(width);
  }
  if (precision_argument) {
    format += ".*";
  } else if (has_precision && precision >= 0) {
    format += random.one_in(10) ? "." : "." + std::to_string(precision);
  }
  format += conversion + ">";
  if (width_argument && precision_argument) {
    compare(format, width, precision, value);
  } else if (width_argument) {
    compare(format, width, value);
  } else if (precision_argument) {
    compare(format, precision, value);
  } else {
    compare(format, value);
  }
}

std::string flags_for(Random& random, char code) {
  std::string allowed = "-";
  if (std::strchr("dieEfgG", code) != nullptr) allowed += "+ ";
  if (std::strchr("oxXeEfgG", code) != nullptr) allowed += "#";
  if (std::strchr("diouxXeEfgG", code) != nullptr) allowed += "0";
  std::string flags;
  while (random.one_in(2) && flags.size() < 4) {
    flags += allowed[random.below(static_cast<unsigned>(allowed.size()))];
  }
  return flags;
}

TEST(PrintAndTheCLibrary, AgreeOnRandomFormats) {
  Random random;
  constexpr char kCodes[] = "ddiouxXeeEffgGsc";
  const long all = rounds();
  for (long i = 0; i < all && !HasFatalFailure(); ++i) {
    const char code = kCodes[random.below(sizeof kCodes - 1)];
    const auto flags = flags_for(random, code);
    if (std::strchr("eEfgG", code) != nullptr) {
      with_amounts(random, flags, std::string(1, code), true, random.number());
    } else if (code == 's') {
      const std::string text(random.below(30), static_cast<char>('a' + random.below(26)));
      with_amounts(random, flags, "s", true, text.c_str());
    } else if (code == 'c') {
      with_amounts(random, flags, "c", false, static_cast<int>('!' + random.below(90)));
    } else if (random.one_in(3)) {
      const auto bits = random.bits() >> random.below(64);
      with_amounts(random, flags, std::string("ll") + code, true, static_cast<long long>(bits));
    } else {
      const auto bits = static_cast<int>(random.bits() >> random.below(64));
      const std::string length = random.one_in(3) ? "h" : "";
      with_amounts(random, flags, length + code, true, bits);
    }
  }
}

TEST(PrintAndTheCLibrary, AgreeOnWhatIsNoNumber) {
  const double infinity = HUGE_VAL;
  for (const char* format : {"%f", "%E", "%010g", "%-10f|", "%+e", "% G", "%.0f", "%#5g"}) {
    compare(format, infinity);
    compare(format, -infinity);
    compare(format, __builtin_nan(""));
  }
}

}  // namespace
}  // namespace visa::format
