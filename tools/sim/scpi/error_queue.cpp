// SPDX-License-Identifier: MIT
// The texts of SCPI-99 volume 2 21.8; a code that has none here is a "Device-specific error".
#include "tools/sim/scpi/error_queue.h"

#include <algorithm>
#include <array>
#include <utility>

namespace visa::sim {
namespace {

constexpr std::size_t kLongestText = 255;  // SCPI-99 21.8.1

struct Row {
  int code;
  std::string_view text;
};

// SCPI-99 21.8.9 to 21.8.14, the codes this bench gives. Sorted by code, downwards.
constexpr std::array kTexts = std::to_array<Row>({
    {0, "No error"},
    {-100, "Command error"},
    {-101, "Invalid character"},
    {-102, "Syntax error"},
    {-104, "Data type error"},
    {-108, "Parameter not allowed"},
    {-109, "Missing parameter"},
    {-113, "Undefined header"},
    {-114, "Header suffix out of range"},
    {-121, "Invalid character in number"},
    {-131, "Invalid suffix"},
    {-138, "Suffix not allowed"},
    {-151, "Invalid string data"},
    {-161, "Invalid block data"},
    {-200, "Execution error"},
    {-211, "Trigger ignored"},
    {-213, "Init ignored"},
    {-214, "Trigger deadlock"},
    {-221, "Settings conflict"},
    {-222, "Data out of range"},
    {-223, "Too much data"},
    {-224, "Illegal parameter value"},
    {-230, "Data corrupt or stale"},
    {-321, "Out of memory"},
    {-350, "Queue overflow"},
    {-363, "Input buffer overrun"},
    {-410, "Query INTERRUPTED"},
    {-420, "Query UNTERMINATED"},
    {-430, "Query DEADLOCKED"},
});
static_assert(std::is_sorted(kTexts.begin(), kTexts.end(),
                             [](const Row& a, const Row& b) { return a.code > b.code; }));

// An error text is one line of printable ASCII whatever the client's header contained.
std::string printable(std::string_view text) {
  std::string clean(text);
  std::replace_if(
      clean.begin(), clean.end(), [](char c) { return c < ' ' || c > '~' || c == '"'; }, '.');
  return clean;
}

}  // namespace

std::string_view error_text(int code) noexcept {
  const auto row = std::find_if(kTexts.begin(), kTexts.end(),
                                [code](const Row& candidate) { return candidate.code == code; });
  return row != kTexts.end() ? row->text : "Device-specific error";
}

bool ErrorQueue::push(int code, std::string_view detail) {
  if (entries_.size() >= kDepth) {
    entries_.back() = {-350, std::string(error_text(-350))};
    return false;
  }
  std::string text(error_text(code));
  if (!detail.empty()) {
    text += ';';
    text += printable(detail.substr(0, kLongestText));
  }
  text.resize(std::min(text.size(), kLongestText));
  entries_.push_back({code, std::move(text)});
  return true;
}

ScpiError ErrorQueue::pop() {
  if (entries_.empty()) {
    return {0, std::string(error_text(0))};
  }
  ScpiError oldest = std::move(entries_.front());
  entries_.pop_front();
  return oldest;
}

}  // namespace visa::sim
