// SPDX-License-Identifier: MIT
// The asynchronous connection of a session: questions with one answer each (lock, status, remote
// and local, device clear), and what the instrument sends unasked (service requests,
// AsyncInterrupted). Any thread; several may have questions under way at once, one of each kind.
//
// No thread of the library is needed: one of the waiting threads receives for all of them, and when
// it has its answer, the next one goes on. A thread of the channel's own takes part only while
// service requests are enabled, or while a lock that nobody wants any more may still be granted.
//
// Answers carry no id. A question that was given up at its deadline keeps its place, so that its
// late answer is not taken for the answer to the next question of the kind; that one waits for it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "drivers/common/byte_stream.h"
#include "drivers/common/gate.h"
#include "drivers/hislip/hislip_message.h"
#include "drivers/hislip/message_reader.h"
#include "drivers/hislip/message_writer.h"
#include "drivers/hislip/session_state.h"
#include "lib/base/call.h"
#include "lib/base/condition.h"
#include "lib/base/result.h"
#include "lib/base/thread_annotations.h"
#include "lib/spi/event_sink.h"

namespace visa::drivers::hislip {

class AsyncChannel {
 public:
  AsyncChannel(std::unique_ptr<ByteStream> stream, SessionState& state);
  ~AsyncChannel();
  AsyncChannel(const AsyncChannel&) = delete;
  AsyncChannel& operator=(const AsyncChannel&) = delete;

  /// What the instrument answered: a message of the wanted type, or an Error.
  struct Answer {
    Header header{};
    std::string payload{};
  };

  /// Asks and waits for the answer of type `answer`. error_tmo and error_abort give the question
  /// up; error_conn_lost.
  Result<Answer> ask(const Header& question, std::span<const std::byte> payload, MessageType answer,
                     Call& call);

  /// AsyncDeviceClear, a question that no deadline gives up: `begin_clear` asks, unless it is under
  /// way already, and says whether it is; `await_clear` waits for the answer.
  bool begin_clear(Status& status, Call& call) VISA_EXCLUDES(mutex_);
  Result<Answer> await_clear(Call& call) VISA_EXCLUDES(mutex_);

  /// AsyncStartTLS and AsyncEndTLS: asks, and if the instrument agrees, takes `step`, the handshake
  /// or the end of TLS on this connection, while nothing else is sent or received on it. What the
  /// instrument answered is returned after that; a failure of `step` as its status.
  Result<Answer> change_encryption(const Header& question, std::span<const std::byte> payload,
                                   MessageType answer, const std::function<Status(Call&)>& step,
                                   Call& call) VISA_EXCLUDES(mutex_);
  /// A change ended between question and `step`: the session is of no use any more.
  bool changed_half() VISA_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    return changed_half_;
  }
  /// Tells the instrument of the end of the session, as far as that needs no wait.
  void say_fatal(std::uint8_t code, std::string_view text) noexcept;

  /// How many AsyncInterrupted have come. `await_interrupted` waits until there were `count`.
  unsigned interrupted() const noexcept { return interrupted_.load(std::memory_order_acquire); }
  Status await_interrupted(unsigned count, Call& call) VISA_EXCLUDES(mutex_);

  /// Delivers service requests to `sink` until `disable` has returned.
  Status enable(spi::EventSink& sink, Call& call) VISA_EXCLUDES(mutex_);
  void disable() VISA_EXCLUDES(mutex_);

  /// Makes waiting calls look at their cancel tokens. Any thread.
  void wake() noexcept VISA_EXCLUDES(mutex_);

  bool lost() const noexcept { return stream_->lost(); }
  ByteStream& stream() noexcept { return *stream_; }

  /// Ends the thread and the connection. No call is in progress.
  void close() noexcept;

