// SPDX-License-Identifier: MIT
// viReadAsync and viWriteAsync (docs/locks-and-events.md B8): a queue and a thread per direction,
// so that a pending read does not block a write. Errors found here are returned and give no event;
// later ones arrive as VI_ATTR_STATUS of exactly one VI_EVENT_IO_COMPLETION.
#include <algorithm>
#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/log.h"
#include "lib/core/detail_note.h"
#include "lib/core/session_transfer.h"
#include "lib/model/status_table.h"

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

// The call that asked for the job has its own two records; this is what became of it. Out of memory
// loses the record, not the completion.
void trace_end(const Job& job, const Transfer& done, const char* operation) try {
  if (!log::enabled()) return;
  const auto* info = model::find_status(done.status);
  std::string text =
      "job " + std::to_string(job.id) + " of " + operation + " = " +
      (info != nullptr ? std::string(info->name) : std::to_string(code(done.status)));
  if (!job.detail.empty()) text += ": " + job.detail;
  log::line(text + "; retCount=" + std::to_string(done.count));
} catch (const std::exception&) {
}

Transfer run_noted(Job& job, const std::function<Transfer(Call&)>& run, Call& call) {
  const DetailNote note;
  const auto done = run(call);
  try {
    job.detail = note.of(done.status);
  } catch (const std::exception&) {
  }
  return done;
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
  job->run = [this, self = shared_from_this(), run = std::move(run), &its = *job](Call& call) {
    call.deadline = store().deadline();
    return log::enabled() ? run_noted(its, run, call) : run(call);
  };
  job->complete = [this, self = shared_from_this(), &its = *job, buffer,
                   operation](const Transfer& done) {
    trace_end(its, done, operation);
    if (const auto hub = events().hub()) {
      hub->post(completion_of(done, its.id, buffer, operation));
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

Status Session::move_async(spi::BusPlace from, spi::Width from_width, spi::BusPlace to,
                           spi::Width to_width, std::size_t count, ViJobId* id) {
  return submit(
      Direction::write, nullptr, "viMoveAsync",
      [this, from, from_width, to, to_width, count](Call& call) {
        Transfer done;
        done.status = transfer(call, Lane::both, [&](Call&) {
          auto* registers = channel_->facets().registers;
          if (registers == nullptr) return Status::error_nsup_oper;
          return registers->move(from, from_width, to, to_width, count, register_rule(), call);
        });
        if (ok(done.status)) done.count = count;
        return done;
      },
      id);
}

}  // namespace visa::core
