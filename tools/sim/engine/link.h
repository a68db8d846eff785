// SPDX-License-Identifier: MIT
// One client's side of an instrument: input parser, output queue, serial poll; the message exchange
// protocol of IEEE 488.2 chapter 6.
//
// Owned by the connection of a wire; the instrument outlives it. On the bench's thread only.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tools/sim/base/output_queue.h"
#include "tools/sim/base/paced_output.h"
#include "tools/sim/engine/instrument.h"
#include "tools/sim/engine/message_reader.h"

namespace visa::sim {

/// What an unread answer means when the next message arrives.
enum class Exchange : std::uint8_t {
  /// The wire pushes answers as they are made (SOCKET, serial), so several may be on their way. The
  /// next message waits until the wire has accepted most of what came before.
  stream,
  /// The client asks for each answer (VXI-11, HiSLIP, USBTMC): the INTERRUPTED rule applies.
  strict,
};

/// What a wire wants to hear beyond the return of receive(). Called while the instrument is at
/// work, so an implementation must not destroy a link.
class LinkEvents {
 public:
  virtual ~LinkEvents() = default;
  /// There is output, or input can be taken again: release() and go on, later and not in here.
  virtual void on_late_answer() {}
  virtual void on_service_request() {}
  /// A new message has met an answer that nobody has read: the answer is gone, and the instrument
  /// knows (INTERRUPTED).
  virtual void on_interrupted() {}
  /// The connection has to end now.
  virtual void on_drop(bool reset) { static_cast<void>(reset); }
  /// Who the client is, for people: "127.0.0.1:40000".
  virtual std::string peer() const { return {}; }
};

class Link {
 public:
  /// `events` may be null; else it outlives the link.
  Link(Instrument& instrument, Exchange exchange, LinkEvents* events = nullptr);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  /// Number of the client at its instrument, from 1 on.
  std::uint64_t id() const noexcept { return id_; }
  std::string peer() const { return events_ != nullptr ? events_->peer() : std::string(); }

  /// Hands over bytes from the wire; `end`: END came with the last one. Returns how many were
  /// taken: all with strict; with stream it stops after the message that left more than kHighWater
  /// bytes of output or something held back, and the wire offers the rest again when the client has
  /// read, or when holding() is over.
  /// No bytes and `end`: END alone, which ends a message that has begun (with stream only while
  /// accepting()).
  std::size_t receive(std::string_view bytes, bool end);
  /// What receive() does with the start of a message, for a wire on which something without bytes
  /// starts one (a trigger): an unread answer is the INTERRUPTED error. False: there was none.
  bool interrupt();
  /// With stream: receive() would take something.
  bool accepting() const noexcept {
    return output().size() <= kHighWater && !holding() && !endless();
  }
  /// The rule for unread answers from now on; the queues are empty, as after device_clear().
  void set_exchange(Exchange exchange) noexcept { exchange_ = exchange; }

  OutputQueue& output() noexcept { return paced_.ready(); }
  const OutputQueue& output() const noexcept { return paced_.ready(); }

  /// A wire that is asked for data takes it here. With no answer there the part is empty and the
  /// instrument records UNTERMINATED: a wire that lets its client wait calls this when the wait
  /// ends.
  OutputQueue::Part read(std::size_t count);

  /// The fault "endless": the answer goes on for ever. A wire calls refill() before it takes
  /// output; there are then at least `size` bytes of it, if it is on its way and not held back.
  bool endless() const noexcept { return endless_ != nullptr; }
  void refill(std::size_t size);

  /// Answers that come later: by a delay of the instrument or by a fault. While something is held
  /// back a stream takes no input. A wire calls release() when due() has come and after
  /// on_late_answer().
  bool holding() const noexcept { return paced_.holding(); }
  std::optional<Clock::time_point> due() const { return paced_.due(); }
  void release(Clock::time_point now);
  /// A fault has ended the connection: the wire closes it once output() is empty.
  using Ending = PacedOutput::Ending;
  Ending ending() const noexcept { return paced_.ending(); }
  /// Ends it at once.
  void drop(bool reset);
  /// A stall that is no longer on the board is over, and so is what "previous" has kept back.
  void faults_changed();

  /// The answer of the message under execution comes that much later; without one the next message
  /// waits.
  void delay(std::chrono::milliseconds time) noexcept { delay_ += time; }

  /// For the control socket, whose messages meet no faults.
  void exempt_from_faults() noexcept { exempt_ = true; }

  /// What crosses the wire, for the log.
  bool logged() const noexcept { return instrument_.log() != nullptr; }
  void log(std::string_view event, std::string_view bytes) const;

