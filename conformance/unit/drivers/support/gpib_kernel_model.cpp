// SPDX-License-Identifier: MIT
// The gates in the order of gpib_common: board type, online, mutex.
#include "conformance/unit/drivers/support/gpib_kernel_model.h"

#include <algorithm>
#include <cerrno>

namespace visa::test {
namespace {

namespace kernel = drivers::gpib::kernel;

template <class T>
T& as(void* argument) {
  return *static_cast<T*>(argument);
}

}  // namespace

void GpibKernelModel::with(const std::function<void(GpibKernelModel&)>& use) {
  const std::lock_guard lock(mutex_);
  use(*this);
  changed_.notify_all();
}

std::vector<std::string> GpibKernelModel::diary() {
  const std::lock_guard lock(mutex_);
  return diary_;
}

std::vector<std::string> GpibKernelModel::violations() {
  const std::lock_guard lock(mutex_);
  return violations_;
}

void GpibKernelModel::fail_next(unsigned long number, int error, int count, std::uint32_t completed,
                                int after) {
  const std::lock_guard lock(mutex_);
  if (count > 0) {
    failures_[number] = {error, count, completed, after};
  } else {
    failures_.erase(number);
  }
}

void GpibKernelModel::note(std::string line) {
  diary_.push_back(std::move(line));
}

void GpibKernelModel::violate(const std::string& what) {
  violations_.push_back(what);
}

int GpibKernelModel::request(const Caller& caller, unsigned long number, void* argument,
                             std::byte* buffer) {
  Lock lock(mutex_);
  const auto failure = failures_.find(number);
  if (failure != failures_.end() && failure->second.after-- <= 0) {
    const Failure one = failure->second;
    if (--failure->second.count <= 0) failures_.erase(failure);
    note("fails " + std::to_string(one.error));
    const bool moves =
        number == kernel::kRead || number == kernel::kWrite || number == kernel::kCommand;
    if (moves && one.completed > 0) {
      auto& transfer = as<kernel::Transfer>(argument);
      kernel::Transfer part = transfer;
      part.requested = std::min(transfer.requested, transfer.completed + one.completed);
      const int moved = dispatch(lock, caller, number, &part, buffer);
      if (moved == 0) transfer.completed = part.completed;
    }
    return one.error;
  }
  const int error = dispatch(lock, caller, number, argument, buffer);
  changed_.notify_all();
  return error;
}

int GpibKernelModel::dispatch(Lock& lock, const Caller& caller, unsigned long number,
                              void* argument, std::byte* buffer) {
  if (!configured) return ENODEV;
  bool done = false;
  const int error = ungated(lock, caller, number, argument, done);
  if (done) return error;
  return with_mutex(lock, caller, number, argument, buffer);
}

int GpibKernelModel::ungated(Lock& lock, const Caller& caller, unsigned long number, void* argument,
                             bool& done) {
  done = true;
  switch (number) {
    case kernel::kMutex:
      return take_mutex(lock, caller, as<std::int32_t>(argument) != 0);
    case kernel::kInfo: {
      auto& info = as<kernel::BoardInfo>(argument);
      info = {own_primary, own_secondary, 0, automatic_polls, system_controller ? 1 : 0, 500, 0};
      return 0;
    }
    case kernel::kPrimary:
      own_primary = as<kernel::Primary>(argument).address;
      return 0;
    case kernel::kSecondary:
      own_secondary = as<kernel::Secondary>(argument).address;
      return 0;
    default:
      break;
  }
  if (!online) return EINVAL;
  switch (number) {
    case kernel::kWait:
      return wait(lock, caller, as<kernel::Wait>(argument));
    case kernel::kLines:
      as<std::int16_t>(argument) = lines();
      return 0;
    case kernel::kEvent: {
      auto& event = as<std::int16_t>(argument);
      event = events.empty() ? kernel::kNoEvent : events.front();
      if (!events.empty()) events.pop_front();
      return 0;
    }
    default:
      done = false;
      return 0;
  }
}

int GpibKernelModel::take_mutex(Lock& lock, const Caller& caller, bool on) {
  note(on ? "mutex 1" : "mutex 0");
  if (!on) {
    if (holder != caller.thread) {
      violate("the mutex is given back by a thread that does not have it");
      return EPERM;
    }
    holder = 0;
    return 0;
  }
  if (holder == caller.thread) violate("the mutex is taken twice");
  const std::uint64_t ticket = tickets_++;
  const int error = sleep(lock, caller, 0, [&] { return holder == 0 && served_ == ticket; });
  ++served_;
  if (error != 0) return error;
  holder = caller.thread;
  timeout_set_ = false;
  end_set_ = false;
  return 0;
}

int GpibKernelModel::with_mutex(Lock& lock, const Caller& caller, unsigned long number,
                                void* argument, std::byte* buffer) {
  if (holder != caller.thread) {
    violate("a request without the mutex");
    return EPERM;
  }
  switch (number) {
    case kernel::kTimeout:
      timeout_ = as<std::uint32_t>(argument);
      timeout_set_ = true;
      note("tmo " + std::to_string(timeout_));
      return 0;
    case kernel::kEndOfString: {
      const auto& end = as<kernel::EndOfString>(argument);
      termchar_.reset();
      if ((end.flags & kernel::kEndReads) != 0)
        termchar_ = static_cast<std::uint8_t>(end.character);
      end_set_ = true;
      note("eos");
      return 0;
    }
    case kernel::kCommand:
      return command(as<kernel::Transfer>(argument), buffer);
    case kernel::kWrite:
      return write(lock, caller, as<kernel::Transfer>(argument), buffer);
    case kernel::kRead:
      return read(lock, caller, as<kernel::Transfer>(argument), buffer);
    case kernel::kSerialPoll:
      return poll(lock, caller, as<kernel::SerialPoll>(argument));
    case kernel::kInterfaceClear:
      note("ifc");
      if (!system_controller) return EINVAL;
      ++interface_clears;
      listening_.clear();
      talker_.reset();
      own_listens_ = own_talks_ = false;
      in_charge = true;
      return 0;
    case kernel::kRemoteEnable:
      note("ren");
      if (!system_controller) return EINVAL;
      ren = as<std::int32_t>(argument) != 0;
      return 0;
    case kernel::kStandby:
    case kernel::kTakeControl:
      if (!in_charge) return EINVAL;
      atn = number == kernel::kTakeControl;
      note(atn ? "cac" : "gts");
      return 0;
    case kernel::kStatusByte:
      return in_charge ? EINVAL : 0;
    case kernel::kSystemControl:
      system_controller = as<std::int32_t>(argument) != 0;
      return 0;
    default:
      return ENOTTY;
  }
}

std::vector<ModelInstrument*> GpibKernelModel::listeners() {
  std::vector<ModelInstrument*> found;
  for (const Address& one : listening_) {
    const auto at = instruments.find(one);
    if (at != instruments.end()) found.push_back(&at->second);
  }
  return found;
}

bool GpibKernelModel::srq() const {
  return std::any_of(instruments.begin(), instruments.end(),
                     [](const auto& one) { return (one.second.status & 0x40U) != 0; });
}

std::int32_t GpibKernelModel::status() {
  std::int32_t bits = 0x0100;
  if (srq()) bits |= kernel::kServiceRequest;
  if (!events.empty()) bits |= kernel::kEventPending;
  if (in_charge) bits |= kernel::kControllerInCharge;
  if (atn) bits |= kernel::kAttention;
  if (own_talks_) bits |= kernel::kTalker;
  if (own_listens_) bits |= kernel::kListener;
  if (unplugged) bits |= -0x10000;
  return bits;
}

std::int16_t GpibKernelModel::lines() {
  unsigned levels = 0;
  if (ren) levels |= kernel::kRen;
  if (srq()) levels |= kernel::kSrq;
  if (atn) levels |= kernel::kAtn;
  if (!atn && !listeners().empty()) levels |= kernel::kNdac;
  return static_cast<std::int16_t>(readable_lines | ((levels & readable_lines) << 8U));
}

int GpibKernelModel::wait(Lock& lock, const Caller& caller, kernel::Wait& wait) {
  const auto ready = [&] { return (status() & wait.mask) != 0 || unplugged; };
  int error = 0;
  if (wait.mask != 0 && !ready()) {
    const bool timed = (wait.mask & kernel::kTimedOut) != 0;
    error = sleep(lock, caller, timed ? wait.microseconds : 0, ready);
  }
  wait.status = status();
  if (error == ETIMEDOUT) wait.status |= kernel::kTimedOut;
  return error == EINTR ? EINTR : 0;
}

}  // namespace visa::test
