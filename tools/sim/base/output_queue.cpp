// SPDX-License-Identifier: MIT
// Invariant: size_ is the sum of the lengths of segments_[first_..]; an empty queue has no
// segments, so a message never starts behind the used-up rest of an older one.
#include "tools/sim/base/output_queue.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace visa::sim {
namespace {

constexpr std::size_t kKeptCapacity = 4096;  // more than this goes back when the queue is empty

}  // namespace

void OutputQueue::append(std::string_view text) {
  if (text.empty()) return;
  const bool extends = !segments_.empty() && segments_.back().block == nullptr &&
                       !segments_.back().ends_message && first_ < segments_.size();
  if (extends) {
    segments_.back().length += text.size();
  } else {
    segments_.push_back({nullptr, text_.size(), text.size(), false});
  }
  text_.append(text);
  size_ += text.size();
}

void OutputQueue::append(SharedBytes block) {
  if (block == nullptr || block->empty()) return;
  const std::size_t length = block->size();
  segments_.push_back({std::move(block), 0, length, false});
  size_ += length;
}

void OutputQueue::append(const OutputQueue& other) {
  for (std::size_t i = other.first_; i < other.segments_.size(); ++i) {
    const Segment& segment = other.segments_[i];
    if (segment.block == nullptr) {
      append(std::string_view(other.data(segment), segment.length));
      segments_.back().ends_message = segment.ends_message;
      continue;
    }
    size_ += segment.length;
    segments_.push_back(segment);
  }
}

OutputQueue OutputQueue::split(std::size_t count) {
  OutputQueue head;
  OutputQueue tail;
  for (std::size_t i = first_; i < segments_.size(); ++i) {
    const Segment& segment = segments_[i];
    const std::size_t here = std::min(count, segment.length);
    count -= here;
    const auto put = [this, &segment](OutputQueue& queue, std::size_t from, std::size_t length) {
      if (length == 0) return;
      Segment part = segment;
      part.length = length;
      part.ends_message = segment.ends_message && from + length == segment.length;
      if (segment.block == nullptr) {
        part.begin = queue.text_.size();
        queue.text_.append(data(segment) + from, length);
      } else {
        part.begin += from;
      }
      queue.size_ += length;
      queue.segments_.push_back(std::move(part));
    };
    put(head, 0, here);
    put(tail, here, segment.length - here);
  }
  *this = std::move(head);
  return tail;
}

OutputQueue OutputQueue::take_front(std::size_t count, bool one_message) {
  OutputQueue front;
  while (size_ > 0 && front.size_ < count) {
    const Segment& segment = segments_[first_];
    const std::size_t here = std::min(count - front.size_, segment.length);
    const bool end = segment.ends_message && here == segment.length;
    if (segment.block == nullptr) {
      front.append(std::string_view(data(segment), here));
    } else {
      front.segments_.push_back({segment.block, segment.begin, here, false});
      front.size_ += here;
    }
    front.segments_.back().ends_message = end;
    consume(here);
    if (end && one_message) break;
  }
  return front;
}

std::optional<std::size_t> OutputQueue::find(char byte, std::size_t most) const noexcept {
  std::size_t before = 0;
  for (std::size_t i = first_; i < segments_.size() && before < most; ++i) {
    const std::size_t here = std::min(segments_[i].length, most - before);
    if (const void* const at = std::memchr(data(segments_[i]), byte, here)) {
      return before + static_cast<std::size_t>(static_cast<const char*>(at) - data(segments_[i])) +
             1;
    }
    before += here;
  }
  return std::nullopt;
}

void OutputQueue::end_message() {
  if (!segments_.empty()) segments_.back().ends_message = true;
}

const char* OutputQueue::data(const Segment& segment) const {
  return (segment.block != nullptr ? segment.block->data() : text_.data()) + segment.begin;
}

std::size_t OutputQueue::gather(std::span<iovec> vectors) const {
  std::size_t filled = 0;
  for (std::size_t i = first_; i < segments_.size() && filled < vectors.size(); ++i) {
    // iovec has no const form; sendmsg only reads.
    vectors[filled].iov_base = const_cast<char*>(data(segments_[i]));
    vectors[filled].iov_len = segments_[i].length;
    ++filled;
  }
  return filled;
}

void OutputQueue::consume(std::size_t count) {
  count = std::min(count, size_);
  size_ -= count;
  while (count > 0) {
    Segment& segment = segments_[first_];
    const std::size_t here = std::min(count, segment.length);
    segment.begin += here;
    segment.length -= here;
    count -= here;
    if (segment.length == 0) {
      segment.block.reset();
      ++first_;
    }
  }
  if (size_ == 0) clear();
}

void OutputQueue::clear() noexcept {
  segments_.clear();
  first_ = 0;
  size_ = 0;
  text_.clear();
  if (text_.capacity() > kKeptCapacity) std::string().swap(text_);
  if (segments_.capacity() > kKeptCapacity / sizeof(Segment)) {
    std::vector<Segment>().swap(segments_);
  }
}

OutputQueue::Part OutputQueue::take(std::size_t count) {
  Part part;
  while (size_ > 0 && part.bytes.size() < count) {
    const Segment& segment = segments_[first_];
    const std::size_t here = std::min(count - part.bytes.size(), segment.length);
    part.bytes.append(data(segment), here);
    part.end = segment.ends_message && here == segment.length;
    const bool end = part.end;
    consume(here);
    if (end) break;
  }
  return part;
}

}  // namespace visa::sim
