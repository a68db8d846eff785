// SPDX-License-Identifier: MIT
// The words between `%` and the conversion that both grammars share. Each function takes one word
// from the front of a NUL-terminated format and moves `at` past the word; without such a word it
// leaves `at` alone. Modifiers may come in any order, so a parser asks in a loop. Pure.
#pragma once

#include <cstdint>

namespace visa::format {

/// h, l, ll (also I64), L, z, Z.
enum class Length : std::uint8_t { none, h, l, ll, L, z, Z };
/// !ob, !ol.
enum class ByteOrder : std::uint8_t { none, big, little };
/// @1 @2 @3 @H @Q @B.
enum class Form : std::uint8_t { none, nr1, nr2, nr3, hex, octal, binary };

Length take_length(const char*& at);
/// Sets `bad` at a `!` without a byte order; `at` stays.
ByteOrder take_byte_order(const char*& at, bool& bad);
/// Sets `bad` at an `@` without one of its forms; `at` stays.
Form take_form(const char*& at, bool& bad);
/// Takes decimal digits: -1 if there are none, kTooLarge if an int cannot hold the number.
inline constexpr int kTooLarge = -2;
int take_number(const char*& at);

}  // namespace visa::format
