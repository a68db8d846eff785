// SPDX-License-Identifier: MIT
// Invariant: at most one thread receives (receiving_), and whenever it stops it notifies the
// others, so that one of them goes on. What a waiting call waits for comes about only by a message
// that is received, so the thread that receives it sees that. A question stands in questions_ from
// before it is sent until its answer has come, also if it was given up.
#include "drivers/hislip/async_channel.h"

#include <algorithm>
#include <utility>

#include "drivers/hislip/hislip_error.h"
#include "lib/base/cancel_shield.h"

namespace visa::drivers::hislip {
namespace {

/// Answers to AsyncLock.
constexpr std::uint8_t kLockGranted = 1;
/// Answers to AsyncStartTLS and AsyncEndTLS.
constexpr std::uint8_t kChangeGranted = 1;

/// One call handles at most this many messages before it looks at its deadline again, however fast
/// they come.
constexpr int kMostWithoutDeadline = 1000;

/// Service requests that are kept until they are posted. The instrument sends one and waits for a
/// status query.
constexpr unsigned kMostRequests = 1000;

/// One of each kind, and some room: adding a question again never needs memory.
constexpr std::size_t kMostQuestions = 16;

}  // namespace

/// The turn to receive. Also given back when the thread is cancelled while it receives.
class AsyncChannel::Turn {
 public:
  explicit Turn(AsyncChannel& channel) noexcept : channel_(channel) {}
  ~Turn() {
    const MutexLock lock(channel_.mutex_);
    channel_.receiving_ = false;
    channel_.changed_.notify_all();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  AsyncChannel& channel_;
};

AsyncChannel::AsyncChannel(std::unique_ptr<ByteStream> stream, SessionState& state)
    : stream_(std::move(stream)), state_(state), reader_(*stream_), writer_(*stream_) {
  questions_.reserve(kMostQuestions);
}

AsyncChannel::~AsyncChannel() {
  close();
}

void AsyncChannel::close() noexcept {
  const CancelShield shield;
  const MutexLock configuring(configuring_);
  stop();
  stream_->close();
}

void AsyncChannel::wake() noexcept {
  {
    const MutexLock lock(mutex_);
    changed_.notify_all();
  }
  sending_.wake();
  stream_->wake();
}

AsyncChannel::Open AsyncChannel::find(MessageType type) {
  const auto found = std::find_if(questions_.begin(), questions_.end(),
                                  [&](const Open& one) { return one->type == type; });
  return found == questions_.end() ? nullptr : *found;
}

void AsyncChannel::erase(const Open& question) {
  std::erase(questions_, question);
  changed_.notify_all();
}

Status AsyncChannel::lost_status(Call& call) {
  if (!fatal_.empty()) {
    return call.fail(Status::error_conn_lost,
                     stream_->peer() + ": " + fatal_ + "; close this session and open it again");
  }
  if (!call.detail.empty()) return Status::error_conn_lost;
  return call.fail(Status::error_conn_lost, stream_->peer() +
                                                ": the asynchronous connection is gone; close this "
                                                "session and open it again");
}

/// Waits until `done` holds, and receives while no other thread does.
Status AsyncChannel::wait_for(MutexLock& lock, const std::function<bool()>& done, Call& call) {
  for (int messages = 0; !done(); ++messages) {
    if (stream_->lost() || !fatal_.empty() || changed_half_) return lost_status(call);
    if (call.cancelled()) return Status::error_abort;
    if (messages > 0 && (call.deadline.is_immediate() ? messages > kMostWithoutDeadline
                                                      : call.deadline.expired())) {
      return Status::error_tmo;
    }
    if (receiving_ || parked_) {
      if (call.deadline.expired()) return Status::error_tmo;
      changed_.wait_until(lock, call.deadline.time_point(), call);
      continue;
    }
    receiving_ = true;
    lock.unlock();
    Status status = Status::success;
    {
      const Turn turn(*this);
      status = receive_one(call);
    }
    lock.lock();
    if (failed(status) && !done()) {
      return status == Status::error_conn_lost ? lost_status(call) : status;
    }
  }
  return Status::success;
}

/// Receives one message and acts on it. After a failure the next call continues where it stopped.
Status AsyncChannel::receive_one(Call& call) {
  if (reader_.left() == 0) {
    std::size_t placed = 0;
    payload_.clear();
    const Status status = reader_.next({}, std::nullopt, placed, call);
    if (failed(status)) return status;
  }
  if (const Status status = reader_.collect(payload_, call); failed(status)) return status;
  take(reader_.header());
  Call moment(call, Deadline::immediate());
  give_back_late_lock(moment);
  return Status::success;
}

/// Acts on a whole message. Types that mean nothing here are skipped.
void AsyncChannel::take(const Header& header) {
  const MutexLock lock(mutex_);
  switch (header.type) {
    case MessageType::async_service_request:
      if (sink_ != nullptr && requests_ < kMostRequests) ++requests_;
      break;
    case MessageType::async_interrupted:
      interrupted_.fetch_add(1, std::memory_order_acq_rel);
      break;
    case MessageType::fatal_error:
      fatal_ = describe(header, payload_);
      break;
    case MessageType::error:  // it answers the oldest question
      if (!questions_.empty()) settle(Open(questions_.front()), header);
      break;
    default:
      if (header.type == MessageType::async_device_clear_acknowledge) end_questions();
      if (const Open question = find(header.type)) settle(question, header);
  }
  changed_.notify_all();
}

/// The instrument has acknowledged a device clear: it has answered what it was going to answer of
/// what came before. What was asked after the clear it still answers.
void AsyncChannel::end_questions() {
  std::erase_if(questions_, [](const Open& one) {
    if (!one->before_clear) return false;
    one->answered = one->cleared = true;
    return true;
  });
}

void AsyncChannel::settle(const Open& question, const Header& header) {
  question->answered = true;
  question->answer = {header, payload_};
  if (question->parks && header.type == question->type) parked_ = header.control == kChangeGranted;
  erase(question);
  note_late_lock(question);
}

/// A lock that is granted to a call that has ended already has to be given back. Its question
/// becomes that of the release, so that no new lock request goes out before it.
void AsyncChannel::note_late_lock(const Open& question) {
  const Header& answer = question->answer.header;
  if (late_release_ != nullptr || !question->given_up || !question->wants_lock) return;
  if (answer.type != question->type || answer.control != kLockGranted) return;
  *question = {.type = MessageType::async_lock_response, .given_up = true};
  questions_.push_back(question);
  late_release_ = question;
}

/// A lock that was granted after its viLock had failed would keep everybody else out. What cannot
/// be sent in time is left for the next call, or for the thread of the channel.
void AsyncChannel::give_back_late_lock(Call& call) {
  const CancelShield shield;
  Open release;
  {
    const MutexLock lock(mutex_);
    release = std::exchange(late_release_, nullptr);
  }
  if (release == nullptr) return;
  const Header header{MessageType::async_lock, 0, state_.last_sent()};
  const MessageWriter::Sent sent = put(release, header, {}, call);
  if (sent.begun) return;
  const MutexLock lock(mutex_);
  if (sent.status == Status::error_conn_lost) {
    erase(release);
  } else {
    release->sent = false;
    late_release_ = release;
  }
}

/// In the order in which the questions go out.
void AsyncChannel::note_sent(const Open& mine) {
  const MutexLock lock(mutex_);
  mine->sent = true;
  if (mine->type != MessageType::async_device_clear_acknowledge) return;
  for (const Open& one : questions_) one->before_clear = one->sent && one != mine;
}

MessageWriter::Sent AsyncChannel::put(const Open& mine, const Header& question,
                                      std::span<const std::byte> payload, Call& call) {
  const GatePass pass(sending_, call);
  if (failed(pass.status())) return {pass.status()};
  note_sent(mine);
  return writer_.send(question, payload, call);
}

/// The question of one call: given up where the call ends without its answer, and taken back where
/// it was not sent; also when the thread is cancelled.
class AsyncChannel::Asking {
 public:
  Asking(AsyncChannel& channel, const Open& question) noexcept
      : channel_(channel), question_(question) {}
  Asking(const Asking&) = delete;
  Asking& operator=(const Asking&) = delete;

