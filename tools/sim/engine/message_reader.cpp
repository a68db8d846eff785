// SPDX-License-Identifier: MIT
// IEEE 488.2 7.7.6 (definite-length blocks), 7.5 (terminator). `state_` survives between calls, so
// it does not matter how the wire cuts the bytes. Indefinite blocks (#0) end at LF, as they must.
#include "tools/sim/engine/message_reader.h"

#include <algorithm>
#include <array>

namespace visa::sim {
namespace {

constexpr std::size_t kFreeBytes = std::size_t{16} << 10;  // of each link, outside the budget
constexpr std::size_t kKeptCapacity = 4096;

// The bytes scan_prefix() looks at outside strings and blocks; the terminator comes beside them.
constexpr std::array<bool, 256> kSpecial = [] {
  std::array<bool, 256> table{};
  for (const char c : {'#', '\'', '"'}) table[static_cast<unsigned char>(c)] = true;
  return table;
}();

}  // namespace

bool InputBudget::take(std::size_t count) noexcept {
  if (count > limit_ - used_) return false;
  used_ += count;
  return true;
}

void MessageReader::clear() noexcept {
  pending_.clear();
  if (pending_.capacity() > kKeptCapacity) std::string().swap(pending_);
  budget_.give_back(charged_);
  charged_ = 0;
  in_message_ = false;
  overflow_ = false;
  release_ = false;
  state_ = State::text;
  digits_left_ = 0;
  block_left_ = 0;
}

bool MessageReader::store(std::string_view part) {
  const std::size_t total = pending_.size() + part.size();
  if (total > framing_.limit) return false;
  if (total > kFreeBytes) {
    // Charged with the capacity the growth below leads to at most.
    const std::size_t wanted = 2 * total;
    if (wanted > charged_) {
      if (!budget_.take(wanted - charged_)) return false;
      charged_ = wanted;
    }
  }
  pending_.append(part);
  return true;
}

MessageReader::Step MessageReader::next(std::string_view& input, bool end) {
  if (release_) clear();
  if (input.empty() && !(end && in_message_)) {
    return {};
  }
  bool complete = false;
  const std::size_t length = scan(input, complete);
  const std::string_view part = input.substr(0, length);
  input.remove_prefix(length);
  if (!complete && end && input.empty()) {
    complete = framing_.end_terminates || (!framing_.complete_with_end.empty() && !in_message_ &&
                                           part == framing_.complete_with_end);
  }
  if (complete && !in_message_ && part.size() <= framing_.limit) {
    state_ = State::text;
    return {Kind::message, part};  // the usual case: whole in one piece, nothing copied
  }
  in_message_ = true;
  if (!overflow_ && !store(part)) {
    overflow_ = true;
    std::string().swap(pending_);
    budget_.give_back(charged_);
    charged_ = 0;
  }
  if (!complete) {
    return {};
  }
  if (overflow_) {
    clear();
    return {Kind::too_long, {}};
  }
  in_message_ = false;
  release_ = true;
  return {Kind::message, pending_};
}

std::size_t MessageReader::scan(std::string_view input, bool& complete) {
  std::size_t at = 0;
  while (at < input.size() && !complete) {
    if (state_ == State::block) {
      const auto here = std::min<std::uint64_t>(block_left_, input.size() - at);
      at += static_cast<std::size_t>(here);
      block_left_ -= here;
      if (block_left_ == 0) state_ = State::text;
    } else {
      at = scan_text(input, at, complete);
    }
  }
  return at;
}

std::size_t MessageReader::scan_text(std::string_view input, std::size_t from, bool& complete) {
  if (framing_.only_end) return input.size();
  if (!framing_.definite_blocks) {
    const std::size_t lf = input.find(framing_.terminator, from);
    complete = lf != std::string_view::npos;
    return complete ? lf + 1 : input.size();
  }
  std::size_t at = from;
  // The usual line is plain. Looked at once a piece of input: it may have any number of blocks.
  if (from == 0 && state_ == State::text) {
    const std::size_t lf = std::min(input.find(framing_.terminator), input.size());
    const std::string_view line = input.substr(0, lf);
    if (line.find('#') == std::string_view::npos && line.find('"') == std::string_view::npos &&
        line.find('\'') == std::string_view::npos) {
      complete = lf < input.size();
      return complete ? lf + 1 : lf;
    }
  }
  while (at < input.size()) {
    if (state_ == State::text) {  // most bytes mean nothing here
      while (at < input.size() && input[at] != framing_.terminator &&
             !kSpecial[static_cast<unsigned char>(input[at])]) {
        ++at;
      }
      if (at == input.size()) return at;
    }
    const char byte = input[at++];
    if (byte ==
        framing_.terminator) {  // ends the message in every state but block, where scan() counts
      state_ = State::text;
      complete = true;
      return at;
    }
    scan_prefix(byte);
    if (state_ == State::block) return at;
  }
  return at;
}

void MessageReader::scan_prefix(char byte) {
  switch (state_) {
    case State::text:
      if (byte == '#') {
        state_ = State::hash;
      } else if (byte == '\'') {
        state_ = State::single_quoted;
      } else if (byte == '"') {
        state_ = State::double_quoted;
      }
      break;
    case State::single_quoted:
      state_ = byte == '\'' ? State::text : state_;
      break;
    case State::double_quoted:
      state_ = byte == '"' ? State::text : state_;
      break;
    case State::hash:  // "#H1F" and the like are numbers, "#0" runs to LF
      if (byte >= '1' && byte <= '9') {
        digits_left_ = static_cast<unsigned>(byte - '0');
        block_left_ = 0;
        state_ = State::length_digits;
      } else {
        state_ = State::text;
      }
      break;
    case State::length_digits:
      if (byte < '0' || byte > '9') {
        state_ = State::text;
        break;
      }
      block_left_ = block_left_ * 10 + static_cast<std::uint64_t>(byte - '0');
      if (--digits_left_ == 0) state_ = block_left_ > 0 ? State::block : State::text;
      break;
    case State::block:
      break;
  }
}

}  // namespace visa::sim
