// SPDX-License-Identifier: MIT
// The gates in the order of gpib_common: the board is online for good, so the mutex is the first.
#include "tools/sim/gpib/kernel_board.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>
#include <vector>

#include "tools/sim/gpib/gpib_faults.h"
#include "tools/sim/gpib/gpib_reply.h"

namespace visa::sim {
namespace {

namespace kernel = gpib_kernel;
using std::chrono::microseconds;

template <class T>
T as(const std::string& argument) {
  T value{};
  std::memcpy(&value, argument.data(), std::min(argument.size(), sizeof value));
  return value;
}

template <class T>
void put(const T& value, std::string& argument) {
  argument.assign(reinterpret_cast<const char*>(&value), sizeof value);
}

}  // namespace

KernelBoard::KernelBoard(EventLoop& loop, GpibBus& bus) : loop_(loop), stations_(bus), bus_(bus) {
  stations_.set_watcher(this);
  loop_.add_timer(*this);
}

KernelBoard::~KernelBoard() {
  loop_.remove_timer(*this);
  stations_.set_watcher(nullptr);
}

void KernelBoard::request(KernelFile& file, unsigned long number, std::string argument,
                          std::string data) {
  if (number == kernel::kMutex) return lock(file, argument);
  if (number == kernel::kWait) return wait_for(file, std::move(argument));
  if (ungated(file, number, argument)) return;
  if (holder_ != &file) {
    ++refused_;
    return file.answer(EPERM, argument, {});
  }
  gated(file, number, argument, data);
}

void KernelBoard::close(KernelFile& file) {
  std::erase(queue_, &file);
  waiting_.remove_if([&file](const Waiting& one) { return one.file == &file; });
  if (holder_ != &file) return;
  holder_ = nullptr;
  hand_on();
}

void KernelBoard::lock(KernelFile& file, const std::string& argument) {
  const bool on = as<std::int32_t>(argument) != 0;
  if (on) {
    queue_.push_back(&file);
    return hand_on();
  }
  if (holder_ != &file) {
    ++refused_;
    return file.answer(EPERM, argument, {});
  }
  holder_ = nullptr;
  file.answer(0, argument, {});
  hand_on();
}

/// The mutex goes to those that want it in the order in which they asked.
void KernelBoard::hand_on() {
  if (holder_ != nullptr || queue_.empty()) return;
  holder_ = queue_.front();
  queue_.pop_front();
  std::string argument;
  put(std::int32_t{1}, argument);
  holder_->answer(0, argument, {});
}

bool KernelBoard::ungated(KernelFile& file, unsigned long number, std::string& argument) {
  int error = 0;
  switch (number) {
    case kernel::kInfo:
      put(kernel::Info{}, argument);
      break;
    case kernel::kPrimary:
    case kernel::kSecondary:
      error = EINVAL;  // the bench's board stays at 0
      break;
    case kernel::kLines:
      put(lines(), argument);
      break;
    case kernel::kEvent:
      put(std::int16_t{0}, argument);
      break;
    case kernel::kPollBytes:
      break;  // nothing is polled by itself
    default:
      return false;
  }
  file.answer(error, argument, {});
  return true;
}

void KernelBoard::gated(KernelFile& file, unsigned long number, std::string& argument,
                        std::string& data) {
  switch (number) {
    case kernel::kCommand:
      return command(file, argument, data);
    case kernel::kWrite:
      return write(file, argument, data);
    case kernel::kRead:
      bus_.standby();
      return block({&file, number, std::move(argument), {}, timer(), bus_.talker()});
    case kernel::kPoll:
      return poll(file, argument);
    default:
      return file.answer(set(number, argument), argument, {});
  }
}

/// What is done at once and answers nothing but its error.
int KernelBoard::set(unsigned long number, const std::string& argument) {
  switch (number) {
    case kernel::kTimeout:
      timeout_ = as<std::uint32_t>(argument);
      return 0;
    case kernel::kEndOfString: {
      const auto end = as<kernel::EndOfString>(argument);
      stop_.reset();
      if ((end.flags & kernel::kEndReads) != 0) stop_ = static_cast<char>(end.character);
      return 0;
    }
    case kernel::kInterfaceClear:
      ++interface_clears_;
      bus_.interface_clear();
      return 0;
    case kernel::kRemoteEnable:
      ren_ = as<std::int32_t>(argument) != 0;
      return 0;
    case kernel::kStandby:
      bus_.standby();
      return 0;
    case kernel::kTakeControl:
      bus_.take_control();
      return 0;
    case kernel::kStatusByte:
      return EINVAL;  // it is in charge
    default:
      ++refused_;
      return ENOTTY;
  }
}

void KernelBoard::command(KernelFile& file, std::string& argument, const std::string& data) {
  auto transfer = as<kernel::Transfer>(argument);
  unterminated_ = false;
  if (!bus_.command(data)) return file.answer(ENOTCONN, argument, {});
  transfer.completed = transfer.requested;
  transfer.end = 0;
  put(transfer, argument);
  file.answer(0, argument, {});
}

void KernelBoard::write(KernelFile& file, std::string& argument, const std::string& data) {
  auto transfer = as<kernel::Transfer>(argument);
  bus_.standby();
  std::vector<GpibStation*> listeners;
  for (GpibStation* const one : bus_.listeners()) {
    const Fault* const fault = meet_gpib_fault(one, FaultPoint::call, kGpibWrite);
    if (fault != nullptr && fault->kind == &kGpibStuckFault) {
      return block({&file, kernel::kWrite, std::move(argument), {}, timer()});
    }
    if (fault == nullptr || fault->kind != &kGpibAbsentFault) listeners.push_back(one);
  }
  if (listeners.empty()) return file.answer(ECOMM, argument, {});
  for (GpibStation* const one : listeners) {
    if (one->link().logged()) one->link().log("in", data);
    one->link().receive(data, transfer.end != 0);
  }
  transfer.completed = transfer.requested;
  put(transfer, argument);
  file.answer(0, argument, {});
}

void KernelBoard::poll(KernelFile& file, std::string& argument) {
  auto poll = as<kernel::Poll>(argument);
  GpibPlace place{static_cast<std::uint8_t>(poll.primary)};
  if (poll.secondary >= 0) place.secondary = static_cast<std::uint8_t>(poll.secondary);
  GpibStation* const device = bus_.poll(place);
  if (device == nullptr) {
    return block({&file, kernel::kPoll, std::move(argument), {}, timer()});
  }
  poll.status = device->link().serial_poll();
  put(poll, argument);
  file.answer(0, argument, {});
}

void KernelBoard::wait_for(KernelFile& file, std::string argument) {
  const auto wait = as<kernel::Wait>(argument);
  Waiting waiting{&file, kernel::kWait, std::move(argument)};
  const bool timed = (wait.mask & kernel::kTimedOut) != 0 && wait.microseconds != 0;
  if (wait.mask == 0) waiting.until = Clock::time_point::min();
  if (timed) waiting.until = Clock::now() + microseconds(wait.microseconds);
  block(std::move(waiting));
}

std::optional<Clock::time_point> KernelBoard::timer() const {
  if (timeout_ == 0) return std::nullopt;
  return Clock::now() + microseconds(timeout_);
}

void KernelBoard::block(Waiting waiting) {
  if (!go_on(waiting, Clock::now())) waiting_.push_back(std::move(waiting));
}

std::optional<Clock::time_point> KernelBoard::due() const {
  if (changed_) return Clock::now();
  std::optional<Clock::time_point> earliest;
  for (const Waiting& one : waiting_) {
    if (one.until && (!earliest || *one.until < *earliest)) earliest = one.until;
  }
  return earliest;
}

void KernelBoard::on_due(Clock::time_point now) {
  changed_ = false;
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    at = go_on(*at, now) ? waiting_.erase(at) : std::next(at);
  }
}

