// SPDX-License-Identifier: MIT
// Descriptors are closed by the thread alone while it runs, and behind its end by who joined it:
// what poll looks at never disappears under it. `configuring_` serialises registering, with the
// start and the end of the thread inside; `mutex_` guards the list and is held for moments only,
// never while a sink is called. Order: configuring_, then mutex_.
#include "drivers/vxi11/interrupt_service.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <new>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "drivers/vxi11/interrupt_callers.h"
#include "drivers/vxi11/interrupt_listeners.h"
#include "drivers/vxi11/interrupt_message.h"
#include "lib/base/cancel_shield.h"
#include "lib/base/child_closed_fd.h"
#include "lib/base/fork_stamp.h"
#include "lib/base/quiet_thread.h"
#include "lib/base/thread_annotations.h"

namespace visa::drivers::vxi11 {
namespace {

/// How long after create_intr_chan a caller is still taken for the one that was expected: this
/// thread may see it later than the instrument's answer is read.
constexpr std::chrono::seconds kExpectedAfter{5};

/// Without memory or descriptors: the next turn may find some, and must not come at once.
constexpr std::chrono::milliseconds kPause{20};

class Service;

class Place final : public InterruptPlace {
 public:
  Place(Service& service, std::uint32_t peer, bool acknowledge, spi::EventSink& sink)
      : service_(service), peer_(peer), acknowledge_(acknowledge), sink_(sink) {}
  ~Place() override;

  /// False: the system has no random numbers.
  bool draw_handle() noexcept {
    return ::getrandom(handle_.data(), handle_.size(), 0) == static_cast<ssize_t>(handle_.size());
  }

  const Handle& handle() const noexcept override { return handle_; }
  std::uint32_t address() const noexcept override { return address_; }
  std::uint16_t port() const noexcept override { return port_; }

 private:
  friend class Service;

  Service& service_;
  const std::uint32_t peer_;
  const bool acknowledge_;
  spi::EventSink& sink_;
  Handle handle_{};
  std::uint32_t address_ = 0;
  std::uint16_t port_ = 0;
  bool registered_ = false;
  bool posting_ = false;  // under Service::mutex_
};

class Service {
 public:
  explicit Service(std::uint32_t process) : stamp(process) {}

  Status add(Place& place, const Endpoint& local, Call& call) VISA_EXCLUDES(configuring_, mutex_);
  void remove(Place& place) VISA_EXCLUDES(configuring_, mutex_);
  void expect(bool begins) VISA_EXCLUDES(mutex_);

  const std::uint32_t stamp;
  Service* parent = nullptr;  // the one before the fork: unusable here, kept because never freed

 private:
  Status listen(Place& place, const Endpoint& local, Call& call) VISA_REQUIRES(mutex_);
  Status start(Call& call) VISA_REQUIRES(configuring_) VISA_EXCLUDES(mutex_);
  void stop() VISA_REQUIRES(configuring_) VISA_EXCLUDES(mutex_);
  void poke() noexcept;
  bool wanted(std::uint32_t local) const VISA_REQUIRES(mutex_);
  bool wanted(const InterruptCaller& caller) const VISA_REQUIRES(mutex_);
  bool expected(std::uint32_t peer) const VISA_REQUIRES(mutex_);
  void run() VISA_EXCLUDES(mutex_);
  void turn() VISA_EXCLUDES(mutex_);
  void prune() VISA_EXCLUDES(mutex_);
  void accept_from(int listener) VISA_EXCLUDES(mutex_);
  bool serve(InterruptCaller& caller) VISA_EXCLUDES(mutex_);
  Place* begin_posting(const ServiceRequest& request) VISA_EXCLUDES(mutex_);
  bool deliver(InterruptCaller& caller, const ServiceRequest& request) VISA_EXCLUDES(mutex_);

  Mutex configuring_;
  std::thread thread_ VISA_GUARDED_BY(configuring_);
  ChildClosedFd event_ VISA_GUARDED_BY(configuring_);
  std::atomic<int> event_fd_{-1};
  std::atomic<bool> stopping_{false};

  Mutex mutex_;
  std::condition_variable posted_;
  std::vector<Place*> places_ VISA_GUARDED_BY(mutex_);
  InterruptListeners listeners_ VISA_GUARDED_BY(mutex_);

  unsigned expecting_ VISA_GUARDED_BY(mutex_) = 0;
  Deadline expected_until_ VISA_GUARDED_BY(mutex_) = Deadline::immediate();

