// SPDX-License-Identifier: MIT
// Invariant: a sink is in posting_ from before it is posted to until after, so that unsubscribe can
// wait for it. SRQ is a level: while it stays asserted although no enabled device asks (a device
// that no session has opened holds it), the thread looks less and less often.
#include "drivers/gpib/service_watch.h"

#include <algorithm>
#include <array>
#include <string>
#include <system_error>
#include <utility>

#include "lib/base/cancel_shield.h"
#include "lib/base/quiet_thread.h"
#include "lib/base/run_guarded.h"

namespace visa::drivers::gpib {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

/// Bit 6 of a polled status byte: this device requested service (IEEE 488.1).
constexpr std::uint8_t kRqs = 0x40;
/// Requests of one session that it has not read the status byte of; the oldest go.
constexpr std::size_t kMostKept = 16;
/// Between two questions for SRQ, where the adapter has to be asked.
constexpr milliseconds kLook{50};
/// The longest pause while nobody answers to SRQ.
constexpr milliseconds kLongestPause{500};
constexpr milliseconds kWait{1000};
/// A device that answers does so far sooner; one that did not gets less time.
constexpr milliseconds kPoll{1000};
constexpr milliseconds kPollOfSilent{100};
/// An adapter that does not answer must not keep the sessions from the bus.
constexpr milliseconds kAnswer{1000};
/// The bus may be in a long transfer.
constexpr milliseconds kBusWait{60000};

struct BoardEvent {
  BusEvents event;
  ViEventType type;
};
constexpr std::array<BoardEvent, 6> kBoardEvents{{{BusEvents::service, VI_EVENT_SERVICE_REQ},
                                                  {BusEvents::controller, VI_EVENT_GPIB_CIC},
                                                  {BusEvents::talk, VI_EVENT_GPIB_TALK},
                                                  {BusEvents::listen, VI_EVENT_GPIB_LISTEN},
                                                  {BusEvents::clear, VI_EVENT_CLEAR},
                                                  {BusEvents::trigger, VI_EVENT_TRIG}}};

BusEvents event_of(ViEventType type) noexcept {
  for (const BoardEvent& one : kBoardEvents) {
    if (one.type == type) return one.event;
  }
  return BusEvents::none;
}

}  // namespace

struct ServiceWatch::Posting {
  explicit Posting(ServiceWatch& of) : owner(of) {}
  Posting(const Posting&) = delete;
  Posting& operator=(const Posting&) = delete;
  ~Posting() {
    const MutexLock lock(owner.mutex_);
    for (const auto* one : sinks) owner.posting_.erase(owner.posting_.find(one));
    owner.changed_.notify_all();
  }
  void post(const spi::EventRecord& record) const {
    for (auto* one : sinks) one->post(record);
  }
  ServiceWatch& owner;
  std::vector<spi::EventSink*> sinks = {};
};

