// SPDX-License-Identifier: MIT
// All waits are bounded: an event that does not come fails the rule and does not hang it.
#include "conformance/rules/events.h"

#include <chrono>

namespace visa::rules {
namespace {

const VisaApi* library = nullptr;

ViStatus there(ViStatus status, const char* function) {
  if (status == VI_ERROR_NSUP_OPER) {
    throw NotShown{std::string(function) + " answers VI_ERROR_NSUP_OPER"};
  }
  return status;
}

HandlerCall look(ViSession vi, ViEventType type, ViEvent context, ViAddr user) {
  HandlerCall call;
  call.vi = vi;
  call.type = type;
  call.context = context;
  call.user = user;
  call.thread = std::this_thread::get_id();
  call.type_status = library->viGetAttribute(context, VI_ATTR_EVENT_TYPE, &call.type_inside);
  library->viGetAttribute(context, VI_ATTR_JOB_ID, &call.job);
  library->viGetAttribute(context, VI_ATTR_STATUS, &call.event_status);
  char text[512] = {};
  library->viGetAttribute(context, VI_ATTR_OPER_NAME, text);
  call.operation = text;
  return call;
}

}  // namespace

ViStatus Events::enable(ViSession vi, ViEventType type, ViUInt16 mechanism) {
  return there(visa_.viEnableEvent(vi, type, mechanism, VI_NULL), "viEnableEvent");
}

ViStatus Events::install(ViSession vi, ViEventType type, ViHndlr handler, ViAddr user) {
  return there(visa_.viInstallHandler(vi, type, handler, user), "viInstallHandler");
}

ViStatus Events::uninstall(ViSession vi, ViEventType type, ViHndlr handler, ViAddr user) {
  return there(visa_.viUninstallHandler(vi, type, handler, user), "viUninstallHandler");
}

ViStatus Events::wait(ViSession vi, ViEventType type, ViUInt32 timeout, ViEventType* out_type,
                      ViEvent* context) {
  return there(visa_.viWaitOnEvent(vi, type, timeout, out_type, context), "viWaitOnEvent");
}

ViStatus Events::write_async(ViSession vi, const std::string& data, ViJobId* job) {
  return there(visa_.viWriteAsync(vi, reinterpret_cast<ViConstBuf>(data.data()),
                                  static_cast<ViUInt32>(data.size()), job),
               "viWriteAsync");
}

ViStatus Events::read_async(ViSession vi, ViByte* buffer, ViUInt32 count, ViJobId* job) {
  return there(visa_.viReadAsync(vi, buffer, count, job), "viReadAsync");
}

void Events::want(ViSession vi, ViEventType type, ViUInt16 mechanism) {
  check_.need("viEnableEvent", enable(vi, type, mechanism), {VI_SUCCESS});
}

void Events::handle(ViSession vi, ViEventType type, ViAddr user) {
  record_with(visa_);
  check_.need("viInstallHandler", install(vi, type, &recording_handler, user), {VI_SUCCESS});
}

ViJobId Events::cause(ViSession vi) {
  ViJobId job = 0;
  check_.need("viWriteAsync", write_async(vi, "\n", &job), {VI_SUCCESS, VI_SUCCESS_SYNC});
  check_.that(job != 0, "viWriteAsync gives the job number 0");
  return job;
}

ViJobId Events::next(ViSession vi) {
  ViEvent context = VI_NULL;
  ViJobId job = 0;
  check_.need("viWaitOnEvent", wait(vi, VI_EVENT_IO_COMPLETION, 5000, nullptr, &context),
              {VI_SUCCESS, VI_SUCCESS_QUEUE_NEMPTY, VI_WARN_QUEUE_OVERFLOW});
  check_.need("viGetAttribute(VI_ATTR_JOB_ID)", visa_.viGetAttribute(context, VI_ATTR_JOB_ID, &job),
              {VI_SUCCESS});
  check_.need("viClose of the event", visa_.viClose(context), {VI_SUCCESS});
  return job;
}

ViJobId Events::leave_one_queued(ViSession vi) {
  for (int attempt = 0; attempt < 200; ++attempt) {
    cause(vi);
    const ViJobId second = cause(vi);
    check_.write(vi, "\n");  // goes out after the jobs, so they are likely done when it returns
    ViEvent context = VI_NULL;
    const ViStatus status = wait(vi, VI_EVENT_IO_COMPLETION, 5000, nullptr, &context);
    visa_.viClose(context);
    if (status == VI_SUCCESS_QUEUE_NEMPTY) return second;
    check_.need("viWaitOnEvent", status, {VI_SUCCESS});
    next(vi);
  }
  throw NotShown{"viWaitOnEvent never answers VI_SUCCESS_QUEUE_NEMPTY"};
}

void Recorder::note(HandlerCall call) {
  const std::lock_guard lock(mutex_);
  calls_.push_back(std::move(call));
  changed_.notify_all();
}

std::vector<HandlerCall> Recorder::wait_for(std::size_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, Clock::now() + std::chrono::seconds(5),
                      [&] { return calls_.size() >= count; });
  return calls_;
}

std::vector<HandlerCall> Recorder::so_far() {
  const std::lock_guard lock(mutex_);
  return calls_;
}

Recorder& recorder() {
  static auto* const one = new Recorder;  // never destroyed: a handler may run during exit
  return *one;
}

void record_with(const VisaApi& visa) {
  library = &visa;
}

ViStatus _VI_FUNCH recording_handler(ViSession vi, ViEventType type, ViEvent context, ViAddr user) {
  recorder().note(look(vi, type, context, user));
  return VI_SUCCESS;
}

ViStatus _VI_FUNCH ending_handler(ViSession vi, ViEventType type, ViEvent context, ViAddr user) {
  recorder().note(look(vi, type, context, user));
  return VI_SUCCESS_NCHAIN;
}

}  // namespace visa::rules
