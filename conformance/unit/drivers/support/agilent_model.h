// SPDX-License-Identifier: MIT
// An Agilent 82357 with instruments on its bus, in memory, as the facts about its firmware say:
// written apart from the driver. For FakeAdapter, which has
// the mutex.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace visa::test {

struct AgilentInstrument {
  std::deque<std::string> answers = {};  // each with EOI at its end
  std::string received = {};
  std::vector<std::string> messages = {};  // `received` up to each EOI
  std::uint8_t status = 0;
  bool holds = false;  // takes no data: keeps NDAC and NRFD
  unsigned clears = 0;
  unsigned triggers = 0;
};

class AgilentModel {
 public:
  using Bytes = std::vector<std::uint8_t>;
  static constexpr std::size_t kPacket = 1U << 20U;  // a reply is a packet here

  std::map<int, AgilentInstrument> instruments;  // by primary address

  // Faults.
  std::deque<Bytes> replies;  // to come from bulk-in; a test may put stale ones there
  unsigned lose_replies = 0;
  unsigned lose_reports = 0;
  unsigned refuse_reads = 0;
  unsigned cut_answers = 0;  // the last two bytes of an answer and its end do not come
  std::size_t split_at = 0;  // each reply that is longer comes in two parts
  unsigned slow_polls = 0;   // their byte comes with `let_go_on`
  unsigned slow_aborts = 0;  // what they end comes with `let_go_on`
  bool deaf = false;         // the firmware hangs: it takes messages and does nothing

  // What was seen.
  std::string log;  // "C" and commands in hex, "W5e", "R16", "A1" and "A0" for aborts, "IFC"
  std::map<int, std::uint8_t> registers;
  unsigned resets = 0;

  /// A message to bulk-out.
  void out(const Bytes& message) {
    if (deaf || message.size() < 2) return;
    if (message[0] == 0x04) write_registers(message);
    if (message[0] == 0x05) read_registers(message);
    if (message[0] == 0x01 && message.size() >= 8) send(message);
    if (message[0] == 0x03 && message.size() == 9) start_read(message);
  }

  /// The answer to a control request; nothing: none comes yet.
  std::optional<Bytes> control(std::uint8_t request, std::uint16_t value, std::uint16_t index) {
    if (deaf || request != 0x04) return std::nullopt;
    if (value == 0xB0) return status();
    if (value == 0xA0) return abort(index == 1);
    return std::nullopt;
  }

  /// The next interrupt packet.
  std::optional<Bytes> report() {
    if (reports_.empty()) return std::nullopt;
    const Bytes packet{reports_.front(), 0, 0, 0, 0, 0, 0, 0};
    reports_.pop_front();
    return packet;
  }

  /// The instrument has something to say.
  void answer(int address, const std::string& text) {
    instruments[address].answers.push_back(text);
    go_on();
  }
  /// The firmware ends the read that was aborted, a poll with its byte after all.
  void let_go_on() {
    if (reading_ && polling_) poll();
    if (reading_) end_read(0x10);
  }
  /// The instrument takes data again.
  void let_go(int address) {
    instruments[address].holds = false;
    go_on();
  }
  void request_service(int address, std::uint8_t status) {
    const bool before = srq();
    instruments[address].status = status;
    if (!before && srq()) reports_.push_back(0x01);
  }
  bool srq() const {
    return std::any_of(instruments.begin(), instruments.end(),
                       [](const auto& one) { return (one.second.status & 0x40U) != 0; });
  }
  bool ren() const { return ren_; }
  bool busy() const { return sending_.has_value() || reading_.has_value(); }

 private:
  struct Sending {
    Bytes data;
    bool atn;
    bool eoi;
  };
  struct Reading {
    std::uint32_t wanted;
    std::optional<std::uint8_t> eos;
    Bytes data;
  };

  void reply(Bytes bytes) {
    if (lose_replies > 0) {
      --lose_replies;
      return;
    }
    if (split_at > 0 && bytes.size() > split_at) {
      const auto middle = bytes.begin() + static_cast<std::ptrdiff_t>(split_at);
      replies.emplace_back(bytes.begin(), middle);
      bytes.erase(bytes.begin(), middle);
    }
    replies.push_back(std::move(bytes));
  }