 private:
  // One question. Once answered or ended it leaves questions_ and belongs to its caller alone.
  struct Question {
    MessageType type{};  // of its answer
    bool wants_lock = false;
    bool parks = false;  // after a good answer nobody receives, until the change is over
    bool sent = false;
    bool before_clear = false;  // sent before a device clear
    bool given_up = false;
    bool answered = false;
    bool cleared = false;  // no answer comes: the session was cleared
    Answer answer{};
  };
  class Turn;
  class Asking;
  class Announcing;
  class Changing;

  using Open = std::shared_ptr<Question>;

  Open find(MessageType type) VISA_REQUIRES(mutex_);
  void erase(const Open& question) VISA_REQUIRES(mutex_);
  Status wait_for(MutexLock& lock, const std::function<bool()>& done,
                  Call& call) VISA_NO_THREAD_SAFETY_ANALYSIS;
  Result<Open> open(const Header& question, MessageType type, Call& call) VISA_EXCLUDES(mutex_);
  MessageWriter::Sent put(const Open& mine, const Header& question,
                          std::span<const std::byte> payload, Call& call) VISA_EXCLUDES(mutex_);
  void note_sent(const Open& mine) VISA_EXCLUDES(mutex_);
  Status receive_one(Call& call) VISA_EXCLUDES(mutex_);
  void take(const Header& header) VISA_EXCLUDES(mutex_);
  void end_questions() VISA_REQUIRES(mutex_);
  void settle(const Open& question, const Header& header) VISA_REQUIRES(mutex_);
  void note_late_lock(const Open& question) VISA_REQUIRES(mutex_);
  void give_back_late_lock(Call& call) VISA_EXCLUDES(mutex_);
  Status lost_status(Call& call) VISA_REQUIRES(mutex_);
  Status start(Call& call) VISA_REQUIRES(configuring_);
  void stop() noexcept VISA_REQUIRES(configuring_);
  bool late_lock_possible() VISA_REQUIRES(mutex_);
  bool thread_needed() VISA_REQUIRES(mutex_);
  void watch_late_lock() noexcept VISA_EXCLUDES(mutex_);
  void run(Call& call) VISA_EXCLUDES(mutex_);
  bool turn(Call& call) VISA_EXCLUDES(mutex_);

  const std::unique_ptr<ByteStream> stream_;
  SessionState& state_;
  MessageReader reader_;  // used by the thread that has the turn to receive
  Gate sending_;
  MessageWriter writer_;  // inside sending_
  std::atomic<unsigned> interrupted_{0};

  // By the thread that has the turn to receive.
  std::string payload_;

  Mutex configuring_;  // enable, disable and the thread; before mutex_
  Mutex mutex_;
  Condition changed_;
  bool receiving_ VISA_GUARDED_BY(mutex_) = false;  // a thread has the turn
  bool parked_ VISA_GUARDED_BY(mutex_) = false;     // nobody may take the turn
  bool changed_half_ VISA_GUARDED_BY(mutex_) = false;
  std::vector<Open> questions_ VISA_GUARDED_BY(mutex_);  // that wait for their answers
  Open clear_ VISA_GUARDED_BY(mutex_);                   // until its answer was taken
  std::string fatal_ VISA_GUARDED_BY(mutex_);            // what the instrument's FatalError said
  Open late_release_ VISA_GUARDED_BY(mutex_);            // to be sent: a lock was granted to nobody
  spi::EventSink* sink_ VISA_GUARDED_BY(mutex_) = nullptr;
  unsigned requests_ VISA_GUARDED_BY(mutex_) = 0;     // service requests to be posted
  bool thread_over_ VISA_GUARDED_BY(mutex_) = false;  // thread_ has nothing left to do and ends

  std::unique_ptr<std::thread> thread_ VISA_GUARDED_BY(configuring_);
  std::uint32_t thread_stamp_ VISA_GUARDED_BY(configuring_) = 0;
  std::unique_ptr<Call> thread_call_ VISA_GUARDED_BY(configuring_);
};

}  // namespace visa::drivers::hislip
