// SPDX-License-Identifier: MIT
// A Xyphro adapter for raw access with instruments on its bus, in memory, as the facts about its
// firmware say: written apart from the driver. For FakeAdapter, which has the mutex.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace visa::test {

struct XyphroInstrument {
  std::deque<std::string> answers = {};  // each with EOI at its end
  std::string received = {};
  std::vector<std::string> messages = {};
  std::uint8_t status = 0;
  unsigned clears = 0;
};

class XyphroModel {
 public:
  using Bytes = std::vector<std::uint8_t>;
  static constexpr std::size_t kPacket = 64;

  std::map<int, XyphroInstrument> instruments;  // by primary address
  std::deque<Bytes> replies;                    // packets to come from bulk-in
  std::string log;             // "C" and commands in hex, "W5e", "R16", "IFC", "abort"
  bool empty_packets = true;   // after an answer that fills its packets
  std::size_t part = kPacket;  // bytes of each packet of an answer
  bool wrong_tag = false;      // in the next answer
  std::size_t most = 4081;     // bytes of one answer
  bool hides_mark = false;     // says of no answer that it ends with the termination character
  bool claims_mark = false;    // says it of every one
  std::optional<std::uint8_t> empty_answer;  // the next answer has no data and these attributes
  std::size_t cut_at = SIZE_MAX;             // bytes of the next answer, then an empty packet
  bool refuses = false;                      // control requests
  bool refuses_release = false;              // of IFC, once
  bool silent = false;                       // control requests have no answer
  bool throws = false;                       // once, after it has taken a message
  unsigned requests = 0;                     // of lines

  void out(const Bytes& message) {
    if (message.size() < 12 || message[2] != static_cast<std::uint8_t>(~message[1])) return;
    const std::size_t size = message[4] + std::size_t{256} * message[5];
    if (message[0] == 2) {
      reading_ = Reading{size, message[1], std::nullopt};
      if ((message[8] & 2) != 0) reading_->termchar = message[9];
      log += "R" + std::to_string(size) + " ";
      go_on();
      if (std::exchange(throws, false)) throw std::runtime_error("ends the thread");
      return;
    }
    if (message[0] != 1 || message.size() < 12 + size || message.size() % 4 != 0) return;
    take({message.begin() + 12, message.begin() + 12 + static_cast<std::ptrdiff_t>(size)},
         (message[8] & 1) != 0);
  }

  std::optional<Bytes> control(std::uint8_t request, std::uint16_t value, std::uint16_t) {
    if (silent) return std::nullopt;
    if (refuses) return Bytes{0, 0};
    if (request == 0xA0) ren_ = value == 1;
    if (request == 0xA3) return Bytes{1, static_cast<std::uint8_t>(~lines())};
    if (request == 0xA4) atn_ = value == 0;
    if (request == 0xA5 && value == 0) {
      clear_bus();
      ifc_ = true;
    }
    if (request == 0xA5 && value == 1) {
      if (std::exchange(refuses_release, false)) return Bytes{0};
      ifc_ = false;
    }
    if (request == 1 || request == 3) {
      log += "abort ";
      if (reading_) replies.push_back({});  // an empty packet ends the read
      clear_bus();
      return Bytes{1, static_cast<std::uint8_t>(value)};
    }
    return Bytes{1};
  }

  std::optional<Bytes> report() { return std::nullopt; }

  void answer(int address, const std::string& text) {
    instruments[address].answers.push_back(text);
    go_on();
  }
  bool ren() const { return ren_; }
  bool ifc() const { return ifc_; }

 private:
  struct Reading {
    std::size_t wanted;
    std::uint8_t tag;
    std::optional<std::uint8_t> termchar;
  };

  void clear_bus() {
    log += "IFC ";
    talker_.reset();
    listeners_.clear();
    reading_.reset();
    polling_ = false;
  }

  std::vector<XyphroInstrument*> listening() {
    std::vector<XyphroInstrument*> found;
    for (const int address : listeners_) {
      const auto at = instruments.find(address);
      if (at != instruments.end()) found.push_back(&at->second);
    }
    return found;
  }