  void write_registers(const Bytes& message) {
    const std::size_t count = message[1];
    if (count > 31 || message.size() != 2 + 2 * count) return reply({0xFB, 2});
    for (std::size_t i = 0; i < count; ++i) set(message[2 + 2 * i], message[3 + 2 * i]);
    reply({0xFB, 0});
  }

  void set(int address, std::uint8_t value) {
    registers[address] = value;
    if (address == 0x0C && value == 1) ++resets;
    if (address != 0x03) return;
    const int what = value & 0x7F;
    const bool on = (value & 0x80) != 0;
    if (what == 0x0B) atn_ = false;
    if (what == 0x0C) atn_ = true;
    if (what == 0x10) ren_ = on;
    if (what == 0x0F && on) {
      log += "IFC ";
      talker_.reset();
      listeners_.clear();
      board_listens_ = board_talks_ = polling_ = false;
      atn_ = true;
    }
  }

  void read_registers(const Bytes& message) {
    const std::size_t count = message[1];
    if (count > 30 || message.size() != 2 + count) return reply({0xFA, 2});
    Bytes values{0xFA, 0};
    for (std::size_t i = 0; i < count; ++i) {
      const int address = message[2 + i];
      values.push_back(address == 0x03 ? bus() : registers[address]);
    }
    reply(std::move(values));
  }

  std::uint8_t bus() const {
    unsigned lines = (ren_ ? 0x01U : 0U) | (srq() ? 0x04U : 0U) | (atn_ ? 0x80U : 0U);
    if (atn_ && !instruments.empty()) lines |= 0x20U;
    if (!atn_ && !listening().empty()) lines |= 0x20U;
    if (!atn_ && held()) lines |= 0x10U;
    return static_cast<std::uint8_t>(lines);
  }

  static std::uint32_t length(const Bytes& message) {
    std::uint32_t value = 0;
    for (std::size_t i = 8; i > 4; --i) value = value << 8U | message[i - 1];
    return value;
  }

  void send(const Bytes& message) {
    if (length(message) != message.size() - 8) return;  // the rest would follow
    sending_ = {
        {message.begin() + 8, message.end()}, (message[3] & 0x10) != 0, (message[3] & 0x01) != 0};
    sent_ = 0;
    go_on();
  }

  void start_read(const Bytes& message) {
    if (!board_listens_ || refuse_reads > 0) {
      if (refuse_reads > 0) --refuse_reads;
      return reply({0x80});
    }
    log += "R" + std::to_string(length(message)) + " ";
    atn_ = false;
    reading_ = Reading{length(message), std::nullopt, {}};
    if ((message[3] & 0x04) != 0) reading_->eos = message[8];
    go_on();
  }

  std::vector<AgilentInstrument*> listening() const {
    std::vector<AgilentInstrument*> found;
    for (const int address : listeners_) {
      const auto at = instruments.find(address);
      if (at != instruments.end()) found.push_back(const_cast<AgilentInstrument*>(&at->second));
    }
    return found;
  }
  bool held() const {
    const auto all = listening();
    return std::any_of(all.begin(), all.end(), [](const auto* one) { return one->holds; });
  }

  /// Does what the instruments allow by now.
  void go_on() {
    if (sending_) send_on();
    if (reading_) read_on();
  }

  void send_on() {
    atn_ = sending_->atn;
    if (atn_ ? instruments.empty() : listening().empty() || held()) return;
    const Sending done = *std::exchange(sending_, std::nullopt);
    if (done.atn) {
      take_commands(done.data);
    } else {
      log += "W" + std::to_string(done.data.size()) + (done.eoi ? "e " : " ");
      for (AgilentInstrument* one : listening()) {
        one->received.append(done.data.begin(), done.data.end());
        if (done.eoi) one->messages.push_back(std::exchange(one->received, ""));
      }
    }
    sent_ = static_cast<std::uint32_t>(done.data.size());
    if (lose_reports > 0) {
      --lose_reports;
    } else {
      reports_.push_back(0x02);
    }
  }

