// SPDX-License-Identifier: MIT
// One client's side of an instrument: input parser, output queue, serial poll; the message exchange
// protocol of IEEE 488.2 chapter 6.
//
// Owned by the connection of a wire; the instrument outlives it. On the bench's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "tools/sim/instrument.h"
#include "tools/sim/message_reader.h"
#include "tools/sim/output_queue.h"

namespace visa::sim {

// What an unread answer means when the next message arrives.
enum class Exchange : std::uint8_t {
  // The wire pushes answers as they are made (SOCKET, serial), so several may be on their way. The
  // next message waits until the wire has accepted most of what came before.
  stream,
  // The client asks for each answer (VXI-11, HiSLIP, USBTMC): the INTERRUPTED rule applies.
  strict,
};

// What a wire wants to hear beyond the return of receive(). Called while the instrument is at work,
// so an implementation must not destroy a link.
class LinkEvents {
 public:
  virtual ~LinkEvents() = default;
  virtual void on_late_answer() {}
  virtual void on_service_request() {}
};

class Link {
 public:
  // `events` may be null; else it outlives the link.
  Link(Instrument& instrument, Exchange exchange, LinkEvents* events = nullptr);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  // Hands over bytes from the wire; `end`: END came with the last one. Returns how many were taken:
  // all with strict; with stream it stops after the message that left more than kHighWater bytes of
  // output, and the wire offers the rest again when the client has read.
  std::size_t receive(std::string_view bytes, bool end);

  OutputQueue& output() noexcept { return output_; }
  const OutputQueue& output() const noexcept { return output_; }

  // A wire that is asked for data takes it here. With no answer there the part is empty and the
  // instrument records UNTERMINATED: a wire that lets its client wait calls this when the wait
  // ends.
  OutputQueue::Part read(std::size_t count);

  // Answers of the instrument. A queue that grows beyond kOutputLimit is the DEADLOCKED error.
  void answer(std::string_view text);
  void answer(SharedBytes block);
  void end_answer();
  // Throws away an answer the client has not fetched. On a stream, where part of it is under way
  // already, it stays.
  void discard_unread();

  // Device clear: both queues empty, parser reset.
  void device_clear();
  void trigger() { instrument_.trigger(*this); }

  // Serial poll: the status byte with RQS in bit 6, which it clears.
  std::uint8_t serial_poll();
  // The instrument has a new reason for service; wires with a service request line pass it on.
  void request_service();
  bool service_requested() const noexcept { return request_service_; }

  // An answer came later than its message, from on_due(): a wire that pushes answers sends it now.
  void announce_late_answer();

  // Notes the master summary status; true when it has just risen, which requests service.
  bool summary_rose(bool summary) noexcept {
    return !std::exchange(had_summary_, summary) && summary;
  }

  static constexpr std::size_t kHighWater = 64 * 1024;
  static constexpr std::size_t kOutputLimit = std::size_t{8} << 20;

 private:
  Instrument& instrument_;
  Exchange exchange_;
  LinkEvents* events_;
  MessageReader reader_;
  OutputQueue output_;
  bool request_service_ = false;
  bool deadlocked_ = false;  // output of the rest of this message is dropped
  bool had_summary_ = false;
};

}  // namespace visa::sim
