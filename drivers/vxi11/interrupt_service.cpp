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
#include <cstring>
#include <exception>
#include <new>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "drivers/vxi11/interrupt_message.h"
#include "lib/base/cancel_shield.h"
#include "lib/base/child_closed_fd.h"
#include "lib/base/fork_stamp.h"
#include "lib/base/quiet_thread.h"
#include "lib/base/thread_annotations.h"

namespace visa::drivers::vxi11 {
namespace {

/// One instrument makes one connection for each session; some forget to end the one before.
constexpr std::size_t kMostConnectionsEach = 4;
constexpr int kBacklog = 64;

/// Without memory or descriptors: the next turn may find some, and must not come at once.
constexpr std::chrono::milliseconds kPause{20};

/// A handle that came back shortened must still be beyond chance.
constexpr std::size_t kLeastHandle = 16;

std::uint32_t ipv4_of(const Endpoint& endpoint) noexcept {
  sockaddr_in address{};
  std::memcpy(&address, endpoint.address(), sizeof address);
  return ntohl(address.sin_addr.s_addr);
}

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

  const std::uint32_t stamp;
  Service* parent = nullptr;  // the one before the fork: unusable here, kept because never freed

 private:
  struct Listener {
    ChildClosedFd socket;
    std::uint32_t address;
    std::uint16_t port;
  };
  struct Connection {
    ChildClosedFd socket;
    std::uint32_t local;
    std::uint32_t peer;
    InterruptMessages messages;
  };

  Status listen(Place& place, const Endpoint& local, Call& call) VISA_REQUIRES(mutex_);
  Status start(Call& call) VISA_REQUIRES(configuring_) VISA_EXCLUDES(mutex_);
  void stop() VISA_REQUIRES(configuring_) VISA_EXCLUDES(mutex_);
  void poke() noexcept;
  bool wanted(std::uint32_t local) const VISA_REQUIRES(mutex_);
  bool wanted(std::uint32_t local, std::uint32_t peer) const VISA_REQUIRES(mutex_);
  void run() VISA_EXCLUDES(mutex_);
  void turn() VISA_EXCLUDES(mutex_);
  void prune() VISA_EXCLUDES(mutex_);
  void accept_from(int listener) VISA_EXCLUDES(mutex_);
  bool serve(Connection& connection) VISA_EXCLUDES(mutex_);
  void deliver(const Connection& connection, const ServiceRequest& request) VISA_EXCLUDES(mutex_);

  Mutex configuring_;
  std::thread thread_ VISA_GUARDED_BY(configuring_);
  ChildClosedFd event_ VISA_GUARDED_BY(configuring_);
  std::atomic<int> event_fd_{-1};
  std::atomic<bool> stopping_{false};

  Mutex mutex_;
  std::condition_variable posted_;
  std::vector<Place*> places_ VISA_GUARDED_BY(mutex_);
  std::vector<Listener> listeners_ VISA_GUARDED_BY(mutex_);

  std::vector<Connection> connections_;  // of the thread alone
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
  place.address_ = ipv4_of(local);
  for (const Listener& listener : listeners_) {
    if (listener.address != place.address_) continue;
    place.port_ = listener.port;
    return Status::success;
  }
  auto socket = ChildClosedFd::made_by(
      [] { return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); });
  Endpoint own = local;
  own.set_port(0);
  sockaddr_in bound{};
  socklen_t size = sizeof bound;
  if (!socket || ::bind(socket.get(), own.address(), own.size()) != 0 ||
      ::listen(socket.get(), kBacklog) != 0 ||
      ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&bound), &size) != 0) {
    return no_resources(call);
  }
  place.port_ = ntohs(bound.sin_port);
  listeners_.push_back({std::move(socket), place.address_, place.port_});
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
  connections_.clear();
  const MutexLock lock(mutex_);
  listeners_.clear();
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
    if (first) listeners_.clear();
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