  ~Asking() {
    if (ended_) return;
    {
      const MutexLock lock(channel_.mutex_);
      if (!sent_) {
        channel_.state_.return_rmt(rmt_);
        channel_.erase(question_);
        return;
      }
      question_->given_up = true;
      if (question_->answered) channel_.note_late_lock(question_);
    }
    if (question_->wants_lock) channel_.watch_late_lock();
  }

  /// The flag that the question carries, which is given back if it is not sent.
  std::uint8_t take_rmt() noexcept { return rmt_ = channel_.state_.take_rmt(); }
  void sent() noexcept { sent_ = true; }
  /// Its answer was taken, or none comes.
  void end() noexcept { ended_ = true; }

 private:
  AsyncChannel& channel_;
  const Open& question_;
  std::uint8_t rmt_ = 0;
  bool sent_ = false;
  bool ended_ = false;
};

/// Makes room for a question of this type: waits for the answer to the one before.
Result<AsyncChannel::Open> AsyncChannel::open(const Header& question, MessageType type,
                                              Call& call) {
  MutexLock lock(mutex_);
  const auto free = [&]() VISA_NO_THREAD_SAFETY_ANALYSIS { return find(type) == nullptr; };
  if (const Status status = wait_for(lock, free, call); failed(status)) {
    if (status != Status::error_tmo) return status;
    return call.fail(status, stream_->peer() +
                                 ": the instrument still owes the answer to an earlier request of "
                                 "this kind; viClear ends the wait");
  }
  auto fresh = std::make_shared<Question>();
  fresh->type = type;
  fresh->wants_lock = question.type == MessageType::async_lock && question.control != 0;
  questions_.push_back(fresh);
  return fresh;
}

Result<AsyncChannel::Answer> AsyncChannel::ask(const Header& question,
                                               std::span<const std::byte> payload, MessageType type,
                                               Call& call) {
  const Result<Open> opened = open(question, type, call);
  if (!opened) return opened.status();
  const Open& mine = *opened;
  Asking asking(*this, mine);
  Header message = question;
  if (message.type == MessageType::async_status_query) message.control = asking.take_rmt();
  const MessageWriter::Sent sent = put(mine, message, payload, call);
  if (sent.begun) asking.sent();
  MutexLock lock(mutex_);
  if (failed(sent.status)) {
    return sent.status == Status::error_conn_lost ? lost_status(call) : sent.status;
  }
  const Status status = wait_for(
      lock, [&] { return mine->answered; }, call);
  if (failed(status)) return status;
  asking.end();
  if (mine->cleared) {
    return call.fail(Status::error_abort, "a device clear of this session ended it");
  }
  return std::move(mine->answer);
}

/// Takes the clear back if it was not sent, also when the thread is cancelled.
class AsyncChannel::Announcing {
 public:
  Announcing(AsyncChannel& channel, const Open& question) noexcept
      : channel_(channel), question_(question) {}
  Announcing(const Announcing&) = delete;
  Announcing& operator=(const Announcing&) = delete;

