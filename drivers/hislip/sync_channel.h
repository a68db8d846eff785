// SPDX-License-Identifier: MIT
// The synchronous connection of a session: messages, triggers and the device clear, in synchronized
// and in overlap mode (IVI-6.1, section 3).
//
// How the session stays in step. Synchronized mode: each answer carries the id of the message it
// answers, and a read drops what answers an older one; so an answer that comes after its timeout
// never reaches the next query. A payload that a read left in the middle is skipped by the next
// read after a write. Overlap mode: answers come in the order of the queries, all of them are
// delivered, and only a device clear drops any. A device clear that its deadline ended half-way is
// continued by the next operation.
//
// In overlap mode one thread may read while another writes; all else comes one at a time. `wake`
// may be called by any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "drivers/common/byte_stream.h"
#include "drivers/common/gate.h"
#include "drivers/hislip/async_channel.h"
#include "drivers/hislip/hislip_message.h"
#include "drivers/hislip/message_reader.h"
#include "drivers/hislip/message_writer.h"
#include "drivers/hislip/security_change.h"
#include "drivers/hislip/session_state.h"
#include "lib/base/call.h"
#include "lib/spi/transfer_rules.h"

namespace visa::drivers::hislip {

class SyncChannel {
 public:
  /// The largest payload that is sent in one message, whatever the instrument accepts: what of it
  /// the instrument does not take in time is kept. Smaller ones cost the sender processor time.
  static constexpr std::size_t kMostPiece = std::size_t{4} * 1024 * 1024;

  SyncChannel(std::unique_ptr<ByteStream> stream, SessionState& state);
  SyncChannel(const SyncChannel&) = delete;
  SyncChannel& operator=(const SyncChannel&) = delete;

  /// The initialization of a session: sends a message and waits for the answer of type `answer`;
  /// whatever else comes is a failure of viOpen.
  Result<Header> initialize(const Header& message, std::span<const std::byte> payload,
                            MessageType answer, Call& call);

  /// The other connection of the session, which is made later. Every operation below needs it.
  void attach(AsyncChannel& async) noexcept { async_ = &async; }

  /// The largest message that the instrument accepts, in bytes with its header.
  void set_message_limit(std::uint64_t size) noexcept;

  /// As spi::Channel says.
  spi::ReadResult read(std::span<std::byte> into, const spi::EndRule& rule, Call& call);
  spi::WriteResult write(std::span<const std::byte> data, bool end, Call& call);
  Status trigger(Call& call);

  /// Device clear (6.12), which also chooses the mode; the instrument may refuse it, and
  /// `SessionState::overlap` then says so.
  Status clear(bool overlap, Call& call);

  /// Switches the encryption of both connections (HiSLIP 2.0) and authenticates. The statuses of
  /// viOpen for certificates; error_npermission: the instrument refuses the change or us. What was
  /// under way may be thrown away by a device clear. `usable` says whether the session goes on
  /// after a failure; after one of the authentication it does.
  Status change_encryption(const SecurityChange& change, Call& call);
  bool usable() const noexcept { return !ended_.load(std::memory_order_acquire); }
  /// The SASL mechanism of the last authentication that succeeded; "" before.
  const std::string& mechanism() const noexcept { return mechanism_; }
  /// Tells the instrument of the end of the session, as far as that needs no wait.
  void say_fatal(std::uint8_t code, std::string_view text) noexcept;

  void wake() noexcept;
  void close() noexcept { stream_->close(); }
  bool lost() const noexcept { return stream_->lost(); }
  ByteStream& stream() noexcept { return *stream_; }

 private:
  // How far a device clear has come.
  enum class Clearing : std::uint8_t { no, announced, acknowledged, completing };

  // The way into an operation: takes the gates it needs and brings a device clear that was left
  // half-way to its end.
  class Entry {
   public:
    enum class Kind : std::uint8_t { read, write, clear };
    Entry(SyncChannel& channel, Kind kind, Call& call);

    /// success: inside. Otherwise what the operation returns.
    Status status() const noexcept { return status_; }

   private:
    Status take_gates(SyncChannel& channel, Kind kind, Call& call);

    std::optional<GatePass> reading_;
    std::optional<GatePass> writing_;
    Status status_ = Status::success;
  };
  struct Numbering;

  /// Whether an operation that sees one message after the other, none of which ends it, gives up.
  static bool over(const Call& call, int messages) noexcept;
  Status take_message(std::span<std::byte> room, std::optional<std::byte> stop, std::size_t& count,
                      std::size_t& got, Call& call);
  bool belongs(const Header& header) const noexcept;
  Status drop(Call& call);
  Status pass_over(std::span<const std::byte> placed, Call& call);
  Status report(Call& call);
  Status send(MessageType type, std::span<const std::byte> payload, bool& begun, Call& call);
  template <class Attempt>
  Status push(Attempt&& attempt, Call& call);
  Status finish_message(Call& call);
  Status drop_arrived(Call& call);
  Status prepare_send(Call& call);
  Status clear_inside(bool overlap, Call& call);
  Status continue_clear(Call& call);
  Status await_acknowledge(Call& call);
  Status send_complete(Call& call);
  Status await_end_of_clear(Call& call);
  Status end_session(Status status, const std::string& text, Call& call);
  Status drop_before_change(Call& call);
  Status agree_on_change(const SecurityChange& change, Call& call);
  Result<Header> next_of_sasl(std::string& payload, Call& call);
  Result<std::string> offered_mechanisms(Call& call);
  Status authenticate(const SecurityChange& change, Call& call);
  Status converse(SaslMechanism& mechanism, Call& call);
  Status no_answer(const spi::EndRule& rule, std::size_t count, Call& call) const;

  const std::unique_ptr<ByteStream> stream_;
  AsyncChannel* async_ = nullptr;
  SessionState& state_;
  std::atomic<std::size_t> piece_{kMostPiece};

  // A read holds the first, a write the second; in synchronized mode, and for a device clear, both
  // are held, the first one first.
  Gate reading_;
  Gate writing_;

  // Inside reading_.
  MessageReader in_;
  bool inside_ = false;     // the payload under way is the answer that a read delivers
  bool unhandled_ = false;  // in_.header() was received and not acted on
  std::string text_;        // of the Error or FatalError under way
  unsigned interrupted_ = 0;
  std::string fatal_;  // what the instrument's FatalError said; constant once ended_ is set
  std::atomic<bool> ended_{false};

  // Inside writing_.
  MessageWriter out_;

  // Changed inside both.
  std::atomic<Clearing> clearing_{Clearing::no};
  bool wanted_overlap_ = false;
  std::string mechanism_;
};

}  // namespace visa::drivers::hislip
