// SPDX-License-Identifier: MIT
// The scan against the C library's sscanf, on random formats and inputs of what both know: every
// variable must hold the same afterwards, whichever way it ended. Left out is what VISA wants
// otherwise: `l` of integers, widths of %s, line feeds, decimal fractions for %d, and texts of
// which C takes half before it refuses them. FREEVISA_FORMAT_ROUNDS=1000000 for the long run.
#include <array>
#include <cctype>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>

#include "conformance/unit/lib/format/scan_support.h"
#include "conformance/unit/support/sanitizers.h"

namespace visa::format {
namespace {

constexpr std::size_t kMost = 5;  // conversions in a format
constexpr int kRounds =
    test::kAddressSanitizer || test::kThreadSanitizer ? 20'000 : 100'000;  // ten times as slow

// A format, an input that it may fit, and room for what it stores. One trial has integers or reals
// but not both: an NR2 text that meets %d is where VISA and C part. Its numbers are so short that
// they fit wherever they go when a set or a width has moved things.
class Trial {
 public:
  explicit Trial(std::mt19937& random) : random_(random) {
    integers_ = one_in(2);
    small_ = one_in(2);     // widths, no prefixes or exponents that they could cut; integers: %hd
    octal_ok_ = one_in(2);  // integers: %i, and no 8 or 9 after a 0 for it
    for (std::size_t i = 1 + random_() % kMost; i > 0; --i) {
      add_literal();
      add_conversion();
    }
    add_literal();
    if (one_in(8)) input.resize(random_() % (input.size() + 1));
    if (one_in(8) && !input.empty()) input[random_() % input.size()] = "; ,-Z"[random_() % 5];
  }

  // A number that breaks off in its prefix or exponent: C refuses it, we take what is one. And 0b
  // for %i, which is a prefix of C23 (glibc 2.38 and newer) and not of VISA.
  bool parts_the_two() const {
    for (std::size_t i = 0; i < input.size(); ++i) {
      const char c = static_cast<char>(input[i] | 0x20);
      if (octal_ok_ && c == 'b' && i > 0 && input[i - 1] == '0') return true;
      if (c != 'e' && c != 'x') continue;
      std::size_t next = i + 1;
      if (c == 'e' && next < input.size() && (input[next] == '+' || input[next] == '-')) ++next;
      if (next == input.size() || std::isxdigit(static_cast<unsigned char>(input[next])) == 0) {
        return true;
      }
    }
    return false;
  }

  std::string format;
  std::string input;

 private:
  bool one_in(unsigned n) { return random_() % n == 0; }
  std::string some(std::string_view of, std::size_t least, std::size_t most) {
    std::string text;
    for (std::size_t n = least + random_() % (most - least + 1); n > 0; --n) {
      text += of[random_() % of.size()];
    }
    return text;
  }
  std::string width(std::size_t most) {
    return one_in(3) ? std::to_string(1 + random_() % most) : "";
  }
  std::string sign() { return some("+-", 0, 1); }

  void add_literal() {
    static constexpr const char* kLiterals[] = {"",    "",   " ",  ",",  ";",
                                                " ; ", "K=", "%%", "\t", ":"};
    const std::string literal = kLiterals[random_() % std::size(kLiterals)];
    format += literal;
    input += literal == "%%" ? "%" : literal;
    if (literal.empty() || one_in(6)) input += one_in(2) ? " " : "\t ";
  }

  void add_conversion() {
    const std::string star = one_in(6) ? "*" : "";
    switch (random_() % 7) {
      case 0:
        format += "%n";
        return;
      case 1:
        format += "%" + star + "s";
        input += some("klmYZ_.+-", 0, 8);
        return;
      case 2:
        format += "%" + star + width(5) + "c";
        input += some("kl ,;", 1, 5);
        return;
      case 3:
        return add_set(star);
      default:
        return integers_ ? add_integer(star) : add_real(star);
    }
  }

  void add_set(const std::string& star) {
    static constexpr const char* kSets[] = {"[klm]", "[^,]", "[^;:]", "[]k]", "[^]]",
                                            "[k-m]", "[-k]", "[k-]",  "[^ ]", "[0-9k-mK-M]"};
    format += "%" + star + width(9) + kSets[random_() % std::size(kSets)];
    input += some("klm]-, K", 0, 9);
  }

  void add_integer(const std::string& star) {
    const char code = octal_ok_ ? "diouxX"[random_() % 6] : "douxX"[random_() % 5];
    static constexpr const char* kLengths[] = {"", "ll", "h"};
    format += "%" + star + (small_ ? width(6) : "") + kLengths[random_() % (small_ ? 3 : 2)] + code;
    const std::size_t most = small_ ? 3 : 7;
    const std::string_view decimal = octal_ok_ ? "01234567" : "0123456789";
    input += sign();
    if (one_in(3)) {
      if (octal_ok_ && !small_ && one_in(2)) input += "0x";
      input += some("01234567abcdfABCDF", 1, most);
    } else {
      input += some(decimal, 1, most);
    }
  }

  void add_real(const std::string& star) {
    static constexpr const char* kCodes[] = {"f", "e", "g", "G", "E", "lf", "le", "lg"};
    format += "%" + star + (small_ ? width(9) : "") + kCodes[random_() % std::size(kCodes)];
    input += sign() + some("0123456789", 0, 20);
    if (!one_in(3)) input += "." + some("0123456789", 0, 20);
    if (small_ || one_in(2)) return;
    input += some("eE", 1, 1) + sign() + some("0123456789", 1, one_in(4) ? 3 : 2);
  }

  std::mt19937& random_;
  bool integers_ = false;
  bool small_ = false;
  bool octal_ok_ = false;
};

using Memory = std::array<std::array<char, 128>, kMost>;

Memory untouched() {
  Memory memory;
  for (auto& variable : memory) variable.fill('\x5A');
  return memory;
}

TEST(ScanAgainstTheCLibrary, RandomFormatsStoreTheSame) {
  const char* const rounds = std::getenv("FREEVISA_FORMAT_ROUNDS");
  const int count = rounds != nullptr ? std::atoi(rounds) : kRounds;
  ASSERT_GT(count, 0);
  std::mt19937 random(20261122);
  int stored = 0;
  for (int round = 0; round < count; ++round) {
    const Trial trial(random);
    if (trial.parts_the_two()) continue;
    Memory ours = untouched();
    Memory theirs = untouched();
    static_cast<void>(std::sscanf(trial.input.c_str(), trial.format.c_str(), theirs[0].data(),
                                  theirs[1].data(), theirs[2].data(), theirs[3].data(),
                                  theirs[4].data()));
    PieceSource source(trial.input, 1 + random() % 40);
    ASSERT_EQ(scan_from(source, trial.format.c_str(), ours[0].data(), ours[1].data(),
                        ours[2].data(), ours[3].data(), ours[4].data()),
              Status::success);
    ASSERT_EQ(ours, theirs) << round << ": \"" << trial.format << "\" of \"" << trial.input << '"';
    stored += ours == untouched() ? 0 : 1;
  }
  EXPECT_GT(stored, count / 2) << "too many formats that store nothing: a test of nothing";
}

}  // namespace
}  // namespace visa::format
