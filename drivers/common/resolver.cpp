// SPDX-License-Identifier: MIT
// A lookup that was left behind owns nothing of its caller: helper and caller share the Lookup, and
// the Desk (places, mutex) lives as long as the process. A child of fork has neither the helpers
// nor a usable mutex of its parent, so it opens a desk of its own.
#include "drivers/common/resolver.h"

#include <netdb.h>
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <new>
#include <utility>

#include "lib/base/fork_stamp.h"
#include "lib/base/thread_annotations.h"

namespace visa::drivers {
namespace {

/// How often a waiting caller looks at its cancel token: nobody can wake it (no channel exists
/// yet).
constexpr std::chrono::milliseconds kLook{20};

/// Where the lookups of one process meet.
struct Desk {
  explicit Desk(std::uint32_t process) : stamp(process) {}

  const std::uint32_t stamp;
  Desk* parent = nullptr;  // the desk before the fork: unusable here, kept because never freed
  Mutex mutex;
  std::condition_variable changed;  // a place became free, or a lookup was answered
  int busy VISA_GUARDED_BY(mutex) = 0;
};

struct Lookup {
  Desk* desk;
  std::string host;
  // Guarded by desk->mutex:
  bool done = false;
  int error = 0;
  std::vector<Endpoint> endpoints;
};

Desk& desk() {
  static std::atomic<Desk*> current{nullptr};
  const std::uint32_t stamp = fork_stamp();
  Desk* known = current.load(std::memory_order_acquire);
  if (known != nullptr && known->stamp == stamp) return *known;
  auto fresh = std::make_unique<Desk>(stamp);
  fresh->parent = known;
  if (current.compare_exchange_strong(known, fresh.get(), std::memory_order_acq_rel)) {
    return *fresh.release();
  }
  return *known;
}

struct FreeAddresses {
  void operator()(addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};

int look_up(const std::string& host, int flags, std::vector<Endpoint>& endpoints) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (error != 0) return error;
  const std::unique_ptr<addrinfo, FreeAddresses> list(found);
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    if (at->ai_family != AF_INET && at->ai_family != AF_INET6) continue;
    endpoints.emplace_back(at->ai_addr, at->ai_addrlen);
  }
  return endpoints.empty() ? EAI_NONAME : 0;
}

void* helper(void* argument) {
  const std::unique_ptr<std::shared_ptr<Lookup>> held(
      static_cast<std::shared_ptr<Lookup>*>(argument));
  Lookup& lookup = **held;
  std::vector<Endpoint> endpoints;
  int error = EAI_MEMORY;
  try {
    error = look_up(lookup.host, 0, endpoints);
  } catch (const std::bad_alloc&) {
    endpoints.clear();
  }
  Desk& meeting = *lookup.desk;
  const MutexLock lock(meeting.mutex);
  lookup.endpoints = std::move(endpoints);
  lookup.error = error;
  lookup.done = true;
  --meeting.busy;
  meeting.changed.notify_all();
  return nullptr;
}

/// A thread that no signal of the host program ever lands on.
bool start_helper(const std::shared_ptr<Lookup>& lookup) {
  auto argument = std::make_unique<std::shared_ptr<Lookup>>(lookup);
  pthread_attr_t attributes;
  if (::pthread_attr_init(&attributes) != 0) return false;
  ::pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  const int error = ::pthread_create(&thread, &attributes, helper, argument.get());
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ::pthread_attr_destroy(&attributes);
  if (error != 0) return false;
  static_cast<void>(argument.release());  // the helper's now
  return true;
}

Status time_is_up(const std::string& host, Call& call) {
  return call.fail(Status::error_tmo, host +
                                          ": the name server does not answer; check the network's "
                                          "DNS or use the address in figures");
}

/// Success once one more helper may run; its place is taken.
Status take_place(Desk& meeting, const std::string& host, Call& call) {
  MutexLock lock(meeting.mutex);
  while (meeting.busy >= kMostLookups) {
    if (call.cancelled()) return Status::error_abort;
    if (call.deadline.expired()) return time_is_up(host, call);
    const auto look = Deadline::after(kLook);
    lock.wait_until(meeting.changed, std::min(look, call.deadline).time_point());
  }
  ++meeting.busy;
  return Status::success;
}

Status wait_for(Lookup& lookup, Call& call) {
  MutexLock lock(lookup.desk->mutex);
  while (!lookup.done) {
    if (call.cancelled()) return Status::error_abort;
    if (call.deadline.expired()) return time_is_up(lookup.host, call);
    const auto look = Deadline::after(kLook);
    lock.wait_until(lookup.desk->changed, std::min(look, call.deadline).time_point());
  }
  return Status::success;
}

Status lookup_failed(int error, const std::string& host, Call& call) {
  switch (error) {
    case EAI_MEMORY:
    case EAI_SYSTEM:
      return call.fail(Status::error_alloc,
                       host + ": the system has no memory or descriptor left to look up the name");
    case EAI_AGAIN:
      return call.fail(Status::error_rsrc_nfound,
                       host +
                           ": the name server cannot be reached; check the network's DNS or use "
                           "the address in figures");
    default:
      return call.fail(Status::error_rsrc_nfound,
                       host +
                           ": no such host name; check the spelling or use the address in "
                           "figures");
  }
}

}  // namespace

std::vector<Endpoint> interleave_families(std::vector<Endpoint> endpoints) {
  if (endpoints.empty()) return endpoints;
  const int first_family = endpoints.front().family();
  std::vector<Endpoint> first;
  std::vector<Endpoint> second;
  for (const Endpoint& endpoint : endpoints) {
    (endpoint.family() == first_family ? first : second).push_back(endpoint);
  }
  std::vector<Endpoint> mixed;
  for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
    if (i < first.size()) mixed.push_back(first[i]);
    if (i < second.size()) mixed.push_back(second[i]);
  }
  return mixed;
}

Result<std::vector<Endpoint>> resolve(const std::string& host, std::uint16_t port, Call& call) {
  std::vector<Endpoint> endpoints;
  int error = host.empty() ? EAI_NONAME : look_up(host, AI_NUMERICHOST, endpoints);
  if (error == EAI_NONAME && !host.empty()) {
    auto lookup = std::make_shared<Lookup>();
    lookup->desk = &desk();
    lookup->host = host;
    if (const Status place = take_place(*lookup->desk, host, call); failed(place)) return place;
    if (!start_helper(lookup)) {
      const MutexLock lock(lookup->desk->mutex);
      --lookup->desk->busy;
      lookup->desk->changed.notify_all();
      return call.fail(Status::error_alloc, host + ": no thread left to look up the name");
    }
    if (const Status waited = wait_for(*lookup, call); failed(waited)) return waited;
    // Done: the helper does not touch it again.
    error = lookup->error;
    endpoints = std::move(lookup->endpoints);
  }
  if (error != 0) return lookup_failed(error, host, call);
  endpoints = interleave_families(std::move(endpoints));
  if (endpoints.size() > kMostAddresses) endpoints.resize(kMostAddresses);
  for (Endpoint& endpoint : endpoints) endpoint.set_port(port);
  return endpoints;
}

}  // namespace visa::drivers
