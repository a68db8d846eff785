// SPDX-License-Identifier: MIT
// Finds the end of an answer in what a Prologix kind adapter sends. The adapter frames nothing, so
// each ++read is followed by a question to the adapter itself (++ver), whose answer is known: that
// closing line ends the answer, and the mark before it says that the instrument had sent EOI. No
// pause has to be waited for, and binary data may contain the mark.
//
// Bounded: it holds one piece at a time. Used by one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace visa::drivers::gpib {

class PrologixAnswer {
 public:
  /// The most that one receive takes.
  static constexpr std::size_t kPiece = std::size_t{16} * 1024;

  /// `closing` is the adapter's whole answer to ++ver, its line end included; not empty.
  PrologixAnswer(std::string closing, std::uint8_t end_mark);

  const std::string& closing() const noexcept { return closing_; }
  /// The last byte of each line that the adapter says.
  char line_end() const noexcept { return closing_.back(); }

  /// A new answer begins. What is left of the one before is dropped.
  void begin() noexcept;

  /// Where to receive the next bytes; never empty while `ready` is 0.
  std::span<std::byte> room();
  /// `count` bytes have come there.
  void received(std::size_t count);

  /// Bytes that belong to the answer and can be taken.
  std::span<const std::byte> ready() const noexcept {
    return {buffer_.get() + begin_, data_end_ - begin_};
  }
  void consume(std::size_t count) noexcept { begin_ += count; }

  /// The last byte that came is the mark: the answer may be over.
  bool marked() const noexcept { return filled_ > data_end_ && buffer_[filled_ - 1] == end_mark_; }
  /// The closing line has come: `ready` holds the rest.
  bool over() const noexcept { return over_; }
  /// The instrument sent EOI with the last byte. Means something once it is over.
  bool end() const noexcept { return end_; }
  /// What came and is not `ready`, because it may be the mark or a part of the closing line.
  std::span<const std::byte> undecided() const noexcept {
    return {buffer_.get() + data_end_, filled_ - data_end_};
  }
  /// Bytes after the closing line, which nothing asked for.
  std::size_t surplus() const noexcept { return surplus_; }

 private:
  void scan();

  const std::string closing_;
  const std::byte end_mark_;
  const std::unique_ptr<std::byte[]> buffer_;
  std::size_t begin_ = 0;     // of what was not consumed
  std::size_t data_end_ = 0;  // up to here it is data
  std::size_t scanned_ = 0;   // before this no closing line begins
  std::size_t filled_ = 0;
  std::size_t surplus_ = 0;
  bool over_ = false;
  bool end_ = false;
};

}  // namespace visa::drivers::gpib
