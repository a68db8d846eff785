// SPDX-License-Identifier: MIT
// Input: a byte for the size of the pieces and whether END follows, a read format up to its NUL,
// and the answer of the instrument. Whatever both are: every array stays within its size, and what
// is stored, what is left and the status do not depend on the pieces.
#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/unit/lib/format/piece_source.h"
#include "lib/format/scan_engine.h"
#include "lib/format/scan_spec.h"

namespace {

using visa::Status;
using visa::format::Length;
using visa::format::ScanCount;
using visa::format::ScanSpec;

constexpr std::size_t kMostArguments = 16;
constexpr std::int32_t kRoom = 5;  // what `#` and `*` allow
constexpr unsigned char kGuard = 0xA5;
constexpr std::size_t kGuardBytes = 64;

void demand(bool holds) {
  if (!holds) std::abort();
}

std::size_t element_size(const ScanSpec& spec) {
  const bool real = std::string_view("eEfgG").find(spec.code) != std::string_view::npos;
  if (real) return spec.length == Length::none ? sizeof(float) : sizeof(double);
  if (spec.code == 'p') return sizeof(void*);
  const bool bytes = std::string_view("bBy").find(spec.code) != std::string_view::npos;
  if (bytes && spec.length == Length::none) return 1;
  return visa::format::scan_integer_size(spec.length, false);
}

// The memory a conversion may write to, by the contract of the formats.
std::size_t room_of(const ScanSpec& spec, std::size_t answer) {
  const bool text = std::string_view("cstT[").find(spec.code) != std::string_view::npos;
  const bool block = std::string_view("bBy").find(spec.code) != std::string_view::npos;
  const auto counted = [&](ScanCount kind, int value, std::size_t otherwise) {
    if (kind == ScanCount::none) return otherwise;
    const auto most = static_cast<std::size_t>(kind == ScanCount::constant ? value : kRoom);
    return std::min(most, answer + 1);  // more cannot come
  };
  if (text) {
    const bool nul = spec.code != 'c' && spec.width != ScanCount::pointer;
    return counted(spec.width, spec.width_value, spec.code == 'c' ? 1 : answer) + (nul ? 1 : 0);
  }
  if (block) return counted(spec.width, spec.width_value, 0) * element_size(spec);
  return counted(spec.array, spec.array_value, 1) * element_size(spec);
}

struct Arguments {
  std::array<void*, kMostArguments> list{};
  std::vector<std::vector<unsigned char>> memory;
  std::vector<std::size_t> rooms;
  bool fit = true;

  Arguments(const char* format, std::size_t answer) {
    std::size_t count = 0;
    const auto pass = [&](void* value) {
      if (count == list.size())
        fit = false;
      else
        list[count++] = value;
    };
    while (*format != '\0' && fit) {
      if (*format++ != '%') continue;
      ScanSpec spec;
      if (failed(take_scan_spec(format, spec))) return;
      if (spec.suppress || spec.code == '%') continue;
      for (const ScanCount kind : {spec.width, spec.array}) {
        // An int is the low half of what a 64-bit calling convention passes for a pointer.
        if (kind == ScanCount::value) pass(reinterpret_cast<void*>(std::uintptr_t{kRoom}));
        if (kind != ScanCount::pointer) continue;
        add(sizeof kRoom);
        std::memcpy(memory.back().data(), &kRoom, sizeof kRoom);
        pass(nullptr);
      }
      add(room_of(spec, answer));
      pass(nullptr);
    }
    std::size_t next = 0;
    for (void*& argument : list) {
      if (argument == nullptr && next < memory.size()) argument = memory[next++].data();
    }
  }

  void add(std::size_t room) {
    rooms.push_back(room);
    memory.emplace_back(room + kGuardBytes, kGuard);
  }
  bool guarded() const {
    for (std::size_t i = 0; i < memory.size(); ++i) {
      for (std::size_t at = rooms[i]; at < memory[i].size(); ++at) {
        if (memory[i][at] != kGuard) return false;
      }
    }
    return true;
  }
};

Status scan_with(visa::format::ByteSource* source, const char* format, ...) {
  std::va_list list;
  va_start(list, format);
  visa::format::ArgumentList arguments(list);
  va_end(list);
  return visa::format::scan(format, arguments, *source, {});
}

struct Outcome {
  Status status;
  std::string rest;
  std::vector<std::vector<unsigned char>> memory;
  bool operator==(const Outcome&) const = default;
};

Outcome run(const char* format, const std::string& answer, std::size_t piece, bool end) {
  Arguments arguments(format, answer.size());
  visa::format::PieceSource source(answer, piece, end);
  const auto& a = arguments.list;
  const Status status = scan_with(&source, format, a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7],
                                  a[8], a[9], a[10], a[11], a[12], a[13], a[14], a[15]);
  demand(arguments.guarded());
  demand(
      status == Status::success || status == Status::error_tmo ||
      ((status == Status::error_inv_fmt || status == Status::error_nsup_fmt) && source.waits == 0));
  demand(failed(status) || source.consumed() + source.rest().size() == answer.size());
  return {status, source.rest(), std::move(arguments.memory)};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = 1 + (data[0] & 0x7FU);
  const bool end = (data[0] & 0x80U) == 0;
  const std::string text(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::string format(text.c_str());
  const std::string answer =
      format.size() < text.size() ? text.substr(format.size() + 1) : std::string();
  if (!Arguments(format.c_str(), answer.size()).fit) return 0;
  Outcome whole = run(format.c_str(), answer, answer.size() + 1, end);
  const Status format_status = visa::format::check_scan_format(format.c_str());
  demand(format_status == whole.status || !failed(format_status));
  Outcome pieces = run(format.c_str(), answer, piece, end);
  // The line feed that closes an indefinite block may come to lie after its data, uncounted.
  if (answer.find("#0") != std::string::npos) pieces.memory = whole.memory;
  // White space that ends the format takes what is at hand: there it depends on the pieces.
  for (std::string* const rest : {&whole.rest, &pieces.rest}) {
    rest->erase(0, std::min(rest->find_first_not_of(" \t\n\v\f\r"), rest->size()));
  }
  demand(whole == pieces);
  return 0;
}
