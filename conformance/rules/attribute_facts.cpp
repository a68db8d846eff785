// SPDX-License-Identifier: MIT
// A byte counts as written if it changed in at least one of two reads that began with different
// fills.
#include "conformance/rules/attribute_facts.h"

#include <cstring>
#include <set>

namespace visa::rules {
namespace {

constexpr std::size_t kLongestText = 256;  // 3.4.1, with the NUL

std::size_t width_of(const std::string& size) {
  if (size.empty() || size[0] < '0' || size[0] > '9') return 0;
  // "4 ILP32 / 8 LP64,Win64" and "4/8 pointer": the pointer size of this machine decides.
  if (size.find('/') != std::string::npos) return sizeof(void*);
  return std::stoul(size);
}

std::vector<ViUInt64> numbers(const std::string& list) {
  std::vector<ViUInt64> values;
  for (const std::string& text : split(list, ' ')) values.push_back(std::stoull(text, nullptr, 0));
  return values;
}

}  // namespace

std::vector<AttributeCell> cells(const Facts& facts, const std::string& column) {
  std::vector<AttributeCell> all;
  for (const Row& row : facts.matrix) {
    const Row& attribute = facts.attribute(row.at("name"));
    AttributeCell cell;
    cell.name = row.at("name");
    cell.id = Facts::code(attribute);
    const std::string& access = row.at(column);
    cell.access = access == "-" ? Access::none : access == "RO" ? Access::read : Access::write;
    cell.width = width_of(attribute.at("size_bytes"));
    cell.text = attribute.at("size_bytes") == "str";
    cell.sign = attribute.at("type").rfind("ViInt", 0) == 0;
    cell.extension = attribute.at("status") != "std";
    cell.contested = row.at("contested") != "-";
    cell.applies_to = attribute.at("applies_to");
    cell.secure = cell.applies_to.find("secure") != std::string::npos;
    for (const Row& values : facts.attribute_values) {
      if (values.at("name") != cell.name) continue;
      if (!values.at("kind").empty() && column.rfind(values.at("kind"), 0) != 0) continue;
      cell.good = numbers(values.at("good"));
      cell.bad = numbers(values.at("bad"));
    }
    all.push_back(std::move(cell));
  }
  return all;
}

ViStatus read_attribute(Check& check, ViObject vi, const AttributeCell& cell, char* room,
                        int fill) {
  std::memset(room, fill, kAttributeRoom);
  return check.visa().viGetAttribute(vi, cell.id, room);
}

bool is_unknown_state(const AttributeCell& cell, ViUInt64 value) {
  return cell.name.ends_with("_STATE") && static_cast<ViInt16>(value) == VI_STATE_UNKNOWN;
}

ViUInt64 number_in(const char* room, const AttributeCell& cell) {
  ViUInt64 value = 0;
  std::memcpy(&value, room, cell.width);  // the machines VISA runs on are little-endian
  return value;
}

void check_width(Check& check, ViObject vi, const AttributeCell& cell) {
  alignas(8) char first[kAttributeRoom];
  alignas(8) char second[kAttributeRoom];
  const ViStatus status = read_attribute(check, vi, cell, first, 0x5A);
  if (status != VI_SUCCESS) {
    check.that(first[0] == 0x5A || status > VI_SUCCESS,
               cell.name + ": viGetAttribute answers " + check.symbol(status) + " and writes");
    return;
  }
  if (cell.text) {
    const std::size_t length = strnlen(first, kLongestText);
    check.that(length < kLongestText, cell.name + ": no end within 256 bytes");
    for (std::size_t i = kLongestText; i < kAttributeRoom; ++i) {
      if (first[i] != 0x5A) {
        check.that(false, cell.name + ": writes past 256 bytes");
        break;
      }
    }
    for (std::size_t i = 0; i < length; ++i) {
      if (first[i] < ' ' || first[i] > '~') {
        check.that(false, cell.name + ": is not plain ASCII");
        break;
      }
    }
    return;
  }
  if (cell.width == 0) return;  // an array, whose size is another attribute
  read_attribute(check, vi, cell, second, 0xA5);
  std::size_t written = 0;
  for (std::size_t i = 0; i < kAttributeRoom; ++i) {
    if (first[i] != 0x5A || static_cast<unsigned char>(second[i]) != 0xA5) written = i + 1;
  }
  // Counts the bytes up to the last one that changed. A byte may equal one of the two fills by
  // chance, but not both.
  check.that(written == cell.width, cell.name + ": writes " + std::to_string(written) +
                                        " bytes, its type has " + std::to_string(cell.width));
  check.that(std::memcmp(first, second, cell.width) == 0,
             cell.name + ": not all bytes of its type are written");
}

}  // namespace visa::rules
