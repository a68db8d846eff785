// SPDX-License-Identifier: MIT
// A USBTMC-USB488 function without a transport: what an instrument does with control requests and
// with what comes and goes on its pipes. A test says what it answers and how it misbehaves, and
// reads what it was sent. Not thread-safe: a transport calls it under a lock of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lib/spi/bus_facets.h"

namespace visa::test {

using Bytes = std::vector<std::uint8_t>;

/// What became of a URB: an errno as the kernel has it, 0 for success.
struct Urb {
  bool ended = true;
  int error = 0;
  Bytes data = {};  // to the host
};

class TmcModel {
 public:
  virtual ~TmcModel() = default;

  static constexpr std::uint8_t kOut = 0x01;
  static constexpr std::uint8_t kIn = 0x82;
  static constexpr std::uint8_t kInterrupt = 0x83;

  // How it is made.
  std::size_t packet = 512;
  std::uint8_t interface = 0;
  std::uint8_t protocol = 1;
  std::string serial = "SN1";
  std::uint8_t capabilities_tmc = 0x01;  // termination character
  std::uint8_t capabilities_488 = 0x07;  // 488.2, REN, trigger

  // How it misbehaves. What ends by itself is counted down.
  bool short_packet_missing = false;  // no empty packet after a full one
  bool silent = false;                // answers no request
  bool deaf = false;                  // takes nothing on bulk OUT
  bool halts_stay = false;            // does not answer the request to end one
  int stall_out = 0;
  int stall_in = 0;
  int wrong_tag = 0;
  int stale = 0;  // an answer with the tag before comes first
  int wrong_id = 0;
  std::uint32_t size_added = 0;  // to the size in the header, beyond what comes
  std::size_t split = 0;         // sends at most so many bytes per request, without EOM
  std::size_t cut = 0;           // an answer stops after so many bytes of its transfer
  std::size_t short_after = 0;   // a short packet after so many bytes, then the rest
  int empty_packets = 0;         // before the next answer
  int padding = 0;               // bytes after an answer
  bool endless = false;          // an answer goes on after its size until it is aborted
  bool abort_refused = false;    // the abort requests stall
  int abort_pending = 0;         // so often "pending"
  int clear_pending = 0;
  bool clear_refused = false;
  bool status_in_reply_only = false;  // although it has an interrupt pipe
  int status_busy = 0;
  bool status_lost = false;                   // no interrupt packet, and 0 in the reply
  std::optional<std::size_t> most_requested;  // ignores requests for more

  // What it answers: by message, else `other`.
  std::map<std::string, std::string> answers{{"*IDN?\n", "FreeVISA,model,SN1,1\n"}};
  std::function<std::optional<std::string>(const std::string&)> other;
  std::uint8_t status_byte = 0;

  // What it was sent.
  std::vector<std::string> messages;
  std::vector<std::uint32_t> requests;  // sizes asked for
  std::vector<std::uint8_t> control_requests;
  std::vector<std::uint16_t> ren;  // values of REN_CONTROL
  int triggers = 0;
  int out_urbs = 0;
  int in_urbs = 0;
  int interrupted = 0;  // messages that came while an answer waited
  int overtaken = 0;    // requests that came before the end of the answer to the last one
  Bytes vendor_control;
  std::optional<std::uint8_t> termchar_asked;

  Bytes device_descriptor() const;
  virtual Bytes configuration() const;

  Urb control(const spi::UsbSetup& setup, const Bytes& out, std::size_t room);
  virtual Urb out(const Bytes& data);
  /// At most `room` bytes; `have` were received by this URB before. Not ended: it waits.
  virtual Urb in(std::size_t room, std::size_t have);
  Urb interrupt();
  void clear_halt(std::uint8_t endpoint);

  /// An answer appears by itself, as a late one does.
  void say(const std::string& answer) { queue_ += answer; }
  void request_service(std::uint8_t status);
  void notify(const Bytes& bytes) { interrupts_.push_back(bytes); }
  bool request_open() const noexcept { return request_.has_value(); }
  bool answer_waits() const noexcept { return !queue_.empty(); }

 private:
  struct Request {
    std::uint8_t id;
    std::uint8_t tag;
    std::uint32_t size;
    std::optional<std::uint8_t> termchar;
  };

  Urb reply(Bytes data, std::size_t room) const;
  Urb abort_in(std::uint8_t tag, std::size_t room);
  Urb read_status(std::uint8_t tag, std::size_t room);
  void message_part(const Bytes& data);
  void message_done();
  void make_answer();
  void forget();

  bool halted_out_ = false;
  bool halted_in_ = false;
  std::string message_;
  std::string queue_;
  std::optional<Request> request_;
  std::optional<Bytes> transfer_;  // what is left of the bulk-IN transfer under way
  bool aborted_ = false;           // it is the short packet after an abort
  std::size_t sent_ = 0;           // bytes of it that went out
  std::deque<Bytes> interrupts_;
};

}  // namespace visa::test