  InterruptCallers callers_;  // of the thread alone
};

Service& service() {
  static std::atomic<Service*> current{nullptr};
  const std::uint32_t stamp = fork_stamp();
  Service* known = current.load(std::memory_order_acquire);
  if (known != nullptr && known->stamp == stamp) return *known;
  auto fresh = std::make_unique<Service>(stamp);
  fresh->parent = known;
  if (current.compare_exchange_strong(known, fresh.get(), std::memory_order_acq_rel)) {
    return *fresh.release();
  }
  return *known;
}

Status no_resources(Call& call) {
  return call.fail(Status::error_alloc,
                   "no socket or thread for service requests; are too many files open?");
}

Status Service::listen(Place& place, const Endpoint& local, Call& call) {
  const auto port = listeners_.open(local);
  if (!port) return no_resources(call);
  place.address_ = ipv4_of(local);
  place.port_ = *port;
  return Status::success;
}

Status Service::start(Call& call) {
  if (thread_.joinable()) return Status::success;
  event_ = ChildClosedFd::made_by([] { return ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); });
  if (!event_) return no_resources(call);
  event_fd_.store(event_.get());
  stopping_.store(false);
  try {
    thread_ = start_quiet_thread([this] { run(); });
  } catch (const std::system_error&) {
    return no_resources(call);
  }
  return Status::success;
}

void Service::stop() {
  if (thread_.joinable()) {
    stopping_.store(true);
    poke();
    thread_.join();
  }
  event_fd_.store(-1);
  event_.reset();
  callers_.all().clear();
  const MutexLock lock(mutex_);
  listeners_.close_all();
}

void Service::poke() noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto size = ::write(event_fd_.load(), &one, sizeof one);
}

Status Service::add(Place& place, const Endpoint& local, Call& call) {
  const CancelShield shield;
  const MutexLock configuring(configuring_);
  bool first = false;
  {
    const MutexLock lock(mutex_);
    if (const Status status = listen(place, local, call); failed(status)) return status;
    first = places_.empty();
    places_.push_back(&place);
  }
  const Status started = start(call);
  if (failed(started)) {
    const MutexLock lock(mutex_);
    std::erase(places_, &place);
    if (first) listeners_.close_all();
    return started;
  }
  place.registered_ = true;
  poke();
  return Status::success;
}

void Service::remove(Place& place) {
  const CancelShield shield;
  const MutexLock configuring(configuring_);
  bool last = false;
  {
    MutexLock lock(mutex_);
    std::erase(places_, &place);
    while (place.posting_) lock.wait(posted_);
    last = places_.empty();
  }
  if (last) {
    stop();
  } else {
    poke();
  }
}

bool Service::wanted(std::uint32_t local) const {
  return std::any_of(places_.begin(), places_.end(),
                     [&](const Place* place) { return place->address_ == local; });
}

/// A proven caller goes with its session, the others with the last session at their address.
bool Service::wanted(const InterruptCaller& caller) const {
  if (!caller.proven()) return wanted(caller.local);
  return std::find(places_.begin(), places_.end(), caller.owner) != places_.end();
}

bool Service::expected(std::uint32_t peer) const {
  return expecting_ > 0 || !expected_until_.expired() ||
         std::any_of(places_.begin(), places_.end(),
                     [&](const Place* place) { return place->peer_ == peer; });
}

void Service::expect(bool begins) {
  const MutexLock lock(mutex_);
  begins ? ++expecting_ : --expecting_;
  expected_until_ = Deadline::after(kExpectedAfter);
}

void Service::run() {
  while (!stopping_.load()) {
    try {
      turn();
    } catch (const std::bad_alloc&) {  // the host must not end of it
      std::this_thread::sleep_for(kPause);
    }
  }
}

void Service::turn() {
  prune();
  std::vector<pollfd> watched{{event_fd_.load(), POLLIN, 0}};
  std::vector<InterruptCaller>& callers = callers_.all();
  for (const InterruptCaller& one : callers) watched.push_back({one.socket.get(), POLLIN, 0});
  const std::size_t first_listener = watched.size();
  {
    const MutexLock lock(mutex_);
    listeners_.watch(watched);
  }
  const int ready = ::poll(watched.data(), watched.size(), callers_.next_end().poll_milliseconds());
  if (ready <= 0) {
    if (ready < 0 && errno != EINTR) std::this_thread::sleep_for(kPause);
    return;
  }
  std::uint64_t drained = 0;
  if (watched[0].revents != 0) {
    [[maybe_unused]] const auto size = ::read(watched[0].fd, &drained, sizeof drained);
  }
  for (std::size_t i = 1; i < first_listener; ++i) {
    InterruptCaller& one = callers[i - 1];
    if (watched[i].revents != 0 && one.socket && !serve(one)) one.socket.reset();
  }
  for (std::size_t i = first_listener; i < watched.size(); ++i) {
    if (watched[i].revents != 0) accept_from(watched[i].fd);
  }
}