  /// Answers of the instrument. A queue that grows beyond kOutputLimit is the DEADLOCKED error.
  void answer(std::string_view text);
  void answer(SharedBytes block);
  void end_answer();
  /// Throws away an answer the client has not fetched. On a stream, where part of it is under way
  /// already, it stays.
  void discard_unread();

  /// Nothing is on its way: no part of a message has come, no answer waits or is under way.
  bool idle() const noexcept {
    return !reader_.partial() && output().empty() && !holding() && !endless() && !answering_;
  }

  /// The wire takes back what has come of a message that has not ended.
  void forget_input() noexcept { reader_.clear(); }

  /// Device clear: both queues empty, parser reset.
  void device_clear();
  void trigger() { instrument_.trigger(*this); }
  Instrument& instrument() noexcept { return instrument_; }

  /// Serial poll: the status byte with RQS in bit 6, which it clears.
  std::uint8_t serial_poll();
  /// The instrument has a new reason for service; wires with a service request line pass it on.
  void request_service();
  bool service_requested() const noexcept { return request_service_; }
  /// The reason is gone before a client polled.
  void withdraw_request() noexcept { request_service_ = false; }

  /// An answer came later than its message, from on_due(): a wire that pushes answers sends it now.
  void announce_late_answer();

  /// Bytes the client may fetch now: not the answer under way that a delay or a fault will hold.
  bool message_available() const noexcept {
    return in_flight_ || output().size() > (answering_ && shaped() ? answer_begin_ : 0) ||
           (endless() && !holding());
  }
  /// For a wire that sends an answer before the client asks for it, and learns later that the
  /// client has read it (HiSLIP): what it took from output() stays available and unread until then.
  void note_in_flight(bool in_flight);
  /// Notes the master summary status. `rose`: it went up since the last time, whatever it is now,
  /// and service is requested; with `now` false there is no reason left and no request either.
  void note_summary(bool rose, bool now);
  /// As noted last.
  bool had_summary() const noexcept { return had_summary_; }

  static constexpr std::size_t kHighWater = std::size_t{64} << 10;
  static constexpr std::size_t kOutputLimit = std::size_t{8} << 20;

 private:
  bool unread() const noexcept;
  /// The answer under way does not leave as it is.
  bool shaped() const noexcept {
    return delay_.count() > 0 || paced_.pending() || (!exempt_ && !instrument_.faults().empty());
  }
  void begin_answer();
  bool within_limit();
  void shape(OutputQueue answer);
  /// Each takes the answer under way, due at a time that may be never, and holds what the fault
  /// leaves of it.
  using Meet = void (Link::*)(const FaultBoard::Active& active, OutputQueue answer,
                              Clock::time_point due);
  struct Meeting {
    const FaultKind* kind;
    Meet meet;
  };
  static const std::array<Meeting, 8> kMeetings;
  void meet(const FaultBoard::Active& active, OutputQueue answer, Clock::time_point due);
  void meet_drop(const FaultBoard::Active& active, OutputQueue answer, Clock::time_point due);
  void meet_stall(const FaultBoard::Active& active, OutputQueue answer, Clock::time_point due);
  void meet_split(const FaultBoard::Active& active, OutputQueue answer, Clock::time_point due);
  void meet_truncate(const FaultBoard::Active& active, OutputQueue answer, Clock::time_point due);
  void meet_garbage(const FaultBoard::Active& active, OutputQueue answer, Clock::time_point due);
  void meet_late(const FaultBoard::Active& active, OutputQueue answer, Clock::time_point due);
  void meet_previous(const FaultBoard::Active& active, OutputQueue answer, Clock::time_point due);
  void meet_endless(const FaultBoard::Active& active, OutputQueue answer, Clock::time_point due);
  bool finish_endless();
  void forget_output() noexcept;

  Instrument& instrument_;
  Exchange exchange_;
  LinkEvents* events_;
  std::uint64_t id_;
  MessageReader reader_;
  PacedOutput paced_;
  bool request_service_ = false;
  bool deadlocked_ = false;  ///< output of the rest of this message is dropped
  bool had_summary_ = false;
  bool in_flight_ = false;        ///< taken by the wire, not yet read by the client
  bool answering_ = false;        ///< between the first answer() of a message and its end_answer()
  std::size_t answer_begin_ = 0;  ///< in output()
  std::chrono::milliseconds delay_{0};
  std::uint32_t previous_fault_ = 0;
  std::optional<OutputQueue> previous_;  ///< held back by the fault of that name
  std::uint32_t endless_fault_ = 0;
  SharedBytes endless_;  ///< what comes again and again, while the fault of that name lasts
  bool exempt_ = false;
  std::uint32_t garbage_ = 0x12345678;
};

}  // namespace visa::sim
