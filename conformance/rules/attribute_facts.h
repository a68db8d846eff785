// SPDX-License-Identifier: MIT
// What conformance/spec says about one attribute on one kind of object, and a way to read it that
// shows how many bytes viGetAttribute writes: the buffer is filled with a known value first. One
// thread.
#pragma once

#include <string>
#include <vector>

#include "conformance/rules/check.h"

namespace visa::rules {

enum class Access { none, read, write };

struct AttributeCell {
  std::string name;
  ViAttr id = 0;
  Access access = Access::none;  // writable until an event or a map freezes it counts as write
  std::size_t width = 0;         // bytes of a number; 0 = text or an array of bytes
  bool text = false;
  bool sign = false;
  bool extension = false;  // not in the standard: both answers are right
  bool contested = false;  // the sources disagree
  bool secure = false;     // of an encrypted session; another may not have it
  std::string applies_to;
  std::vector<ViUInt64> good;
  std::vector<ViUInt64> bad;
};

constexpr std::size_t kAttributeRoom = 4096;

/// The cells of a column of attribute_matrix.tsv. Names with the same number appear once.
std::vector<AttributeCell> cells(const Facts& facts, const std::string& column);

/// Fills `room` (kAttributeRoom bytes) with `fill` and reads.
ViStatus read_attribute(Check& check, ViObject vi, const AttributeCell& cell, char* room, int fill);

/// The number in `room`, zero-extended to 64 bits.
ViUInt64 number_in(const char* room, const AttributeCell& cell);

/// Whether `value` is the VI_STATE_UNKNOWN of a line, which can be read but not set.
bool is_unknown_state(const AttributeCell& cell, ViUInt64 value);

/// Notes a failure if reading writes more or fewer bytes than the type has, or text without a NUL.
void check_width(Check& check, ViObject vi, const AttributeCell& cell);

}  // namespace visa::rules
