// SPDX-License-Identifier: MIT
// What an instrument has answered on one link and the client has not fetched yet.
//
// Small answers are copied into one buffer that keeps its memory between messages; large blocks are
// shared, so that a 64 MB waveform asked for by ten clients exists once. Owned by a Link; used on
// the bench's thread only.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace visa::sim {

using SharedBytes = std::shared_ptr<const std::string>;

class OutputQueue {
 public:
  /// Copies `text` to the end.
  void append(std::string_view text);
  /// Puts a block at the end without copying it.
  void append(SharedBytes block);
  /// Puts everything `other` has at the end; blocks are shared.
  void append(const OutputQueue& other);
  /// Keeps the first `count` bytes and returns the rest.
  OutputQueue split(std::size_t count);
  /// Takes the first `count` bytes away as a queue of their own; blocks are shared, and a message
  /// never reaches beyond its end if `one_message` says so.
  OutputQueue take_front(std::size_t count, bool one_message);
  /// Bytes up to and with the first `byte` among the first `most`; nothing if it is not there.
  std::optional<std::size_t> find(char byte, std::size_t most) const noexcept;
  /// The byte appended last ends a message.
  bool ends_message() const noexcept { return !segments_.empty() && segments_.back().ends_message; }
  /// The message ends after the byte appended last (wires with END say so there).
  void end_message();

  bool empty() const noexcept { return size_ == 0; }
  /// Bytes still to be fetched.
  std::size_t size() const noexcept { return size_; }
  /// What the queue costs beside shared blocks: copied bytes and the list of segments.
  std::size_t cost() const noexcept { return text_.size() + segments_.size() * sizeof(Segment); }

  /// Points `vectors` at the next bytes in order; returns how many vectors were filled.
  std::size_t gather(std::span<iovec> vectors) const;
  /// The first `count` bytes have been fetched.
  void consume(std::size_t count);
  void clear() noexcept;

  struct Part {
    std::string bytes;
    bool end = false;  ///< the last byte of a message is the last of `bytes`
  };
  /// Takes at most `count` bytes and never reaches past the end of a message.
  Part take(std::size_t count);

 private:
  struct Segment {
    SharedBytes block;      ///< null: the bytes are in text_
    std::size_t begin = 0;  ///< in *block or text_
    std::size_t length = 0;
    bool ends_message = false;
  };
  const char* data(const Segment& segment) const;

  std::string text_;
  std::vector<Segment> segments_;
  std::size_t first_ = 0;  ///< segments before it are used up
  std::size_t size_ = 0;
};

}  // namespace visa::sim