  ~Announcing() {
    if (sent_) return;
    const MutexLock lock(channel_.mutex_);
    channel_.erase(question_);
    channel_.clear_ = nullptr;
  }

  void sent() noexcept { sent_ = true; }

 private:
  AsyncChannel& channel_;
  const Open& question_;
  bool sent_ = false;
};

bool AsyncChannel::begin_clear(Status& status, Call& call) {
  Open mine;
  {
    const MutexLock lock(mutex_);
    if (clear_ != nullptr) return true;
    mine = std::make_shared<Question>();
    mine->type = MessageType::async_device_clear_acknowledge;
    questions_.push_back(mine);
    clear_ = mine;
  }
  Announcing announcing(*this, mine);
  const MessageWriter::Sent sent = put(mine, {MessageType::async_device_clear}, {}, call);
  status = sent.status;
  if (sent.begun) {
    announcing.sent();
    return true;
  }
  const MutexLock lock(mutex_);
  if (status == Status::error_conn_lost) status = lost_status(call);
  return false;
}

Result<AsyncChannel::Answer> AsyncChannel::await_clear(Call& call) {
  MutexLock lock(mutex_);
  const Open mine = clear_;
  const Status status = wait_for(
      lock, [&] { return mine->answered; }, call);
  if (failed(status)) return status;
  clear_ = nullptr;
  return std::move(mine->answer);
}

Status AsyncChannel::await_interrupted(unsigned count, Call& call) {
  MutexLock lock(mutex_);
  return wait_for(
      lock, [&] { return static_cast<int>(interrupted() - count) >= 0; }, call);
}

}  // namespace visa::drivers::hislip