  std::uint8_t lines() {
    ++requests;
    const bool srq = std::any_of(instruments.begin(), instruments.end(),
                                 [](const auto& one) { return (one.second.status & 0x40U) != 0; });
    const bool held = atn_ ? !instruments.empty() : !listening().empty();
    return static_cast<std::uint8_t>((ren_ ? 0x10U : 0U) | (srq ? 0x20U : 0U) |
                                     (atn_ ? 0x40U : 0U) | (held ? 0x02U : 0U));
  }

  void take(const Bytes& bytes, bool end) {
    if (ifc_) return;
    if (!atn_) {
      log += "W" + std::to_string(bytes.size()) + (end ? "e " : " ");
      for (XyphroInstrument* one : listening()) {
        one->received.append(bytes.begin(), bytes.end());
        if (end) one->messages.push_back(std::exchange(one->received, ""));
      }
      return;
    }
    constexpr char kDigits[] = "0123456789ABCDEF";
    log += "C";
    for (const std::uint8_t byte : bytes) {
      log += kDigits[byte >> 4U];
      log += kDigits[byte & 0xFU];
      command(byte);
    }
    log += " ";
  }

  void command(std::uint8_t byte) {
    if (byte == 0x3F) {
      listeners_.clear();
    } else if (byte == 0x5F) {
      talker_.reset();
    } else if (byte >= 0x40 && byte < 0x60) {
      talker_ = byte & 0x1F;
    } else if (byte >= 0x20 && byte < 0x40) {
      listeners_.insert(byte & 0x1F);
    } else if (byte == 0x18 || byte == 0x19) {
      polling_ = byte == 0x18;
    }
    if (byte != 0x04) return;
    for (XyphroInstrument* one : listening()) ++one->clears;
  }

  void go_on() {
    if (!reading_ || !talker_) return;
    const auto at = instruments.find(*talker_);
    if (at == instruments.end()) return;
    XyphroInstrument& from = at->second;
    if (empty_answer) return reply({}, *std::exchange(empty_answer, std::nullopt));
    if (polling_) {
      const std::uint8_t status = from.status;
      from.status &= 0xBFU;
      return reply({status}, 0);
    }
    if (from.answers.empty()) return;
    std::string& answer = from.answers.front();
    std::size_t count = std::min({answer.size(), reading_->wanted, most});
    unsigned attributes = 0;
    if (reading_->termchar) {
      const auto mark = answer.find(static_cast<char>(*reading_->termchar));
      if (mark < count) count = mark + 1;
      if (mark < count && !hides_mark) attributes |= 2U;
    }
    if (claims_mark) attributes |= 2U;
    const Bytes bytes(answer.begin(), answer.begin() + static_cast<std::ptrdiff_t>(count));
    answer.erase(0, count);
    if (answer.empty()) attributes |= 1U;
    if (answer.empty()) from.answers.pop_front();
    reply(bytes, static_cast<std::uint8_t>(attributes));
  }

  void reply(const Bytes& data, std::uint8_t attributes) {
    const auto tag = static_cast<std::uint8_t>(reading_->tag + (std::exchange(wrong_tag, false)));
    const auto size = static_cast<unsigned>(data.size());
    Bytes whole{2,
                tag,
                static_cast<std::uint8_t>(~tag),
                0,
                static_cast<std::uint8_t>(size),
                static_cast<std::uint8_t>(size >> 8U),
                0,
                0,
                attributes,
                0,
                0,
                0};
    whole.insert(whole.end(), data.begin(), data.end());
    reading_.reset();
    const bool cut = cut_at < whole.size();
    whole.resize(std::min(whole.size(), std::exchange(cut_at, SIZE_MAX)));
    for (std::size_t at = 0; at < whole.size(); at += part) {
      const std::size_t end = std::min(at + part, whole.size());
      replies.emplace_back(whole.begin() + static_cast<std::ptrdiff_t>(at),
                           whole.begin() + static_cast<std::ptrdiff_t>(end));
    }
    if (cut || (whole.size() % kPacket == 0 && empty_packets)) replies.push_back({});
  }

  std::optional<Reading> reading_;
  std::optional<int> talker_;
  std::set<int> listeners_;
  bool polling_ = false;
  bool atn_ = false;
  bool ren_ = false;
  bool ifc_ = false;
};

}  // namespace visa::test