/// While the thread waits, subscribe can end the wait.
struct ServiceWatch::Waiting {
  Waiting(ServiceWatch& of, Call& call) : owner(of) {
    const MutexLock lock(owner.mutex_);
    owner.waiting_ = &call;
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  ~Waiting() {
    const MutexLock lock(owner.mutex_);
    owner.waiting_ = nullptr;
  }
  ServiceWatch& owner;
};

/// Whether the adapter reports such events.
Status ServiceWatch::check(ViEventType type, Call& call) {
  Controller& controller = bus_.controller();
  BusEvents known = controller.awaitable();
  if (controller.tells_service()) known = known | BusEvents::service;
  if (!any(known & event_of(type))) {
    return call.fail(Status::error_inv_event,
                     controller.name() + ": the adapter does not report such events");
  }
  if (event_of(type) != BusEvents::service || !controller.may_lack_service()) {
    return Status::success;
  }
  Call part(call, std::min(call.deadline, Deadline::after(kAnswer)));
  const Status found = bus_.inside(part, [&] { return controller.find_service(part); });
  return found == Status::error_nsup_mech ? call.fail(found, part.detail) : Status::success;
}

Status ServiceWatch::subscribe(ViEventType type, spi::EventSink& sink,
                               std::optional<Address> device, Call& call) {
  if (const Status known = check(type, call); failed(known)) return known;
  MutexLock lock(mutex_);
  // Two threads would share what belongs to the one.
  while (ending_) lock.wait(changed_);
  subscriptions_.push_back({type, &sink, device});
  if (worker_ == nullptr) {
    if (const Status started = start(call); failed(started)) {
      subscriptions_.pop_back();
      return started;
    }
  }
  changed_.notify_all();
  if (waiting_ != nullptr) {  // it waits for too little now
    waiting_->cancel();
    bus_.controller().wake();
  }
  return Status::success;
}

Status ServiceWatch::start(Call& call) {
  auto worker = std::make_unique<Worker>();
  try {
    worker->thread = start_quiet_thread([this, self = worker.get()] {
      // Without memory there are no more events.
      run_guarded([&] { run(*self); }, [](Thrown) {});
    });
  } catch (const std::system_error&) {
    return call.fail(Status::error_alloc,
                     bus_.controller().name() + ": the system cannot start a thread");
  }
  worker_ = std::move(worker);
  return Status::success;
}

Status ServiceWatch::unsubscribe(ViEventType type, const spi::EventSink& sink) {
  const CancelShield shield;  // the sink must not be posted to after this; join is cancellable
  std::unique_ptr<Worker> ended;
  {
    MutexLock lock(mutex_);
    const auto at =
        std::find_if(subscriptions_.begin(), subscriptions_.end(),
                     [&](const auto& one) { return one.type == type && one.sink == &sink; });
    if (at == subscriptions_.end()) return Status::error_inv_event;
    subscriptions_.erase(at);
    while (posting_.contains(&sink)) lock.wait(changed_);
    if (subscriptions_.empty()) ended = std::move(worker_);
    if (ended != nullptr) {
      ended->call.cancel();
      ending_ = true;
    }
    changed_.notify_all();
  }
  if (ended == nullptr) return Status::success;
  bus_.wake();
  ended->thread.join();
  const MutexLock lock(mutex_);
  ending_ = false;
  changed_.notify_all();
  return Status::success;
}

std::optional<std::uint8_t> ServiceWatch::take_kept(const spi::EventSink& sink) {
  const MutexLock lock(mutex_);
  for (Subscription& one : subscriptions_) {
    if (one.sink != &sink || one.kept.empty()) continue;
    const std::uint8_t status = one.kept.front();
    one.kept.pop_front();
    return status;
  }
  return std::nullopt;
}

void ServiceWatch::drop_kept(const Address& device) {
  const MutexLock lock(mutex_);
  for (Subscription& one : subscriptions_) {
    if (one.device == device) one.kept.clear();
  }
}

void ServiceWatch::note_poll(const Address& device, std::uint8_t status, const spi::EventSink* by) {
  if ((status & kRqs) != 0) announce(device, status, by);
}

/// Each session of the device gets the request, and all but the one that polled keep the byte.
void ServiceWatch::announce(const Address& device, std::uint8_t status, const spi::EventSink* by) {
  Posting posting(*this);
  {
    const MutexLock lock(mutex_);
    posting.sinks.reserve(subscriptions_.size());  // an insertion is always followed by its note
    for (Subscription& one : subscriptions_) {
      if (one.device != device) continue;
      posting_.insert(one.sink);
      posting.sinks.push_back(one.sink);
      if (one.sink == by) continue;
      if (one.kept.size() == kMostKept) one.kept.pop_front();
      one.kept.push_back(status);
    }
  }
  posting.post({.type = VI_EVENT_SERVICE_REQ});
}

void ServiceWatch::announce_board(ViEventType type, Worker& worker) {
  spi::EventRecord record{.type = type};
  if (type == VI_EVENT_GPIB_CIC) {
    Call call(worker.call, Deadline::after(kBusWait));
    const auto state = bus_.inside(call, [&] {
      call.deadline = Deadline::after(kAnswer);
      return bus_.controller().state(call);
    });
    const bool in_charge = state && state->controller_in_charge == State::asserted;
    record.attributes = {
        {VI_ATTR_GPIB_RECV_CIC_STATE, model::AttributeValue(std::uint64_t{in_charge ? 1U : 0U})}};
  }
  Posting posting(*this);
  {
    const MutexLock lock(mutex_);
    posting.sinks.reserve(subscriptions_.size());
    for (const Subscription& one : subscriptions_) {
      if (one.type != type || one.device) continue;
      posting_.insert(one.sink);
      posting.sinks.push_back(one.sink);
    }
  }
  posting.post(record);
}

BusEvents ServiceWatch::wanted() {
  const MutexLock lock(mutex_);
  BusEvents events = BusEvents::none;
  for (const Subscription& one : subscriptions_) events = events | event_of(one.type);
  return events;
}

void ServiceWatch::pause(const Worker& worker, milliseconds time) {
  const Deadline until = Deadline::after(time);
  MutexLock lock(mutex_);
  while (!worker.call.cancelled() && !until.expired()) {
    lock.wait_until(changed_, until.time_point());
  }
}

/// What is there, or none after a while.
BusEvents ServiceWatch::look(Worker& worker) {
  Controller& controller = bus_.controller();
  const BusEvents wants = wanted();
  const BusEvents awaited = wants & controller.awaitable();
  const bool asks = any(wants & BusEvents::service) && !any(awaited & BusEvents::service);
  BusEvents seen = BusEvents::none;
  if (any(awaited)) {
    Call call(worker.call, Deadline::after(asks ? kLook : kWait));
    const Waiting waiting(*this, call);
    const auto events = controller.wait_events(awaited, call);
    if (events) seen = *events;
    // A failure must not make the thread spin.
    if (!events && events.status() != Status::error_tmo && !call.cancelled()) {
      pause(worker, kLook);
    }
  } else {
    pause(worker, kLook);
  }
  if (!asks || worker.call.cancelled()) return seen;
  Call call(worker.call, Deadline::after(kBusWait));
  const auto service = bus_.inside(call, [&] {
    call.deadline = Deadline::after(kAnswer);
    return controller.service_requested(call);
  });
  return service && *service ? seen | BusEvents::service : seen;
}

void ServiceWatch::run(Worker& worker) {
  milliseconds rest{0};  // the pause while SRQ stays although nobody answers
  bool told = false;     // the board's sessions know of the present request
  while (!worker.call.cancelled() && !bus_.controller().gone()) {
    const BusEvents seen = look(worker);
    for (const BoardEvent& one : kBoardEvents) {
      if (one.event != BusEvents::service && any(seen & one.event)) {
        announce_board(one.type, worker);
      }
    }
    if (!any(seen & BusEvents::service)) {
      told = false;
      rest = milliseconds(0);
      continue;
    }
    if (!std::exchange(told, true)) announce_board(VI_EVENT_SERVICE_REQ, worker);
    if (serve(worker)) {
      told = false;
      rest = milliseconds(0);
    } else {
      rest = std::min(std::max(kLook, 2 * rest), kLongestPause);
      pause(worker, rest);
    }
  }
}

/// Those that answered last time first, so that a dead device does not delay the others.
std::vector<Address> ServiceWatch::to_poll() {
  std::vector<Address> devices;
  {
    const MutexLock lock(mutex_);
    for (const Subscription& one : subscriptions_) {
      if (one.type == VI_EVENT_SERVICE_REQ && one.device) devices.push_back(*one.device);
    }
  }
  std::sort(devices.begin(), devices.end());
  devices.erase(std::unique(devices.begin(), devices.end()), devices.end());
  std::erase_if(silent_, [&](const auto& one) {
    return !std::binary_search(devices.begin(), devices.end(), one.first);
  });
  std::stable_partition(devices.begin(), devices.end(),
                        [this](const Address& one) { return !silent_.contains(one); });
  return devices;
}

/// Polls each device once. True if one of them had requested service.
bool ServiceWatch::serve(Worker& worker) {
  bool answered = false;
  for (const Address& device : to_poll()) {
    if (worker.call.cancelled()) return answered;
    Call call(worker.call, Deadline::after(kBusWait));
    const auto status = bus_.inside(call, [&] {
      call.deadline = Deadline::after(silent_.contains(device) ? kPollOfSilent : kPoll);
      return bus_.controller().serial_poll(device, call);
    });
    if (!status) {
      if (status.status() == Status::error_tmo) ++silent_[device];
      continue;
    }
    silent_.erase(device);
    if ((*status & kRqs) == 0) continue;
    answered = true;
    announce(device, *status, nullptr);
  }
  return answered;
}

}  // namespace visa::drivers::gpib
