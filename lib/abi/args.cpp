// SPDX-License-Identifier: MIT
// Bounds of what the trace shows: 256 characters of a string, 48 bytes of data.
#include "lib/abi/args.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "lib/base/secret_filter.h"
#include "lib/model/attribute_table.h"
#include "lib/model/event_table.h"

namespace visa::abi {
namespace {

constexpr std::size_t kMostText = 256;
constexpr std::size_t kMostBytes = 48;

std::string hexadecimal(std::uint64_t value) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "0x%08llX", static_cast<unsigned long long>(value));
  return text.data();
}

void append_escaped(std::string& out, unsigned char byte) {
  if (byte == '"' || byte == '\\') {
    out += '\\';
    out += static_cast<char>(byte);
  } else if (byte == '\n') {
    out += "\\n";
  } else if (byte == '\r') {
    out += "\\r";
  } else if (byte < 0x20 || byte >= 0x7f) {
    std::array<char, 8> text{};
    std::snprintf(text.data(), text.size(), "\\x%02x", byte);
    out += text.data();
  } else {
    out += static_cast<char>(byte);
  }
}

// `size` is that of the whole.
std::string show_beginning(std::string_view shown, std::size_t size) {
  std::string out = "\"";
  for (const char c : shown) append_escaped(out, static_cast<unsigned char>(c));
  out += '"';
  if (size > shown.size()) out += "...(" + std::to_string(size) + " bytes)";
  return out;
}

}  // namespace

std::string show_number(std::uint64_t value) {
  return std::to_string(value);
}
std::string show_number(std::int64_t value) {
  return std::to_string(value);
}

std::string show_text(const char* text) {
  if (text == nullptr) return "NULL";
  const auto shown = without_secrets({text, ::strnlen(text, kMostText)});
  std::string out = "\"";
  for (const char c : shown) append_escaped(out, static_cast<unsigned char>(c));
  out += '"';
  if (shown.size() == kMostText) out += "...";
  return out;
}

std::string show_bytes(const void* data, std::size_t size) {
  if (data == nullptr) return "NULL";
  return show_beginning({static_cast<const char*>(data), std::min(size, kMostBytes)}, size);
}

std::string show_hidden(std::size_t size) {
  return show_beginning(std::string(std::min(size, kMostBytes), '*'), size);
}

std::string show_message(const void* data, std::size_t size) {
  if (data == nullptr) return "NULL";
  return show_beginning(
      without_secrets({static_cast<const char*>(data), std::min(size, kMostBytes)}), size);
}

std::string show_attribute(ViAttr id) {
  const auto rows = model::attribute_rows(id);
  return rows.empty() ? hexadecimal(id) : std::string(rows.front().name);
}

std::string show_event(ViEventType type) {
  if (type == VI_ALL_ENABLED_EVENTS) return "VI_ALL_ENABLED_EVENTS";
  const auto* info = model::find_event(type);
  return info == nullptr ? hexadecimal(type) : std::string(info->name);
}

std::string show_pointer(const void* pointer) {
  return pointer == nullptr ? "NULL" : hexadecimal(reinterpret_cast<std::uintptr_t>(pointer));
}

}  // namespace visa::abi
