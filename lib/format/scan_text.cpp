// SPDX-License-Identifier: MIT
// Strings. With a width or `#` nothing is written past the room that they give: a width of n means
// n bytes and a NUL, as in C; `#` is the size of the array, NUL included. Without either, %s %t %T
// and %[ write all that the instrument sends, up to 2 GiB: the standard gives no bound, so the
// program must (%255t, or better %#t). All bytes that are read and not kept share one deadline.
#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>
#include <string_view>

#include "lib/format/scan_steps.h"

namespace visa::format {
namespace {

// Where the characters go: into the caller's array, with a NUL at the end, or nowhere.
class Text {
 public:
  Text(char* into, ScanRoom& room, bool with_nul) : into_(into), room_(room), with_nul_(with_nul) {}
  // Ends the string with a NUL after what came, however the call ends. A string that was not begun
  // stays untouched.
  ~Text() {
    if (begun_ && with_nul_ && into_ != nullptr) into_[room_.used] = '\0';
  }
  Text(const Text&) = delete;
  Text& operator=(const Text&) = delete;

  void begin() { begun_ = true; }
  std::uint64_t left() const { return room_.room - room_.used; }
  // True if no further character is kept.
  bool dropped() const { return into_ == nullptr || left() == 0; }
  // Keeps as many of `characters` as there is room for.
  void add(std::string_view characters) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(characters.size(), left()));
    if (into_ != nullptr && count > 0) std::memcpy(into_ + room_.used, characters.data(), count);
    room_.used += count;
  }

 private:
  char* const into_;
  ScanRoom& room_;
  const bool with_nul_;
  bool begun_ = false;
};

// How much of a piece belongs to the string, and whether the string ends there.
struct Cut {
  std::size_t size;
  bool stop;
};

// Adds the bytes at hand up to where `cut_of` says, and repeats until it says stop or the input
// ends. When the room is full, it stops too, or with `drop` reads and drops the rest.
template <class CutOf>
Step take_until(ByteSource& source, Text& text, bool drop, const CutOf& cut_of) {
  std::optional<ByteSource::Dropping> dropping;
  for (;;) {
    std::string_view piece = source.at_hand();
    const bool limited = !drop && piece.size() >= text.left();
    if (limited) piece = piece.substr(0, static_cast<std::size_t>(text.left()));
    const Cut cut = cut_of(piece);
    if (cut.size > 0) text.begin();
    text.add(piece.substr(0, cut.size));
    source.consume(cut.size);
    if (cut.stop || limited || source.end_at_hand()) return kNextStep;
    if (text.dropped() && !dropping) dropping.emplace(source);
    const Status status = source.more();
    if (failed(status)) return failed_step(status);
  }
}

Cut all_of(std::string_view piece) {
  return {piece.size(), false};
}

// %s: a word. The part that the room does not hold is dropped.
Step take_word(ByteSource& source, Text& text) {
  const Status status = skip_white(source);
  if (failed(status)) return failed_step(status);
  if (source.over()) return kLastStep;
  return take_until(source, text, true, [](std::string_view piece) {
    const auto size = std::find_if(piece.begin(), piece.end(), is_white) - piece.begin();
    return Cut{static_cast<std::size_t>(size), static_cast<std::size_t>(size) < piece.size()};
  });
}

// %[: as in C, the part that the room does not hold stays unread. If no character of the set comes,
// nothing is taken.
Step take_members(ByteSource& source, Text& text, const ScanSet& set) {
  const Status status = wait_for_byte(source);
  if (failed(status)) return failed_step(status);
  if (source.over() || !set.has(source.at_hand().front())) return kLastStep;
  text.begin();
  return take_until(source, text, false, [&set](std::string_view piece) {
    const auto* const end =
        std::find_if_not(piece.begin(), piece.end(), [&set](char c) { return set.has(c); });
    return Cut{static_cast<std::size_t>(end - piece.begin()), end != piece.end()};
  });
}

// %t: the rest of the message, including its END byte. %T: a line including its LF, or the part of
// it before END. Either is empty if the message is empty.
Step take_message(ByteSource& source, Text& text, bool line) {
  const Step step = take_until(source, text, true, [line](std::string_view piece) {
    const std::size_t feed = line ? piece.find('\n') : std::string_view::npos;
    return feed == std::string_view::npos ? all_of(piece) : Cut{feed + 1, true};
  });
  if (!step.over) text.begin();
  return step;
}

// %c: that many characters, or fewer if END comes first. No NUL.
Step take_characters(ByteSource& source, Text& text) {
  const Status status = text.left() > 0 ? wait_for_byte(source) : Status::success;
  if (failed(status)) return failed_step(status);
  if (source.over()) return kLastStep;
  return take_until(source, text, false, all_of);
}

// As many as a ViInt32 can count. A text without a width is cut there, as if by a width.
constexpr std::uint64_t kLongestText = std::numeric_limits<std::int32_t>::max();

// How many characters the format gives room for; `#` is applied later.
std::uint64_t fixed_room(const ScanSpec& spec) {
  if (spec.width == ScanCount::constant) return static_cast<std::uint64_t>(spec.width_value);
  return spec.code == 'c' && spec.width == ScanCount::none ? 1 : kLongestText;
}

}  // namespace

Step scan_text(Scan& scan, const ScanSpec& spec) {
  ScanRoom room(scan, spec.suppress ? ScanCount::none : spec.width, fixed_room(spec));
  char* const into = spec.suppress ? nullptr : scan.arguments.next<char*>();
  if (room.bad || (into == nullptr && !spec.suppress)) return failed_step(Status::error_user_buf);
  const bool with_nul = spec.code != 'c';
  const bool by_size = spec.width == ScanCount::pointer && !spec.suppress;
  const bool no_room = by_size && room.room == 0;  // not even for the NUL
  if (by_size && with_nul && !no_room) --room.room;
  Text text(into, room, with_nul && !no_room);
  switch (spec.code) {
    case 's':
      return take_word(scan.source, text);
    case 't':
    case 'T':
      return take_message(scan.source, text, spec.code == 'T');
    case 'c':
      return take_characters(scan.source, text);
    default:
      return take_members(scan.source, text, spec.set);
  }
}

}  // namespace visa::format