bool KernelBoard::go_on(Waiting& waiting, Clock::time_point now) {
  const bool late = waiting.until && *waiting.until <= now;
  if (waiting.number == kernel::kRead) return read_on(waiting, now);
  if (waiting.number != kernel::kWait) {
    if (late) waiting.file->answer(ETIMEDOUT, waiting.argument, {});
    return late;
  }
  auto wait = as<kernel::Wait>(waiting.argument);
  wait.status = status();
  const bool there = (wait.status & wait.mask) != 0;
  if (!there && !late) return false;
  if (!there && wait.mask != 0) wait.status |= kernel::kTimedOut;
  put(wait, waiting.argument);
  waiting.file->answer(0, waiting.argument, {});
  return true;
}

bool KernelBoard::read_on(Waiting& waiting, Clock::time_point now) {
  auto transfer = as<kernel::Transfer>(waiting.argument);
  const std::size_t wanted = transfer.requested - transfer.completed;
  GpibStation* const talker = waiting.talker;
  bool end = false;
  while (talker != nullptr && !end && waiting.data.size() < wanted &&
         talker->link().message_available()) {
    Link& link = talker->link();
    std::size_t most = wanted - waiting.data.size();
    if (link.endless()) link.refill(most);
    const auto mark = stop_ ? link.output().find(*stop_, most) : std::nullopt;
    if (mark) most = *mark;
    const auto part = link.read(most);
    if (part.bytes.empty() && !part.end) break;
    if (link.logged()) link.log("out", part.bytes);
    waiting.data += part.bytes;
    end = part.end || (stop_ && !part.bytes.empty() && part.bytes.back() == *stop_);
  }
  const bool late = waiting.until && *waiting.until <= now;
  if (!end && waiting.data.size() < wanted && !late) return false;
  const bool done = end || waiting.data.size() == wanted;
  if (!done && talker != nullptr && waiting.data.empty() && !talker->link().holding() &&
      !std::exchange(unterminated_, true)) {
    talker->link().read(0);
  }
  transfer.completed += static_cast<std::uint32_t>(waiting.data.size());
  transfer.end = end ? 1 : 0;
  put(transfer, waiting.argument);
  waiting.file->answer(done ? 0 : ETIMEDOUT, waiting.argument, waiting.data);
  return true;
}

std::int32_t KernelBoard::status() const {
  std::int32_t bits = kernel::kComplete | kernel::kInCharge;
  if (bus_.srq()) bits |= kernel::kServiceLine;
  if (ren_) bits |= kernel::kRemote;
  if (bus_.atn()) bits |= kernel::kAttention;
  if (bus_.board_talks()) bits |= kernel::kTalks;
  if (bus_.board_listens()) bits |= kernel::kListens;
  return bits;
}

std::int16_t KernelBoard::lines() {
  unsigned levels = 0;
  if (ren_) levels |= kernel::kRen;
  if (bus_.srq()) levels |= kernel::kSrq;
  if (bus_.atn()) levels |= kernel::kAtn;
  if (bus_.ndac()) levels |= kernel::kNdac;
  return static_cast<std::int16_t>(kernel::kAllLines | levels << 8U);
}

}  // namespace visa::sim
