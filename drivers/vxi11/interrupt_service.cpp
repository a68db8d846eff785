// SPDX-License-Identifier: MIT
// Invariant: no descriptor is closed while poll watches it. While the server thread runs, it alone
// closes descriptors; after it has ended, the thread that joined it does. `configuring_` serialises
// registering, including start and end of the server thread; `mutex_` guards the list of
// registrations and is held only briefly, never while a sink is called. Order: configuring_, then
// mutex_.
#include "drivers/vxi11/interrupt_service.h"

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
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "drivers/vxi11/interrupt_callers.h"
#include "drivers/vxi11/interrupt_listeners.h"
#include "drivers/vxi11/interrupt_message.h"
#include "lib/base/cancel_shield.h"
#include "lib/base/child_closed_fd.h"
#include "lib/base/process_local.h"
#include "lib/base/quiet_thread.h"
#include "lib/base/thread_annotations.h"

namespace visa::drivers::vxi11 {
namespace {

/// How long after create_intr_chan a new caller still counts as the expected one: the server thread
/// may see it only after the session has read the instrument's answer.
constexpr std::chrono::seconds kExpectedAfter{5};

/// The server thread pauses this long when memory or descriptors run out, then tries again.
constexpr std::chrono::milliseconds kPause{20};

class InterruptServer;

class Registration final : public InterruptRegistration {
 public:
  Registration(InterruptServer& server, std::uint32_t peer, bool acknowledge, spi::EventSink& sink)
      : server_(server), peer_(peer), acknowledge_(acknowledge), sink_(sink) {}
  ~Registration() override;

  /// False: the system has no random numbers.
  bool draw_handle() noexcept {
    return ::getrandom(handle_.data(), handle_.size(), 0) == static_cast<ssize_t>(handle_.size());
  }

  const Handle& handle() const noexcept override { return handle_; }

 private:
  friend class InterruptServer;

  InterruptServer& server_;
  const std::uint32_t peer_;
  const bool acknowledge_;
  spi::EventSink& sink_;
  Handle handle_{};
  bool registered_ = false;
  // Under InterruptServer::mutex_:
  std::uint32_t address_ = 0;  // where the server listens for it; 0: nowhere yet
  bool posting_ = false;
};

class InterruptServer {
 public:
  Status add(Registration& registration, Call& call) VISA_EXCLUDES(configuring_, mutex_);
  Result<InterruptHome> listen(const Handle& handle, const Endpoint& local, Call& call)
      VISA_EXCLUDES(configuring_, mutex_);
  void remove(Registration& registration) VISA_EXCLUDES(configuring_, mutex_);
  void expect(bool begins) VISA_EXCLUDES(mutex_);

 private:
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
  Registration* begin_posting(const ServiceRequest& request) VISA_EXCLUDES(mutex_);
  bool deliver(InterruptCaller& caller, const ServiceRequest& request) VISA_EXCLUDES(mutex_);

  Mutex configuring_;
  std::thread thread_ VISA_GUARDED_BY(configuring_);
  ChildClosedFd event_ VISA_GUARDED_BY(configuring_);
  std::atomic<int> event_fd_{-1};
  std::atomic<bool> stopping_{false};

  Mutex mutex_;
  std::condition_variable posted_;
  std::vector<Registration*> registrations_ VISA_GUARDED_BY(mutex_);
  InterruptListeners listeners_ VISA_GUARDED_BY(mutex_);

  unsigned expecting_ VISA_GUARDED_BY(mutex_) = 0;
  Deadline expected_until_ VISA_GUARDED_BY(mutex_) = Deadline::immediate();

