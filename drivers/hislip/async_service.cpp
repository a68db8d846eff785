// SPDX-License-Identifier: MIT
// Service requests, and the thread that the asynchronous connection has while they are enabled or a
// lock may come late. The thread takes turns in receiving with the calls that wait for answers, and
// it alone posts.
#include <chrono>
#include <new>
#include <system_error>

#include "drivers/hislip/async_channel.h"
#include "lib/base/cancel_shield.h"
#include "lib/base/fork_stamp.h"
#include "lib/base/quiet_thread.h"
#include "lib/base/run_guarded.h"

namespace visa::drivers::hislip {
namespace {

/// The thread tries again after this long where there was no memory.
constexpr std::chrono::milliseconds kPause{100};

/// Giving back a lock that came late takes one small message; the thread tries again after this
/// long.
constexpr std::chrono::seconds kGiveBack{1};

}  // namespace

Status AsyncChannel::enable(spi::EventSink& sink, Call& call) {
  const CancelShield shield;
  const MutexLock configuring(configuring_);
  {
    const MutexLock lock(mutex_);
    if (stream_->lost() || !fatal_.empty()) return lost_status(call);
    sink_ = &sink;
    requests_ = 0;
  }
  const Status started = start(call);
  if (failed(started)) {
    const MutexLock lock(mutex_);
    sink_ = nullptr;
  }
  return started;
}

void AsyncChannel::disable() {
  const CancelShield shield;
  {
    const MutexLock configuring(configuring_);
    stop();
    const MutexLock lock(mutex_);
    sink_ = nullptr;
    requests_ = 0;
  }
  watch_late_lock();
}

/// A thread that has ended of its own accord is replaced.
Status AsyncChannel::start(Call& call) {
  if (thread_ != nullptr) {
    {
      const MutexLock lock(mutex_);
      if (!thread_over_) return Status::success;
    }
    stop();
  }
  {
    const MutexLock lock(mutex_);
    thread_over_ = false;
  }
  try {
    thread_call_ = std::make_unique<Call>(Deadline::infinite());
    thread_stamp_ = fork_stamp();
    thread_ = std::make_unique<std::thread>(
        start_quiet_thread([this, &own = *thread_call_] { run(own); }));
    return Status::success;
  } catch (const std::system_error&) {
    return call.fail(Status::error_alloc, "no thread for service requests; are too many running?");
  } catch (const std::bad_alloc&) {
    return Status::error_alloc;
  }
}

/// A child of fork has no such thread; the object that stands for it is left alone there.
void AsyncChannel::stop() noexcept {
  if (thread_ == nullptr) return;
  if (thread_stamp_ != fork_stamp()) {
    static_cast<void>(thread_.release());
    return;
  }
  thread_call_->cancel();
  wake();
  thread_->join();
  thread_.reset();
}

/// Whether a lock request that was given up may still be granted, or was and is to be given back.
bool AsyncChannel::late_lock_possible() {
  const Open question = find(MessageType::async_lock_response);
  return late_release_ != nullptr ||
         (question != nullptr && question->given_up && question->wants_lock);
}

bool AsyncChannel::thread_needed() {
  return sink_ != nullptr || late_lock_possible();
}

/// Receives the answer to a lock request that was given up, so that the lock can be given back.
void AsyncChannel::watch_late_lock() noexcept {
  const CancelShield shield;
  const MutexLock configuring(configuring_);
  {
    const MutexLock lock(mutex_);
    if (!late_lock_possible()) return;
  }
  Call call(Deadline::immediate());
  start(call);  // without a thread, the next operation on this channel receives it
}

void AsyncChannel::run(Call& call) {
  bool more = true;
  while (more && !call.cancelled()) {
    run_guarded([&] { more = turn(call); }, [](Thrown) { std::this_thread::sleep_for(kPause); });
  }
}

/// Posts one service request, or waits for one; other messages are acted on meanwhile. False when
/// nobody needs the thread any more.
bool AsyncChannel::turn(Call& call) {
  Call bounded(call, Deadline::after(kGiveBack));
  give_back_late_lock(bounded);
  spi::EventSink* sink = nullptr;
  {
    MutexLock lock(mutex_);
    const Status status = wait_for(
        lock,
        [&]() VISA_NO_THREAD_SAFETY_ANALYSIS {
          return requests_ > 0 || late_release_ != nullptr || !thread_needed();
        },
        call);
    if (failed(status)) {  // the connection is gone, or this is the end
      while (!call.cancelled()) changed_.wait(lock);
      return false;
    }
    if (requests_ == 0) {
      thread_over_ = !thread_needed();
      return !thread_over_;
    }
    --requests_;
    sink = sink_;
  }
  if (sink != nullptr) sink->post({VI_EVENT_SERVICE_REQ, {}});
  return true;
}

}  // namespace visa::drivers::hislip
