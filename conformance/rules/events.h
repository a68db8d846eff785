// SPDX-License-Identifier: MIT
// What the event rules share: a way to enable events that makes a rule "not shown" if the library
// has no events, completions of viWriteAsync as occurrences that a rule can cause at any time, and
// a handler that keeps a record. There is one record per process, and each rule has its own
// process.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "conformance/rules/check.h"

namespace visa::rules {

class Events {
 public:
  explicit Events(Check& check) : check_(check), visa_(check.visa()) {}

  /// Calls viEnableEvent. Throws NotShown if the library says that it has no such operation.
  ViStatus enable(ViSession vi, ViEventType type, ViUInt16 mechanism);
  ViStatus install(ViSession vi, ViEventType type, ViHndlr handler, ViAddr user);
  ViStatus uninstall(ViSession vi, ViEventType type, ViHndlr handler, ViAddr user);
  ViStatus wait(ViSession vi, ViEventType type, ViUInt32 timeout, ViEventType* out_type,
                ViEvent* context);
  ViStatus write_async(ViSession vi, const std::string& data, ViJobId* job);
  ViStatus read_async(ViSession vi, ViByte* buffer, ViUInt32 count, ViJobId* job);

  /// The same, but ends the rule unless it succeeds.
  void want(ViSession vi, ViEventType type, ViUInt16 mechanism);
  void handle(ViSession vi, ViEventType type, ViAddr user);

  /// Causes one VI_EVENT_IO_COMPLETION by sending an empty line. Returns the job's number.
  ViJobId cause(ViSession vi);
  /// Waits for the next completion in the queue and closes its context. Returns the job's number.
  ViJobId next(ViSession vi);
  /// Leaves exactly one completion in the queue and returns its job's number. The only sign of a
  /// queued event is VI_SUCCESS_QUEUE_NEMPTY; throws NotShown if the library never returns it.
  ViJobId leave_one_queued(ViSession vi);

 private:
  Check& check_;
  const VisaApi& visa_;
};

/// One call of the recording handler.
struct HandlerCall {
  ViSession vi = VI_NULL;
  ViEventType type = 0;
  ViEvent context = VI_NULL;
  ViAddr user = nullptr;
  ViStatus type_status = VI_ERROR_SYSTEM_ERROR;  // of reading VI_ATTR_EVENT_TYPE in the handler
  ViEventType type_inside = 0;
  ViJobId job = 0;            // 0 if the event has no job
  ViStatus event_status = 0;  // VI_ATTR_STATUS
  std::string operation;      // VI_ATTR_OPER_NAME
  std::thread::id thread;
};

class Recorder {
 public:
  void note(HandlerCall call);
  /// Waits until `count` calls were recorded, at most 5 s. Returns all calls so far.
  std::vector<HandlerCall> wait_for(std::size_t count);
  std::vector<HandlerCall> so_far();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<HandlerCall> calls_;
};

Recorder& recorder();
/// The library that the recording handlers call. Set it before installing one.
void record_with(const VisaApi& visa);

/// The first records the call and lets the chain go on; the second records it and ends the chain.
ViStatus _VI_FUNCH recording_handler(ViSession vi, ViEventType type, ViEvent context, ViAddr user);
ViStatus _VI_FUNCH ending_handler(ViSession vi, ViEventType type, ViEvent context, ViAddr user);

}  // namespace visa::rules