  InterruptCallers callers_;  // used by the server thread alone while it runs
};

constinit ProcessLocal<InterruptServer> interrupt_server;

Status no_resources(Call& call) {
  return call.fail(Status::error_alloc,
                   "no socket or thread for service requests; are too many files open?");
}

Status InterruptServer::start(Call& call) {
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

void InterruptServer::stop() {
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

void InterruptServer::poke() noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto size = ::write(event_fd_.load(), &one, sizeof one);
}

Status InterruptServer::add(Registration& registration, Call& call) {
  const CancelShield shield;
  const MutexLock configuring(configuring_);
  {
    const MutexLock lock(mutex_);
    registrations_.push_back(&registration);
    registration.registered_ = true;  // from here on its destructor undoes everything
  }
  return start(call);
}

Result<InterruptHome> InterruptServer::listen(const Handle& handle, const Endpoint& local,
                                              Call& call) {
  const CancelShield shield;
  const MutexLock configuring(configuring_);
  std::optional<std::uint16_t> port;
  {
    const MutexLock lock(mutex_);
    const auto found =
        std::find_if(registrations_.begin(), registrations_.end(),
                     [&](const Registration* one) { return one->handle_ == handle; });
    if (found == registrations_.end()) {
      return call.fail(Status::error_system_error,
                       "service requests are not enabled any more; enable the event again");
    }
    port = listeners_.open(local);
    if (!port) return no_resources(call);
    (*found)->address_ = ipv4_of(local);
  }
  poke();  // the server thread polls a new listener, and closes one that nobody needs any more
  return InterruptHome{ipv4_of(local), *port};
}

void InterruptServer::remove(Registration& registration) {
  const CancelShield shield;
  const MutexLock configuring(configuring_);
  bool last = false;
  {
    MutexLock lock(mutex_);
    std::erase(registrations_, &registration);
    while (registration.posting_) lock.wait(posted_);
    last = registrations_.empty();
  }
  if (last) {
    stop();
  } else {
    poke();
  }
}

bool InterruptServer::wanted(std::uint32_t local) const {
  return std::any_of(
      registrations_.begin(), registrations_.end(),
      [&](const Registration* registration) { return registration->address_ == local; });
}

/// A proven caller is wanted as long as its session is registered, any other caller as long as some
/// session listens at the address it called.
bool InterruptServer::wanted(const InterruptCaller& caller) const {
  if (!caller.proven()) return wanted(caller.local);
  return std::find(registrations_.begin(), registrations_.end(), caller.owner) !=
         registrations_.end();
}

bool InterruptServer::expected(std::uint32_t peer) const {
  return expecting_ > 0 || !expected_until_.expired() ||
         std::any_of(registrations_.begin(), registrations_.end(),
                     [&](const Registration* registration) { return registration->peer_ == peer; });
}

void InterruptServer::expect(bool begins) {
  const MutexLock lock(mutex_);
  begins ? ++expecting_ : --expecting_;
  expected_until_ = Deadline::after(kExpectedAfter);
}

void InterruptServer::run() {
  while (!stopping_.load()) {
    try {
      turn();
    } catch (const std::bad_alloc&) {  // must not end the host process
      std::this_thread::sleep_for(kPause);
    }
  }
}

void InterruptServer::turn() {
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

/// Closes the listeners and connections that no session needs any more.
void InterruptServer::prune() {
  callers_.tidy(Deadline::Clock::now());
  const MutexLock lock(mutex_);
  listeners_.close_unless([&](std::uint32_t address)
                              VISA_NO_THREAD_SAFETY_ANALYSIS { return wanted(address); });
  std::erase_if(callers_.all(), [&](const InterruptCaller& one)
                                    VISA_NO_THREAD_SAFETY_ANALYSIS { return !wanted(one); });
}

void InterruptServer::accept_from(int listener) {
  InterruptCaller caller = accept_caller(listener);
  // Without a descriptor the connection stays in the queue, and poll would report it again at once.
  if (!caller.socket && (errno == EMFILE || errno == ENFILE)) std::this_thread::sleep_for(kPause);
  if (!caller.socket) return;
  std::size_t sessions = 0;
  {
    const MutexLock lock(mutex_);
    caller.expected = expected(caller.peer);
    sessions = registrations_.size();
  }
  callers_.tidy(caller.since.time_point());
  callers_.admit(std::move(caller), sessions);
}

/// False when the connection has to be closed.
bool InterruptServer::serve(InterruptCaller& caller) {
  std::array<std::byte, 1024> data;
  const ssize_t got = ::recv(caller.socket.get(), data.data(), data.size(), 0);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  if (got == 0) return false;
  try {
    bool stays =
        caller.messages.add(std::span<const std::byte>(data).first(static_cast<std::size_t>(got)));
    while (const auto request = caller.messages.next()) stays = deliver(caller, *request) && stays;
    return stays;
  } catch (const std::exception&) {  // no memory: only this request is lost
    return true;
  }
}

/// The registration whose handle the request carries, or null. `remove` waits until posting_ is
/// false again.
Registration* InterruptServer::begin_posting(const ServiceRequest& request) {
  const MutexLock lock(mutex_);
  const auto found = std::find_if(
      registrations_.begin(), registrations_.end(),
      [&](const Registration* registration) { return request.carries(registration->handle_); });
  if (found == registrations_.end()) return nullptr;
  (*found)->posting_ = true;
  return *found;
}

/// False when the connection of the caller has to be closed.
bool InterruptServer::deliver(InterruptCaller& caller, const ServiceRequest& request) {
  Registration* const registration = begin_posting(request);
  if (registration == nullptr) return InterruptCallers::doubt(caller);
  callers_.prove(caller, registration);
  struct Posting {  // reset by a destructor, because `post` may throw bad_alloc
    InterruptServer& server;
    Registration& registration;
    ~Posting() {
      const MutexLock lock(server.mutex_);
      registration.posting_ = false;
      server.posted_.notify_all();
    }
  } const posting{*this, *registration};
  if (registration->acknowledge_) {
    const auto reply = acknowledgement(request);
    ::send(caller.socket.get(), reply.data(), reply.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  }
  registration->sink_.post({VI_EVENT_SERVICE_REQ, {}});
  return true;
}

Registration::~Registration() {
  // A child of fork has neither the thread nor a usable mutex of its parent's server.
  if (registered_ && &server_ == interrupt_server.current()) server_.remove(*this);
}

}  // namespace

ExpectInterrupts::ExpectInterrupts() {
  interrupt_server.instance().expect(true);
}

ExpectInterrupts::~ExpectInterrupts() {
  interrupt_server.instance().expect(false);
}

Result<std::unique_ptr<InterruptRegistration>> register_interrupts(const Endpoint& peer,
                                                                   bool acknowledge,
                                                                   spi::EventSink& sink,
                                                                   Call& call) {
  if (peer.family() != AF_INET) {
    return call.fail(Status::error_nsup_mech,
                     "VXI-11 carries service requests over IPv4 only; open the instrument by its "
                     "IPv4 address");
  }
  InterruptServer& server = interrupt_server.instance();
  auto registration = std::make_unique<Registration>(server, ipv4_of(peer), acknowledge, sink);
  if (!registration->draw_handle()) {
    return call.fail(Status::error_system_error,
                     "the system gives no random numbers for service requests; try again");
  }
  if (const Status status = server.add(*registration, call); failed(status)) return status;
  return std::unique_ptr<InterruptRegistration>(std::move(registration));
}

Result<InterruptHome> listen_for_interrupts(const Handle& handle, const Endpoint& local,
                                            Call& call) {
  return interrupt_server.instance().listen(handle, local, call);
}

}  // namespace visa::drivers::vxi11
