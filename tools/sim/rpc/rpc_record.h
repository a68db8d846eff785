// SPDX-License-Identifier: MIT
// Record marking (RFC 5531 section 11): puts the fragments of a TCP stream together, with bounded
// memory whatever lengths a peer announces.
//
// A record that comes in one piece is handed out where it lies; else it grows in a buffer as bytes
// come, never as they are announced. Owned by a connection, on the bench's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "tools/sim/engine/message_reader.h"

namespace visa::sim {

class RpcRecordReader {
 public:
  /// `budget` is what the unfinished records of all connections share; it outlives the reader.
  RpcRecordReader(std::size_t longest, InputBudget& budget) noexcept
      : longest_(longest), budget_(budget) {}
  ~RpcRecordReader();
  RpcRecordReader(const RpcRecordReader&) = delete;
  RpcRecordReader& operator=(const RpcRecordReader&) = delete;

  enum class Kind : std::uint8_t {
    need_more,
    record,
    refused,  ///< longer than allowed, or too many fragments: nothing sensible can follow
  };
  struct Step {
    Kind kind = Kind::need_more;
    std::string_view record;  ///< valid until the next call, or until `input` goes away
  };
  /// Takes bytes off the front of `input`, up to the end of one record.
  Step next(std::string_view& input);

  /// Where bytes that are still on the wire may go at once: room for the rest of a large fragment,
  /// empty where copying costs nothing. received() says how many came there.
  std::span<char> room();
  void received(std::size_t count) noexcept;

  /// Keeps the record handed out last, wherever it lay; false if there is no memory for it.
  bool keep(std::string_view& record);

  /// A record is unfinished.
  bool partial() const noexcept { return in_record_ || header_have_ > 0; }

 private:
  bool reserve(std::size_t capacity);
  void release() noexcept;
  bool read_mark(std::string_view& input) noexcept;
  bool fill(std::string_view& input);
  Kind end_of_fragment() noexcept;

  std::size_t longest_;
  InputBudget& budget_;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;  ///< charged to the budget
  std::size_t size_ = 0;
  std::size_t fragment_left_ = 0;
  std::size_t fragments_ = 0;
  unsigned char header_[4] = {};
  std::size_t header_have_ = 0;
  bool in_record_ = false;
  bool last_ = false;
  bool handed_out_ = false;
};

}  // namespace visa::sim