bool Service::wanted(std::uint32_t local, std::uint32_t peer) const {
  return std::any_of(places_.begin(), places_.end(), [&](const Place* place) {
    return place->address_ == local && place->peer_ == peer;
  });
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
  for (const Connection& one : connections_) watched.push_back({one.socket.get(), POLLIN, 0});
  const std::size_t connections = watched.size();
  {
    const MutexLock lock(mutex_);
    for (const Listener& one : listeners_) watched.push_back({one.socket.get(), POLLIN, 0});
  }
  if (::poll(watched.data(), watched.size(), -1) <= 0) {
    if (errno != EINTR) std::this_thread::sleep_for(kPause);
    return;
  }
  std::uint64_t drained = 0;
  if (watched[0].revents != 0) {
    [[maybe_unused]] const auto size = ::read(watched[0].fd, &drained, sizeof drained);
  }
  for (std::size_t i = 1; i < connections; ++i) {
    if (watched[i].revents != 0 && !serve(connections_[i - 1])) connections_[i - 1].socket.reset();
  }
  std::erase_if(connections_, [](const Connection& one) { return !one.socket; });
  for (std::size_t i = connections; i < watched.size(); ++i) {
    if (watched[i].revents != 0) accept_from(watched[i].fd);
  }
}

/// Ends what no session needs any more.
void Service::prune() {
  const MutexLock lock(mutex_);
  std::erase_if(listeners_, [&](const Listener& listener) VISA_NO_THREAD_SAFETY_ANALYSIS {
    return !wanted(listener.address);
  });
  std::erase_if(connections_, [&](const Connection& one) VISA_NO_THREAD_SAFETY_ANALYSIS {
    return !wanted(one.local, one.peer);
  });
}

void Service::accept_from(int listener) {
  sockaddr_in peer{};
  sockaddr_in local{};
  socklen_t size = sizeof peer;
  auto socket = ChildClosedFd::made_by([&] {
    return ::accept4(listener, reinterpret_cast<sockaddr*>(&peer), &size,
                     SOCK_CLOEXEC | SOCK_NONBLOCK);
  });
  // The connection stays in the queue, and poll would name it again at once.
  if (!socket && (errno == EMFILE || errno == ENFILE)) std::this_thread::sleep_for(kPause);
  size = sizeof local;
  if (!socket || ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&local), &size) != 0) {
    return;
  }
  const std::uint32_t from = ntohl(peer.sin_addr.s_addr);
  const std::uint32_t to = ntohl(local.sin_addr.s_addr);
  const MutexLock lock(mutex_);
  if (!wanted(to, from) || connections_.size() >= places_.size() * kMostConnectionsEach) return;
  connections_.push_back({std::move(socket), to, from, {}});
}

/// False when the connection is over.
bool Service::serve(Connection& connection) {
  std::array<std::byte, 1024> data;
  const ssize_t got = ::recv(connection.socket.get(), data.data(), data.size(), 0);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  if (got == 0) return false;
  try {
    const bool sane = connection.messages.add(
        std::span<const std::byte>(data).first(static_cast<std::size_t>(got)));
    while (const auto request = connection.messages.next()) deliver(connection, *request);
    return sane;
  } catch (const std::exception&) {  // no memory: this request is lost, not the thread
    return true;
  }
}

void Service::deliver(const Connection& connection, const ServiceRequest& request) {
  Place* place = nullptr;
  {
    const MutexLock lock(mutex_);
    const auto found = std::find_if(places_.begin(), places_.end(), [&](const Place* one) {
      return request.handle_size >= kLeastHandle && one->peer_ == connection.peer &&
             std::equal(one->handle_.begin(),
                        one->handle_.begin() + static_cast<std::ptrdiff_t>(request.handle_size),
                        request.handle.begin());
    });
    if (found == places_.end()) return;
    place = *found;
    place->posting_ = true;
  }
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
    std::array<std::byte, kXdrWord + kRpcReplyHeader> reply;
    XdrWriter writer(reply);
    writer.word(0x80000000 | kRpcReplyHeader).word(request.xid).word(kRpcReply);
    writer.word(0).word(0).word(0).word(0);
    ::send(connection.socket.get(), reply.data(), reply.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  }
  place->sink_.post({VI_EVENT_SERVICE_REQ, {}});
}

Place::~Place() {
  // A child of fork has neither the thread nor a usable mutex of its parent's service.
  if (registered_ && service_.stamp == fork_stamp()) service_.remove(*this);
}

}  // namespace

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
