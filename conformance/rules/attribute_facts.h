// SPDX-License-Identifier: MIT
// What the sheets say of one attribute on one kind of object, and reading it under watch: how many
// bytes viGetAttribute writes is seen by filling the room first. One thread.
#pragma once

#include <string>
#include <vector>

#include "conformance/rules/check.h"

namespace visa::rules {

enum class Access { none, read, write };

struct AttributeCell {
  std::string name;
  ViAttr id = 0;
  Access access = Access::none;  // write until an event or a map freezes it counts as write
  std::size_t width = 0;         // bytes of a number; 0 = text or an array of bytes
  bool text = false;
  bool sign = false;
  bool extension = false;  // not in the standard: either answer will do
  bool contested = false;  // sources disagree
  std::string applies_to;
  std::vector<ViUInt64> good;
  std::vector<ViUInt64> bad;
};

constexpr std::size_t kAttributeRoom = 4096;

// The cells of a column of attribute_matrix.tsv, the names of one number once.
std::vector<AttributeCell> cells(const Facts& facts, const std::string& column);

// Fills `room` (kAttributeRoom bytes) with `fill` and reads.
ViStatus read_attribute(Check& check, ViObject vi, const AttributeCell& cell, char* room, int fill);

// The number in `room`, extended to 64 bits without sign.
ViUInt64 number_in(const char* room, const AttributeCell& cell);

// Notes a failure where reading writes more or fewer bytes than the type has, or text without end.
void check_width(Check& check, ViObject vi, const AttributeCell& cell);

}  // namespace visa::rules
