// SPDX-License-Identifier: MIT
// An adapter of the Prologix kind as a byte stream in memory: what is sent is worked off at once,
// and what it answers can be received. Nothing waits: where nothing has come, a receive is
// error_tmo. A test says what the instrument has, and can hold answers back.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstring>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "drivers/common/byte_stream.h"

namespace visa::drivers::gpib {

class AdapterModel final : public ByteStream {
 public:
  static constexpr std::string_view kVersion = "Prologix GPIB-ETHERNET version 1.0\r\n";

  std::string version{kVersion};
  std::vector<std::string> lines;              // all that were sent, without LF
  std::vector<std::string> messages;           // to instruments, "5:*IDN?", unescaped
  std::map<std::string, std::string> answers;  // by the argument of the last ++addr; sent with EOI
  std::map<std::string, int> polls;            // by the arguments of ++spoll
  std::map<std::string, std::string> says;     // to whole lines, instead of what it would
  bool verbose = false;                        // comments on each setting; ++verbose changes that
  std::string listeners = {};                  // what ++fndl says
  bool without_end = false;                    // the instrument does not send EOI
  bool reads_alone = false;  // a line that comes with a ++read ends the reading; receives wait
  bool srq = false;
  bool held = false;  // what it says stays in `late`
  std::string late;
  unsigned held_sends = 0;             // with `held`: after so many sends it arrives
  bool floods = false;                 // bytes come without end
  std::chrono::milliseconds pause{0};  // before each receive
  std::string incoming;                // to be received
  std::size_t piece = 0;               // the most that one receive takes; 0: all
  bool is_lost = false;
  unsigned sends = 0;
  unsigned receives = 0;
  Status send_status = Status::success;  // of the next send, which then takes `send_count`
  std::size_t send_count = 0;

  StreamResult receive(std::span<std::byte> into, Call& call) override {
    const StreamResult got = receive_now(into, call);
    if (got.count > 0 || failed(got.status)) return got;
    const auto longest = Deadline::after(std::chrono::milliseconds(100));
    if (reads_alone) std::this_thread::sleep_until(std::min(call.deadline, longest).time_point());
    return {call.cancelled() ? Status::error_abort : Status::error_tmo, 0};
  }
  StreamResult receive_now(std::span<std::byte> into, Call&) override {
    ++receives;
    if (pause.count() > 0) std::this_thread::sleep_for(pause);
    if (is_lost) return {Status::error_conn_lost, 0};
    if (floods) incoming.append(into.size(), 'x');
    std::size_t count = std::min(into.size(), incoming.size());
    if (piece > 0) count = std::min(count, piece);
    std::memcpy(into.data(), incoming.data(), count);
    incoming.erase(0, count);
    return {Status::success, count};
  }
  StreamResult send(std::span<const std::byte> data, Call&) override {
    ++sends;
    std::string_view text(reinterpret_cast<const char*>(data.data()), data.size());
    const Status status = std::exchange(send_status, Status::success);
    if (failed(status)) text = text.substr(0, send_count);
    const std::size_t size = text.size();
    for (; !text.empty(); text.remove_prefix(1)) {
      rest_ = text.size() - 1;
      take(text.front());
    }
    if (held_sends > 0 && --held_sends == 0) let_go();
    return {status, size};
  }
  void wake() noexcept override {}
  const std::string& peer() const noexcept override { return peer_; }
  bool lost() const noexcept override { return is_lost; }
  void close() noexcept override {}

  /// What was held back arrives.
  void let_go() {
    held = false;
    incoming += std::exchange(late, {});
  }
  std::vector<std::string> take_lines() { return std::exchange(lines, {}); }

 private:
  void say(std::string_view text) { (held ? late : incoming) += text; }

  void take(char c) {
    if (!escaped_ && c == 0x1B) {
      escaped_ = true;
      raw_ += c;
      return;
    }
    if (!escaped_ && c == '\n') return end_line();
    raw_ += c;
    line_ += c;
    escaped_ = false;
  }

  void end_line() {
    lines.push_back(raw_);
    const bool command = raw_.starts_with("++");
    raw_.clear();
    const std::string line = std::exchange(line_, {});
    if (!command) {
      if (!line.empty()) messages.push_back(address_ + ":" + line);
      return;
    }
    const std::string name = line.substr(2, line.find(' ') - 2);
    const auto blank = line.find(' ');
    const std::string argument = blank == std::string::npos ? "" : line.substr(blank + 1);
    if (says.contains(line)) return say(says[line]);
    if (name == "verbose") verbose = !verbose;
    if (verbose && !argument.empty()) say("Set " + name + " to: " + argument + "\r\n");
    if (name == "addr") address_ = argument;
    if (name == "ver") say(version);
    if (name == "srq") say(srq ? "1\r\n" : "0\r\n");
    if (name == "read_tmo_ms" && argument.empty()) say(timer_ + "\r\n");
    if (name == "read_tmo_ms" && !argument.empty()) timer_ = argument;
    if (name == "read") read();
    if (name == "fndl") say(listeners);
    if (name == "clr") answers.erase(address_);
    if (name == "spoll" && polls.contains(argument)) {
      say(std::to_string(std::exchange(polls[argument], polls[argument] & 0xBF)) + "\r\n");
    }
  }

  void read() {
    const auto at = answers.find(address_);
    if (at == answers.end() || (reads_alone && rest_ > 0)) return;
    say(at->second);
    if (!without_end) say("\x04");
    answers.erase(at);
  }

  const std::string peer_ = "model";
  std::size_t rest_ = 0;  // bytes of the present send that are still to come
  std::string address_ = "1";
  std::string timer_ = "200";
  std::string line_;
  std::string raw_;
  bool escaped_ = false;
};

}  // namespace visa::drivers::gpib
