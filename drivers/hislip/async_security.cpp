// SPDX-License-Identifier: MIT
// The change of the encryption on the asynchronous connection (IVI-6.1 2.0, secure connection).
// From its question on nothing else is sent, and after the answer nobody receives, until both sides
// speak the new way: between the two, what arrives are no HiSLIP messages.
#include <new>
#include <utility>

#include "drivers/hislip/async_channel.h"
#include "lib/base/cancel_shield.h"

namespace visa::drivers::hislip {

/// Until the change is over. If it ends in between, also because the thread is ended by force, the
/// session is of no use any more: the instrument waits for a handshake that does not come.
class AsyncChannel::Changing {
 public:
  Changing(AsyncChannel& channel, const Open& question) noexcept
      : channel_(channel), question_(question) {}
  Changing(const Changing&) = delete;
  Changing& operator=(const Changing&) = delete;

  ~Changing() {
    const MutexLock lock(channel_.mutex_);
    channel_.parked_ = false;
    if (!sent_) {
      channel_.state_.return_rmt(rmt_);
      channel_.erase(question_);
    } else if (!whole_) {
      channel_.changed_half_ = true;
    }
    channel_.changed_.notify_all();
  }

  std::uint8_t take_rmt() noexcept { return rmt_ = channel_.state_.take_rmt(); }
  void sent() noexcept { sent_ = true; }
  void whole() noexcept { whole_ = true; }

 private:
  AsyncChannel& channel_;
  const Open& question_;
  std::uint8_t rmt_ = 0;
  bool sent_ = false;
  bool whole_ = false;
};

Result<AsyncChannel::Answer> AsyncChannel::change_encryption(
    const Header& question, std::span<const std::byte> payload, MessageType type,
    const std::function<Status(Call&)>& step, Call& call) {
  const GatePass pass(sending_, call);
  if (failed(pass.status())) return pass.status();
  const Result<Open> opened = open(question, type, call);
  if (!opened) return opened.status();
  const Open& mine = *opened;
  Changing changing(*this, mine);
  Header message = question;
  message.control = changing.take_rmt();
  {
    const MutexLock lock(mutex_);
    mine->sent = mine->parks = true;
  }
  const MessageWriter::Sent sent = writer_.send(message, payload, call);
  if (sent.begun) changing.sent();
  MutexLock lock(mutex_);
  if (failed(sent.status)) {
    return sent.status == Status::error_conn_lost ? lost_status(call) : sent.status;
  }
  const Status status = wait_for(
      lock, [&] { return mine->answered; }, call);
  if (failed(status)) return status;
  Answer answer = std::move(mine->answer);
  const bool goes_on = parked_;
  lock.unlock();
  const Status stepped = goes_on ? step(call) : Status::success;
  if (failed(stepped)) return stepped;
  changing.whole();
  return answer;
}

void AsyncChannel::say_fatal(std::uint8_t code, std::string_view text) noexcept {
  const CancelShield shield;
  try {
    Call moment(Deadline::immediate());
    const GatePass pass(sending_, moment);
    if (failed(pass.status())) return;
    writer_.send({MessageType::fatal_error, code}, std::as_bytes(std::span(text)), moment);
  } catch (const std::bad_alloc&) {  // then the end of the connection has to tell
  }
}

}  // namespace visa::drivers::hislip