  void take_commands(const Bytes& commands) {
    constexpr char kDigits[] = "0123456789ABCDEF";
    log += "C";
    for (const std::uint8_t byte : commands) {
      log += kDigits[byte >> 4U];
      log += kDigits[byte & 0xFU];
      take_command(byte);
    }
    log += " ";
  }

  void take_command(std::uint8_t byte) {
    const int own = registers[0x04];
    const int address = byte & 0x1F;
    if (byte == 0x3F) {
      listeners_.clear();
      board_listens_ = false;
    } else if (byte == 0x5F) {
      talker_.reset();
    } else if (byte >= 0x40 && byte < 0x60) {
      talker_ = address;
      board_talks_ = address == own;
    } else if (byte >= 0x20 && byte < 0x40) {
      if (address == own) board_listens_ = true;
      listeners_.insert(address);
    } else if (byte == 0x18 || byte == 0x19) {
      polling_ = byte == 0x18;
    }
    for (AgilentInstrument* one : listening()) {
      if (byte == 0x04) ++one->clears;
      if (byte == 0x04) one->answers.clear();
      if (byte == 0x08) ++one->triggers;
    }
  }

  void read_on() {
    if (polling_) return poll();
    const auto at = talker_ ? instruments.find(*talker_) : instruments.end();
    if (at == instruments.end() || at->second.answers.empty()) return;
    std::string& answer = at->second.answers.front();
    std::uint8_t flags = 0;
    while (!answer.empty() && reading_->data.size() < reading_->wanted && flags == 0) {
      const auto byte = static_cast<std::uint8_t>(answer.front());
      answer.erase(0, 1);
      reading_->data.push_back(byte);
      if (answer.empty()) flags |= 0x01U;
      if (reading_->eos == byte) flags |= 0x08U;
    }
    if (answer.empty()) at->second.answers.pop_front();
    if (reading_->data.size() == reading_->wanted) flags |= 0x20U;
    end_read(flags);
  }

  void poll() {
    if (slow_polls > 0) {
      --slow_polls;
      return;
    }
    const auto at = talker_ ? instruments.find(*talker_) : instruments.end();
    reading_->data = {at == instruments.end() ? std::uint8_t{0} : at->second.status};
    if (at != instruments.end()) at->second.status &= 0xBFU;
    end_read(0x20);
  }

  void end_read(std::uint8_t flags) {
    Bytes bytes = std::move(reading_->data);
    reading_.reset();
    bytes.push_back(flags);
    if (cut_answers > 0 && bytes.size() > 3) {
      --cut_answers;
      bytes.resize(bytes.size() - 3);
    }
    reply(std::move(bytes));
  }

  std::optional<Bytes> status() const {
    if (sending_) return std::nullopt;
    return Bytes{0,
                 0,
                 static_cast<std::uint8_t>(sent_),
                 static_cast<std::uint8_t>(sent_ >> 8U),
                 static_cast<std::uint8_t>(sent_ >> 16U),
                 static_cast<std::uint8_t>(sent_ >> 24U),
                 0,
                 0};
  }

  Bytes abort(bool flush) {
    log += flush ? "A1 " : "A0 ";
    const bool was_busy = busy();
    sending_.reset();
    if (reading_ && flush && slow_aborts > 0) {
      --slow_aborts;
      return {0x5F, 0};
    }
    if (reading_ && flush) end_read(0x10);
    reading_.reset();
    return {0x5F, static_cast<std::uint8_t>(was_busy ? 0 : 6)};
  }

  std::deque<std::uint8_t> reports_;
  std::optional<Sending> sending_;
  std::optional<Reading> reading_;
  std::uint32_t sent_ = 0;
  std::optional<int> talker_;
  std::set<int> listeners_;
  bool board_listens_ = false;
  bool board_talks_ = false;
  bool polling_ = false;
  bool atn_ = false;
  bool ren_ = false;
};

}  // namespace visa::test
