// SPDX-License-Identifier: MIT
// Invariant: capacity_ bytes are charged to the budget, size_ of them belong to the record under
// way, whose current fragment still lacks fragment_left_.
#include "tools/sim/rpc/rpc_record.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace visa::sim {
namespace {

constexpr std::size_t kLeastCapacity = 4096;
constexpr std::size_t kKeptCapacity = std::size_t{2} << 20;
// From here on bytes are received where they belong.
constexpr std::size_t kDirect = std::size_t{16} << 10;
// A peer that sends one byte a fragment is within its rights, one that sends empty ones without
// end keeps the bench busy for nothing.
constexpr std::size_t kMostFragments = std::size_t{1} << 20;

}  // namespace

RpcRecordReader::~RpcRecordReader() {
  budget_.give_back(capacity_);
}

void RpcRecordReader::release() noexcept {
  if (capacity_ > kKeptCapacity || budget_.crowded()) {
    budget_.give_back(std::exchange(capacity_, 0));
    buffer_.reset();
  }
  size_ = 0;
}

bool RpcRecordReader::reserve(std::size_t capacity) {
  if (capacity <= capacity_) return true;
  capacity = std::max({capacity, kLeastCapacity, std::min(2 * capacity_, longest_)});
  if (!budget_.take(capacity - capacity_)) return false;
  std::unique_ptr<char[]> larger(new (std::nothrow) char[capacity]);
  if (larger == nullptr) {
    budget_.give_back(capacity - capacity_);
    return false;
  }
  if (size_ > 0) std::memcpy(larger.get(), buffer_.get(), size_);
  buffer_ = std::move(larger);
  capacity_ = capacity;
  return true;
}

RpcRecordReader::Kind RpcRecordReader::end_of_fragment() noexcept {
  header_have_ = 0;
  if (!last_) return ++fragments_ < kMostFragments ? Kind::need_more : Kind::refused;
  in_record_ = false;
  fragments_ = 0;
  handed_out_ = true;
  return Kind::record;
}

RpcRecordReader::Step RpcRecordReader::next(std::string_view& input) {
  if (std::exchange(handed_out_, false)) release();
  // What room() took may have been the end.
  bool ended = in_record_ && header_have_ == 4 && fragment_left_ == 0;
  while (true) {
    if (ended) {
      const Kind kind = end_of_fragment();
      if (kind != Kind::need_more) {
        return {kind, {buffer_.get(), size_}};
      }
    }
    if (header_have_ < 4) {
      if (!read_mark(input)) {
        return {};
      }
      if (fragment_left_ > longest_ - size_) {
        return {Kind::refused, {}};
      }
      if (!in_record_ && last_ && fragment_left_ <= input.size()) {  // all of it is here
        const std::string_view record = input.substr(0, fragment_left_);
        input.remove_prefix(fragment_left_);
        fragment_left_ = 0;
        return {end_of_fragment(), record};
      }
      in_record_ = true;
    }
    if (!fill(input)) {
      return {Kind::refused, {}};
    }
    ended = fragment_left_ == 0;
    if (!ended) {
      return {};
    }
  }
}

// Takes what is missing of a record mark; false while some of it still is.
bool RpcRecordReader::read_mark(std::string_view& input) noexcept {
  while (header_have_ < 4 && !input.empty()) {
    header_[header_have_++] = static_cast<unsigned char>(input.front());
    input.remove_prefix(1);
  }
  if (header_have_ < 4) return false;
  last_ = (header_[0] & 0x80U) != 0;
  fragment_left_ = std::size_t{header_[0] & 0x7FU} << 24U | std::size_t{header_[1]} << 16U |
                   std::size_t{header_[2]} << 8U | header_[3];
  return true;
}

// Takes what is here of the fragment; false if there is no memory for it.
bool RpcRecordReader::fill(std::string_view& input) {
  const std::size_t here = std::min(fragment_left_, input.size());
  if (here == 0) return true;
  if (!reserve(size_ + here)) return false;
  std::memcpy(buffer_.get() + size_, input.data(), here);
  size_ += here;
  fragment_left_ -= here;
  input.remove_prefix(here);
  return true;
}

std::span<char> RpcRecordReader::room() {
  if (!in_record_ || fragment_left_ < kDirect) {
    return {};
  }
  if (size_ == capacity_ && !reserve(std::min(size_ + fragment_left_, 2 * size_ + kDirect))) {
    return {};
  }
  return {buffer_.get() + size_, std::min(capacity_ - size_, fragment_left_)};
}

void RpcRecordReader::received(std::size_t count) noexcept {
  size_ += count;
  fragment_left_ -= count;
}

bool RpcRecordReader::keep(std::string_view& record) {
  if (buffer_ != nullptr && record.data() == buffer_.get()) return true;
  size_ = 0;
  if (!reserve(record.size())) return false;
  std::memcpy(buffer_.get(), record.data(), record.size());
  record = {buffer_.get(), record.size()};
  return true;
}

}  // namespace visa::sim
