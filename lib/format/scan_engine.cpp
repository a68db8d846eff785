// SPDX-License-Identifier: MIT
// VPP-4.3 6.2, viScanf. The whole format is checked before the first byte is read, so that a bad
// format leaves the device, the buffer and all arguments alone.
#include "lib/format/scan_engine.h"

#include <algorithm>
#include <array>
#include <optional>

#include "lib/format/escape.h"
#include "lib/format/scan_spec.h"
#include "lib/format/scan_steps.h"

namespace visa::format {

Status wait_for_byte(ByteSource& source) {
  while (source.at_hand().empty() && !source.end_at_hand()) {
    const Status status = source.more();
    if (failed(status)) return status;
  }
  return Status::success;
}

Status skip_white(ByteSource& source, bool wait) {
  std::optional<ByteSource::Dropping> dropping;
  for (bool waited = false;; waited = true) {
    const auto text = source.at_hand();
    const auto white = std::find_if_not(text.begin(), text.end(), is_white) - text.begin();
    const bool all = static_cast<std::size_t>(white) == text.size();
    source.consume(static_cast<std::size_t>(white));
    if (!all || source.end_at_hand() || !wait) return Status::success;
    // The scan has waited, and only white space has come.
    if (waited && !dropping) dropping.emplace(source, ByteSource::Dropping::Time::as_it_runs);
    const Status status = source.more();
    if (failed(status)) return status;
  }
}

Status discard(ByteSource& source, std::uint64_t count, ByteSource::Until until) {
  const ByteSource::Dropping dropping(source);
  std::array<std::byte, 4096> scratch;
  while (count > 0) {
    const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(count, scratch.size()));
    std::size_t got = 0;
    const Status status = source.read({scratch.data(), part}, until, got);
    if (failed(status) || got < part) return status;
    count -= got;
  }
  return Status::success;
}

Status discard_message(ByteSource& source) {
  const ByteSource::Dropping dropping(source);
  for (;;) {
    source.consume(source.at_hand().size());
    if (source.over()) return Status::success;
    const Status status = source.more();
    if (failed(status)) return status;
  }
}

ScanRoom::ScanRoom(Scan& scan, ScanCount kind, std::uint64_t fixed) : room(fixed) {
  if (kind == ScanCount::value) {
    room = static_cast<std::uint64_t>(std::max(scan.arguments.next<int>(), 0));
  } else if (kind == ScanCount::pointer) {
    reported_ = scan.arguments.next<std::int32_t*>();
    bad = reported_ == nullptr;
    room = bad ? 0 : static_cast<std::uint64_t>(std::max(*reported_, 0));
  }
}

namespace {

// %n takes no input, so it works after END too.
Step store_consumed(Scan& scan, const ScanSpec& spec) {
  if (spec.suppress) return kNextStep;
  void* const into = scan.arguments.next<void*>();
  if (into == nullptr) return failed_step(Status::error_user_buf);
  const auto count = scan.source.consumed();
  switch (scan_integer_size(spec.length, scan.settings.long_is_64)) {
    case 2:
      *static_cast<std::int16_t*>(into) = static_cast<std::int16_t>(count);
      break;
    case 8:
      *static_cast<std::int64_t*>(into) = static_cast<std::int64_t>(count);
      break;
    default:
      *static_cast<std::int32_t*>(into) = static_cast<std::int32_t>(count);
  }
  return kNextStep;
}

Step match_byte(ByteSource& source, char wanted) {
  const Status status = wait_for_byte(source);
  if (failed(status)) return failed_step(status);
  if (source.over() || source.at_hand().front() != wanted) return kLastStep;
  source.consume(1);
  return kNextStep;
}

Step convert(Scan& scan, const ScanSpec& spec) {
  switch (spec.code) {
    case '%': {
      const Status status = skip_white(scan.source);  // as C does
      return failed(status) ? failed_step(status) : match_byte(scan.source, '%');
    }
    case 'c':
    case 's':
    case 't':
    case 'T':
    case '[':
      return scan_text(scan, spec);
    case 'b':
    case 'B':
    case 'y':
      return scan_block(scan, spec);
    default:
      return scan_number(scan, spec);
  }
}

// Takes a byte of the format that is not part of a specifier; an escape stands for its byte.
char take_literal(const char*& at) {
  if (*at != '\\') return *at++;
  const Escape escape = escape_at(at);
  at += escape.length;
  return static_cast<char>(escape.byte);
}

// Takes a run of white space in the format, which is one directive. False when there is none. The
// escape \012 matches that byte alone, so it is not white space.
bool take_white(const char*& at) {
  const char* const begin = at;
  for (;;) {
    const bool spelled = *at == '\\' && (at[1] == 'n' || at[1] == 'r' || at[1] == 't');
    if (!spelled && !is_white(*at)) return at != begin;
    at += spelled ? 2 : 1;
  }
}

}  // namespace

Status check_scan_format(const char* format) {
  while (*format != '\0') {
    if (*format != '%') {
      take_literal(format);
      continue;
    }
    ScanSpec spec;
    const Status status = take_scan_spec(++format, spec);
    if (failed(status)) return status;
  }
  return Status::success;
}

bool begins_behind_white(const char* format) {
  take_white(format);
  if (*format != '%') return false;
  ScanSpec spec;
  if (failed(take_scan_spec(++format, spec))) return false;
  switch (spec.code) {
    case 'c':
    case 't':
    case 'T':
    case '[':
    case 'y':
    case 'n':
      return false;
    default:
      return true;
  }
}

Status scan(const char* format, ArgumentList& arguments, ByteSource& source,
            const FormatSettings& settings) {
  const Status good = check_scan_format(format);
  if (failed(good)) return good;
  Scan state{arguments, source, settings};
  while (*format != '\0') {
    Step step;
    if (take_white(format)) {
      step.status = skip_white(source, *format != '\0');
      step.over = failed(step.status);
    } else if (*format != '%') {
      const char wanted = take_literal(format);
      step = match_byte(source, wanted);
    } else {
      ScanSpec spec;
      static_cast<void>(take_scan_spec(++format, spec));  // it was checked above
      if (spec.code == 'n') {
        step = store_consumed(state, spec);
      } else {
        step = source.over() ? kLastStep : convert(state, spec);
      }
    }
    if (step.over) return step.status;
  }
  return Status::success;
}

}  // namespace visa::format