/// Ends what no session needs any more.
void Service::prune() {
  callers_.tidy(Deadline::Clock::now());
  const MutexLock lock(mutex_);
  listeners_.close_unless([&](std::uint32_t address)
                              VISA_NO_THREAD_SAFETY_ANALYSIS { return wanted(address); });
  std::erase_if(callers_.all(), [&](const InterruptCaller& one)
                                    VISA_NO_THREAD_SAFETY_ANALYSIS { return !wanted(one); });
}

void Service::accept_from(int listener) {
  sockaddr_in peer{};
  sockaddr_in local{};
  socklen_t size = sizeof peer;
  InterruptCaller caller;
  caller.socket = ChildClosedFd::made_by([&] {
    return ::accept4(listener, reinterpret_cast<sockaddr*>(&peer), &size,
                     SOCK_CLOEXEC | SOCK_NONBLOCK);
  });
  // The connection stays in the queue, and poll would name it again at once.
  if (!caller.socket && (errno == EMFILE || errno == ENFILE)) std::this_thread::sleep_for(kPause);
  size = sizeof local;
  if (!caller.socket ||
      ::getsockname(caller.socket.get(), reinterpret_cast<sockaddr*>(&local), &size) != 0) {
    return;
  }
  caller.peer = ntohl(peer.sin_addr.s_addr);
  caller.local = ntohl(local.sin_addr.s_addr);
  caller.since = Deadline::at(Deadline::Clock::now());
  std::size_t sessions = 0;
  {
    const MutexLock lock(mutex_);
    caller.expected = expected(caller.peer);
    sessions = places_.size();
  }
  callers_.tidy(caller.since.time_point());
  callers_.admit(std::move(caller), sessions);
}

/// False when the connection is over.
bool Service::serve(InterruptCaller& caller) {
  std::array<std::byte, 1024> data;
  const ssize_t got = ::recv(caller.socket.get(), data.data(), data.size(), 0);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  if (got == 0) return false;
  try {
    bool stays =
        caller.messages.add(std::span<const std::byte>(data).first(static_cast<std::size_t>(got)));
    while (const auto request = caller.messages.next()) stays = deliver(caller, *request) && stays;
    return stays;
  } catch (const std::exception&) {  // no memory: this request is lost, not the thread
    return true;
  }
}

/// Whose handle that is; nobody's: null. The place stays until posting_ is false again.
Place* Service::begin_posting(const ServiceRequest& request) {
  const MutexLock lock(mutex_);
  const auto found = std::find_if(places_.begin(), places_.end(), [&](const Place* place) {
    return request.carries(place->handle_);
  });
  if (found == places_.end()) return nullptr;
  (*found)->posting_ = true;
  return *found;
}

/// False where the caller has to go.
bool Service::deliver(InterruptCaller& caller, const ServiceRequest& request) {
  Place* const place = begin_posting(request);
  if (place == nullptr) return InterruptCallers::doubt(caller);
  callers_.prove(caller, place);
  struct Posting {  // undone where there is no memory for the event, too
    Service& service;
    Place& place;
    ~Posting() {
      const MutexLock lock(service.mutex_);
      place.posting_ = false;
      service.posted_.notify_all();
    }
  } const posting{*this, *place};
  if (place->acknowledge_) {
    const auto reply = acknowledgement(request);
    ::send(caller.socket.get(), reply.data(), reply.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  }
  place->sink_.post({VI_EVENT_SERVICE_REQ, {}});
  return true;
}

Place::~Place() {
  // A child of fork has neither the thread nor a usable mutex of its parent's service.
  if (registered_ && service_.stamp == fork_stamp()) service_.remove(*this);
}

}  // namespace

ExpectInterrupts::ExpectInterrupts() {
  service().expect(true);
}

ExpectInterrupts::~ExpectInterrupts() {
  service().expect(false);
}

Result<std::unique_ptr<InterruptPlace>> register_interrupts(const Endpoint& local,
                                                            const Endpoint& peer, bool acknowledge,
                                                            spi::EventSink& sink, Call& call) {
  if (local.family() != AF_INET || peer.family() != AF_INET) {
    return call.fail(Status::error_nsup_mech,
                     "VXI-11 knows service requests over IPv4 only; open the instrument by its "
                     "IPv4 address");
  }
  Service& here = service();
  auto place = std::make_unique<Place>(here, ipv4_of(peer), acknowledge, sink);
  if (!place->draw_handle()) {
    return call.fail(Status::error_system_error, "the system has no random numbers");
  }
  if (const Status status = here.add(*place, local, call); failed(status)) return status;
  return std::unique_ptr<InterruptPlace>(std::move(place));
}

}  // namespace visa::drivers::vxi11
