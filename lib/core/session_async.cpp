// SPDX-License-Identifier: MIT
// viReadAsync and viWriteAsync (locking_events B8): a queue and a thread per direction, so that a
// pending read does not block a write. Errors found here are returned and give no event; later ones
// arrive as VI_ATTR_STATUS of exactly one VI_EVENT_IO_COMPLETION.
#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "lib/core/session.h"

namespace visa::core {
namespace {

using model::AttributeValue;

spi::EventRecord completion_of(const Transfer& done, ViJobId id, const void* buffer,
                               const char* operation) {
  return {VI_EVENT_IO_COMPLETION,
          {{VI_ATTR_STATUS, model::signed_value(code(done.status))},
           {VI_ATTR_JOB_ID, std::uint64_t{id}},
           {VI_ATTR_BUFFER, std::uint64_t{reinterpret_cast<std::uintptr_t>(buffer)}},
           {VI_ATTR_RET_COUNT_64, std::uint64_t{done.count}},
           {VI_ATTR_OPER_NAME, std::string(operation)}}};
}

}  // namespace

std::shared_ptr<JobQueue> Session::jobs(Direction direction) {
  const MutexLock lock(jobs_mutex_);
  if (jobs_.closed) return nullptr;
  auto& queue = jobs_.of[static_cast<std::size_t>(direction)];
  if (queue == nullptr) queue = std::make_shared<JobQueue>();
  return queue;
}

template <class Action>
void Session::for_each_queue(Action&& action) {
  JobQueues present;
  {
    const MutexLock lock(jobs_mutex_);
    present = jobs_;
  }
  for (const auto& queue : present.of) {
    if (queue != nullptr) action(*queue);
  }
}

Status Session::submit(Direction direction, const void* buffer, const char* operation,
                       std::function<Transfer(Call&)> run, ViJobId* id) {
  Call refusal(Deadline::immediate());
  const auto locked = check_lock(refusal);
  if (failed(locked)) return remember(locked, std::move(refusal.detail));
  auto job = std::make_unique<Job>();
  job->id = JobQueue::next_id();
  job->run = [this, self = shared_from_this(), run = std::move(run)](Call& call) {
    call.deadline = store().deadline();
    return run(call);
  };
  job->complete = [this, self = shared_from_this(), number = job->id, buffer,
                   operation](const Transfer& done) {
    if (const auto hub = events().hub()) {
      hub->post(completion_of(done, number, buffer, operation));
    }
  };
  // Before anybody can see the event: PyVISA looks the job up by it.
  if (id != nullptr) *id = job->id;
  const auto queue = jobs(direction);
  const auto status = queue == nullptr ? Status::error_inv_object : queue->submit(std::move(job));
  if (failed(status) && id != nullptr) *id = VI_NULL;
  return status;
}

Status Session::read_async(std::span<std::byte> into, ViJobId* id) {
  return submit(
      Direction::read, into.data(), "viReadAsync",
      [this, into](Call& call) { return read(into, call); }, id);
}

// The caller may free its data as soon as this returns.
Status Session::write_async(std::span<const std::byte> data, ViJobId* id) {
  std::vector<std::byte> copy(data.begin(), data.end());
  return submit(
      Direction::write, data.data(), "viWriteAsync",
      [this, copy = std::move(copy)](Call& call) { return write(copy, call); }, id);
}

Status Session::terminate(ViJobId id) {
  const auto notice = [this] {
    traffic().wake();
    wake();
  };
  bool found = false;
  for_each_queue([&](JobQueue& queue) { found = found || queue.terminate(id, notice); });
  return found ? Status::success : Status::error_inv_job_id;
}

void Session::cancel_calls() {
  for_each_queue([](JobQueue& queue) { queue.cancel_all(); });
  Resource::cancel_calls();
}

void Session::end_jobs() {
  {
    const MutexLock lock(jobs_mutex_);
    jobs_.closed = true;
  }
  for_each_queue([](JobQueue& queue) { queue.end(); });
}

void Session::join_jobs(Deadline grace) {
  for_each_queue([grace](JobQueue& queue) { queue.join(grace); });
}

}  // namespace visa::core
