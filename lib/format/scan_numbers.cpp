// SPDX-License-Identifier: MIT
// Numbers and arrays of them. The text is converted where it lies in the source, and the values go
// straight to the caller's memory: an array of any length makes no copy.
#include <algorithm>
#include <optional>
#include <string_view>

#include "lib/format/scan_number.h"
#include "lib/format/scan_steps.h"

namespace visa::format {
namespace {

bool is_real(char code) {
  return std::string_view("eEfgG").find(code) != std::string_view::npos;
}

// How a variable of one type is filled.
template <class T>
struct Real {
  using Value = T;
  Word take(const char*& at, const char* end, bool final, T& value) const {
    return take_real(at, end, final, value);
  }
  std::size_t run(const char*& at, const char* end, T* into, std::size_t room) const {
    return take_reals(at, end, into, room);
  }
};

template <class T>
struct Whole {
  using Value = T;
  char code;
  bool is_unsigned() const { return code != 'd' && code != 'i'; }
  Word take(const char*& at, const char* end, bool final, T& value) const {
    ScannedInteger integer;
    const Word word = take_integer(at, end, final, code, integer);
    if (word == Word::taken) value = narrowed<T>(integer, is_unsigned());
    return word;
  }
  std::size_t run(const char*& at, const char* end, T* into, std::size_t room) const {
    return code == 'd' || code == 'u' ? take_integers(at, end, is_unsigned(), into, room) : 0;
  }
};

// Skips white space and takes the next number. `value` changes only with kNextStep.
template <class Kind>
Step take_one(ByteSource& source, const ScanSpec& spec, const Kind& kind,
              typename Kind::Value& value) {
  const Status status = skip_white(source);
  if (failed(status)) return failed_step(status);
  while (!source.over()) {
    const std::string_view text = source.at_hand();
    std::size_t most = text.size();
    bool final = source.end_at_hand() || most >= ByteSource::kKept;
    if (spec.width == ScanCount::constant && static_cast<std::size_t>(spec.width_value) <= most) {
      most = static_cast<std::size_t>(spec.width_value);
      final = true;
    }
    const char* at = text.data();
    typename Kind::Value found{};
    const Word word = kind.take(at, at + most, final, found);
    if (word == Word::different) return kLastStep;
    if (word == Word::taken) {
      source.consume(static_cast<std::size_t>(at - text.data()));
      value = found;
      return kNextStep;
    }
    const Status more = source.more();
    if (failed(more)) return failed_step(more);
  }
  return kLastStep;
}

// Takes a comma if it is next; `found` says whether it was.
Status take_comma(ByteSource& source, bool& found) {
  found = false;
  const Status status = wait_for_byte(source);
  if (failed(status) || source.over() || source.at_hand().front() != ',') return status;
  source.consume(1);
  found = true;
  return status;
}

// Takes up to `room.room` numbers with commas between them; a comma after the last stays.
template <class Kind>
Step take_array(ByteSource& source, const ScanSpec& spec, const Kind& kind,
                typename Kind::Value* into, ScanRoom& room) {
  std::optional<ByteSource::Dropping> dropping;
  if (into == nullptr) dropping.emplace(source);
  while (room.used < room.room) {
    if (into != nullptr && spec.width == ScanCount::none) {
      const std::string_view text = source.at_hand();
      const char* at = text.data();
      const std::uint64_t left = room.room - room.used - 1;
      const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(left, text.size()));
      room.used += kind.run(at, at + text.size(), into + room.used, most);
      source.consume(static_cast<std::size_t>(at - text.data()));
    }
    typename Kind::Value value{};
    const Step step = take_one(source, spec, kind, value);
    if (step.over) return step;
    if (into != nullptr) into[room.used] = value;
    if (++room.used == room.room) break;
    bool comma = false;
    const Status status = take_comma(source, comma);
    if (failed(status)) return failed_step(status);
    if (!comma) break;
  }
  return kNextStep;
}

template <class Kind>
Step take(Scan& scan, const ScanSpec& spec, const Kind& kind) {
  using Value = typename Kind::Value;
  const bool array = spec.array != ScanCount::none;
  ScanRoom room(scan, spec.suppress ? ScanCount::none : spec.array,
                array && spec.array != ScanCount::constant
                    ? kUnlimited
                    : static_cast<std::uint64_t>(array ? spec.array_value : 1));
  Value* const into = spec.suppress ? nullptr : scan.arguments.next<Value*>();
  if (room.bad || (into == nullptr && !spec.suppress)) return failed_step(Status::error_user_buf);
  return take_array(scan.source, spec, kind, into, room);
}

}  // namespace

Step scan_number(Scan& scan, const ScanSpec& spec) {
  if (is_real(spec.code)) {
    if (spec.length == Length::none) return take(scan, spec, Real<float>{});
    if (spec.length == Length::L && scan.settings.long_double) {
      return take(scan, spec, Real<long double>{});
    }
    return take(scan, spec, Real<double>{});
  }
  const std::size_t size =
      spec.code == 'p' ? sizeof(void*) : scan_integer_size(spec.length, scan.settings.long_is_64);
  switch (size) {
    case 2:
      return take(scan, spec, Whole<std::int16_t>{spec.code});
    case 8:
      return take(scan, spec, Whole<std::int64_t>{spec.code});
    default:
      return take(scan, spec, Whole<std::int32_t>{spec.code});
  }
}

}  // namespace visa::format
