// SPDX-License-Identifier: MIT
// What print and scan share: modifiers, escapes, byte order; and the print specifier as it is read.
#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "lib/format/byte_order.h"
#include "lib/format/escape.h"
#include "lib/format/field.h"
#include "lib/format/memory_ends.h"
#include "lib/format/modifier.h"
#include "lib/format/number_text.h"
#include "lib/format/print_spec.h"

namespace visa::format {
namespace {

template <class Take>
auto take(const char* text, Take function, std::string& rest) {
  const auto value = function(text);
  rest = text;
  return value;
}

TEST(Modifier, LengthsAreTakenWhole) {
  std::string rest;
  EXPECT_EQ(take("hd", take_length, rest), Length::h);
  EXPECT_EQ(rest, "d");
  EXPECT_EQ(take("lld", take_length, rest), Length::ll);
  EXPECT_EQ(rest, "d");
  EXPECT_EQ(take("ld", take_length, rest), Length::l);
  EXPECT_EQ(take("I64u", take_length, rest), Length::ll);
  EXPECT_EQ(rest, "u");
  EXPECT_EQ(take("I32u", take_length, rest), Length::none);
  EXPECT_EQ(rest, "I32u");
  EXPECT_EQ(take("Lf", take_length, rest), Length::L);
  EXPECT_EQ(take("zb", take_length, rest), Length::z);
  EXPECT_EQ(take("Zb", take_length, rest), Length::Z);
  EXPECT_EQ(take("", take_length, rest), Length::none);
}

TEST(Modifier, ByteOrderAndFormTellWhatIsNone) {
  const auto order = [](const char*& at) {
    bool bad = false;
    const auto value = take_byte_order(at, bad);
    return std::pair(value, bad);
  };
  std::string rest;
  EXPECT_EQ(take("!oby", order, rest), std::pair(ByteOrder::big, false));
  EXPECT_EQ(rest, "y");
  EXPECT_EQ(take("!oly", order, rest), std::pair(ByteOrder::little, false));
  EXPECT_EQ(take("!o", order, rest), std::pair(ByteOrder::none, true));
  EXPECT_EQ(rest, "!o");
  EXPECT_EQ(take("y", order, rest), std::pair(ByteOrder::none, false));
  const auto form = [](const char*& at) {
    bool bad = false;
    const auto value = take_form(at, bad);
    return std::pair(value, bad);
  };
  EXPECT_EQ(take("@1d", form, rest), std::pair(Form::nr1, false));
  EXPECT_EQ(take("@Bd", form, rest), std::pair(Form::binary, false));
  EXPECT_EQ(rest, "d");
  EXPECT_EQ(take("@", form, rest), std::pair(Form::none, true));
  EXPECT_EQ(take("@4", form, rest), std::pair(Form::none, true));
}

TEST(Modifier, NumbersDoNotOverflow) {
  std::string rest;
  EXPECT_EQ(take("12x", take_number, rest), 12);
  EXPECT_EQ(rest, "x");
  EXPECT_EQ(take("x", take_number, rest), -1);
  EXPECT_EQ(take("2147483647", take_number, rest), std::numeric_limits<int>::max());
  EXPECT_EQ(take("2147483648d", take_number, rest), kTooLarge);
  EXPECT_EQ(rest, "d");
  EXPECT_EQ(take("99999999999999999999999999d", take_number, rest), kTooLarge);
}

TEST(Escape, StandsForAByteOrForItself) {
  const auto is = [](const char* text, char byte, int length, bool newline = false) {
    const auto escape = escape_at(text);
    EXPECT_EQ(escape.byte, static_cast<unsigned char>(byte)) << text;
    EXPECT_EQ(escape.length, length) << text;
    EXPECT_EQ(escape.newline, newline) << text;
  };
  is("\\nx", '\n', 2, true);
  is("\\012x", '\n', 4);
  is("\\r", '\r', 2);
  is("\\t", '\t', 2);
  is("\\\"", '"', 2);
  is("\\\\n", '\\', 2);
  is("\\1", '\1', 2);
  is("\\1019", 'A', 4);
  is("\\777", '\377', 4);
  is("\\x4", '\4', 3);
  is("\\x41F", 'A', 4);
  is("\\x", '\\', 1);
  is("\\xg", '\\', 1);
  is("\\q", '\\', 1);
  is("\\", '\\', 1);
}

TEST(ByteOrder, ElementsAreTurnedRoundInPlaceOrNot) {
  const std::string text = "abcdefgh";
  const auto turned = [&](std::size_t size) {
    std::string to(8, '\0');
    reverse_elements(text.data(), to.data(), 8 / size, size);
    std::string in_place = text;
    reverse_elements(in_place.data(), in_place.data(), 8 / size, size);
    EXPECT_EQ(to, in_place);
    return to;
  };
  EXPECT_EQ(turned(1), "abcdefgh");
  EXPECT_EQ(turned(2), "badcfehg");
  EXPECT_EQ(turned(4), "dcbahgfe");
  EXPECT_EQ(turned(8), "hgfedcba");
  EXPECT_FALSE(needs_reversal(ByteOrder::none, 1));
  EXPECT_NE(needs_reversal(ByteOrder::big, 2), needs_reversal(ByteOrder::little, 2));
  EXPECT_EQ(needs_reversal(ByteOrder::big, 8), needs_reversal(ByteOrder::none, 8));
}

TEST(PrintSpec, IsReadWhole) {
  const char* at = "-+ 0#*.3,*@2lf rest";
  PrintSpec spec;
  ASSERT_EQ(parse_print_spec(at, spec), Status::success);
  EXPECT_STREQ(at, " rest");
  EXPECT_TRUE(spec.left && spec.plus && spec.space && spec.zero && spec.alternate && spec.array);
  EXPECT_EQ(spec.width.kind, Amount::Kind::argument);
  EXPECT_EQ(spec.precision.number, 3);
  EXPECT_EQ(spec.array_size.kind, Amount::Kind::argument);
  EXPECT_EQ(spec.form, Form::nr2);
  EXPECT_EQ(spec.length, Length::l);
  EXPECT_EQ(spec.code, 'f');
  EXPECT_FALSE(spec.width_is_array);
  at = "*,le";
  PrintSpec moved;
  ASSERT_EQ(parse_print_spec(at, moved), Status::success);
  EXPECT_TRUE(moved.width_is_array);
}

TEST(NumberText, PartsMakeTheNumber) {
  NumberBuffer buffer;
  auto text = integer_text(5, true, {10, false, false, 3}, buffer);
  EXPECT_EQ(text.sign, '-');
  EXPECT_EQ(text.zeros, 2u);
  EXPECT_EQ(text.digits, "5");
  EXPECT_EQ(text.size(), 4u);
  EXPECT_EQ(integer_text(0, false, {16, false, true, 0}, buffer).size(), 0u);
  text = float_text(-0.5, {'e', true, true, 0}, buffer);
  EXPECT_EQ(text.digits, "5.");
  EXPECT_EQ(text.tail, "E-01");
  text = float_text(0.1, {'f', false, false, 1100}, buffer);
  EXPECT_EQ(text.more_zeros, 1100u - 1074u) << "zeros beyond the exact value are only counted";
}

TEST(Field, PadsOnTheSideAsked) {
  char room[400] = {};
  const auto shown = [&room](const Field& field, std::string_view text) {
    MemorySink sink(room);
    EXPECT_EQ(put_text(sink, field, text), Status::success);
    sink.terminate();
    return std::string(room);
  };
  EXPECT_EQ(shown({5}, "ab"), "   ab");
  EXPECT_EQ(shown({5, true}, "ab"), "ab   ");
  EXPECT_EQ(shown({1}, "ab"), "ab");
  EXPECT_EQ(shown({300}, "ab"), std::string(298, ' ') + "ab");
  NumberText number;
  number.digits = "7";
  number.sign = '-';
  MemorySink sink(room);
  EXPECT_EQ(put_number(sink, {300, false, true}, number), Status::success);
  sink.terminate();
  EXPECT_EQ(room, "-" + std::string(298, '0') + "7");
}

TEST(MemorySource, LooksNoFurtherThanItIsAsked) {
  std::vector<char> text(10'000, 'x');  // the NUL is the last byte of its memory
  text.back() = '\0';
  MemorySource source(text.data());
  EXPECT_FALSE(source.end_at_hand());
  EXPECT_EQ(source.more(), Status::success);
  EXPECT_EQ(source.at_hand().size(), 4096u);
  EXPECT_FALSE(source.end_at_hand());
  std::vector<std::byte> into(9'000);
  std::size_t got = 0;
  EXPECT_EQ(source.read(into, ByteSource::Until::end, got), Status::success);
  EXPECT_EQ(got, 9'000u);
  EXPECT_EQ(source.consumed(), 9'000u);
  EXPECT_EQ(source.read(into, ByteSource::Until::count, got), Status::success);
  EXPECT_EQ(got, 999u);
  EXPECT_TRUE(source.over());
}

}  // namespace
}  // namespace visa::format
