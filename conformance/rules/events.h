// SPDX-License-Identifier: MIT
// What the event rules share: enabling that makes a rule "not shown" where the library has no
// events yet, completions of viWriteAsync as occurrences one can cause at will, and a handler that
// keeps a record. The handler's record is one for the process; each rule runs in a process of its
// own.
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

  // The call itself; NotShown when the library says it has no such operation.
  ViStatus enable(ViSession vi, ViEventType type, ViUInt16 mechanism);
  ViStatus install(ViSession vi, ViEventType type, ViHndlr handler, ViAddr user);
  ViStatus uninstall(ViSession vi, ViEventType type, ViHndlr handler, ViAddr user);
  ViStatus wait(ViSession vi, ViEventType type, ViUInt32 timeout, ViEventType* out_type,
                ViEvent* context);
  ViStatus write_async(ViSession vi, const std::string& data, ViJobId* job);
  ViStatus read_async(ViSession vi, ViByte* buffer, ViUInt32 count, ViJobId* job);

  // Must succeed.
  void want(ViSession vi, ViEventType type, ViUInt16 mechanism);
  void handle(ViSession vi, ViEventType type, ViAddr user);

  // Causes one VI_EVENT_IO_COMPLETION: an empty line to the instrument. Returns the job's number.
  ViJobId cause(ViSession vi);
  // Waits for the next completion in the queue and closes its context; returns the job's number.
  ViJobId next(ViSession vi);
  // Leaves exactly one completion in the queue and returns its job's number. Seen by
  // VI_SUCCESS_QUEUE_NEMPTY, the one sign that something is queued; NotShown when it never comes.
  ViJobId leave_one_queued(ViSession vi);

 private:
  Check& check_;
  const VisaApi& visa_;
};

// A call of the recording handler.
struct HandlerCall {
  ViSession vi = VI_NULL;
  ViEventType type = 0;
  ViEvent context = VI_NULL;
  ViAddr user = nullptr;
  ViStatus type_status = VI_ERROR_SYSTEM_ERROR;  // of reading VI_ATTR_EVENT_TYPE inside
  ViEventType type_inside = 0;
  ViJobId job = 0;            // 0 where the event has none
  ViStatus event_status = 0;  // VI_ATTR_STATUS
  std::string operation;      // VI_ATTR_OPER_NAME
  std::thread::id thread;
};

class Recorder {
 public:
  void note(HandlerCall call);
  // Waits until `count` calls were recorded, 5 s at most; all calls so far.
  std::vector<HandlerCall> wait_for(std::size_t count);
  std::vector<HandlerCall> so_far();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<HandlerCall> calls_;
};

Recorder& recorder();
// What the recording handlers call the library by. Set before one is installed.
void record_with(const VisaApi& visa);

// Records and goes on; records and ends the chain.
ViStatus _VI_FUNCH recording_handler(ViSession vi, ViEventType type, ViEvent context, ViAddr user);
ViStatus _VI_FUNCH ending_handler(ViSession vi, ViEventType type, ViEvent context, ViAddr user);

}  // namespace visa::rules
