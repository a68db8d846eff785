// SPDX-License-Identifier: MIT
// A look-up that was left behind owns nothing of its callers: helper and callers share the Lookup,
// and the Desk (places, mutex) lives as long as the process. A child of fork has neither the
// helpers nor a usable mutex of its parent, so it opens a desk of its own.
#include "drivers/common/resolver.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <new>
#include <utility>

#include "drivers/common/local_names.h"
#include "lib/base/fork_stamp.h"
#include "lib/base/thread_annotations.h"
#include "lib/model/ascii.h"

namespace visa::drivers {
namespace {

/// How often a waiting caller looks at its cancel token: nobody can wake it (no channel exists
/// yet).
constexpr std::chrono::milliseconds kLook{20};

/// Who answers for a name. The silence of one kind keeps no place of the other.
enum class Source : std::uint8_t { servers, mdns };

Source source_of(std::string_view name) {
  return name.ends_with(".local") || name.ends_with(".local.") ? Source::mdns : Source::servers;
}

struct Lookup;

/// Where the look-ups of one process meet.
struct Desk {
  explicit Desk(std::uint32_t process) : stamp(process) {}

  int& busy_with(Source source) VISA_REQUIRES(mutex) {
    return busy[static_cast<std::size_t>(source)];
  }

  const std::uint32_t stamp;
  Desk* parent = nullptr;  // the desk before the fork: unusable here, kept because never freed
  Mutex mutex;
  std::condition_variable changed;  // a look-up ended: a place is free
  std::array<int, 2> busy VISA_GUARDED_BY(mutex) = {};
  /// The look-ups under way, by the name in lower case.
  std::map<std::string, std::shared_ptr<Lookup>> running VISA_GUARDED_BY(mutex);
};

struct Lookup {
  Lookup(Desk& meeting, const std::string& name)
      : desk(meeting), host(name), key(model::lower_case(name)), source(source_of(key)) {}

  Desk& desk;
  const std::string host;
  const std::string key;
  const Source source;
  // Guarded by desk.mutex until it is done; nobody writes to them after that.
  bool done = false;
  int error = 0;         // of getaddrinfo
  int system_error = 0;  // errno, with EAI_SYSTEM
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

int look_up(const std::string& host, std::vector<Endpoint>& endpoints) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (error != 0) return error;
  const std::unique_ptr<addrinfo, FreeAddresses> list(found);
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    if (at->ai_family != AF_INET && at->ai_family != AF_INET6) continue;
    endpoints.emplace_back(at->ai_addr, at->ai_addrlen);
  }
  return endpoints.empty() ? EAI_NODATA : 0;
}

void* helper(void* argument) {
  const std::unique_ptr<std::shared_ptr<Lookup>> held(
      static_cast<std::shared_ptr<Lookup>*>(argument));
  Lookup& lookup = **held;
  std::vector<Endpoint> endpoints;
  int error = EAI_MEMORY;
  try {
    error = look_up(lookup.host, endpoints);
  } catch (const std::bad_alloc&) {
    endpoints.clear();
  }
  const int system_error = error == EAI_SYSTEM ? errno : 0;
  Desk& meeting = lookup.desk;
  const MutexLock lock(meeting.mutex);
  lookup.endpoints = std::move(endpoints);
  lookup.error = error;
  lookup.system_error = system_error;
  lookup.done = true;
  --meeting.busy_with(lookup.source);
  meeting.running.erase(lookup.key);
  meeting.changed.notify_all();
  return nullptr;
}

/// A thread that no signal of the host program ever lands on.
bool start_helper(std::unique_ptr<std::shared_ptr<Lookup>> argument) {
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

Status not_answered(const Lookup& lookup, Call& call) {
  if (lookup.source == Source::mdns) {
    return call.fail(Status::error_tmo, lookup.host +
                                            ": nothing answers to that name by mDNS; is the "
                                            "instrument on and in this network? Or use the "
                                            "address in figures");
  }
  return call.fail(Status::error_tmo, lookup.host +
                                          ": the name server does not answer; check the network's "
                                          "DNS or use the address in figures");
}

Status no_place(const Lookup& wanted, Call& call) {
  const std::string others = std::to_string(kMostLookups) + " look-ups of other names still wait";
  const bool mdns = wanted.source == Source::mdns;
  return call.fail(
      Status::error_tmo,
      wanted.host + ": not looked up, because " + others +
          (mdns ? " for mDNS answers; are those instruments on? Or use the address in figures"
                : " for name servers that do not answer; check the network's DNS or use the "
                  "address in figures"));
}

/// Waits for a change of the desk, or a moment; not success when the caller has to leave.
Status wait_a_moment(Desk& meeting, MutexLock& lock, Call& call) VISA_REQUIRES(meeting.mutex) {
  if (call.cancelled()) return Status::error_abort;
  if (call.deadline.expired()) return Status::error_tmo;
  lock.wait_until(meeting.changed, std::min(Deadline::after(kLook), call.deadline).time_point());
  return Status::success;
}

/// The look-up of `host` that is under way, or a new one once there is a place.
Status join(Desk& meeting, const std::string& host, Call& call, std::shared_ptr<Lookup>& lookup) {
  auto wanted = std::make_shared<Lookup>(meeting, host);
  MutexLock lock(meeting.mutex);
  for (;;) {
    const auto running = meeting.running.find(wanted->key);
    if (running != meeting.running.end()) {
      lookup = running->second;
      return Status::success;
    }
    if (meeting.busy_with(wanted->source) < kMostLookups) break;
    const Status waited = wait_a_moment(meeting, lock, call);
    if (waited == Status::error_tmo) return no_place(*wanted, call);
    if (failed(waited)) return waited;
  }
  // What may throw comes before the place is taken, which only the helper gives back.
  auto argument = std::make_unique<std::shared_ptr<Lookup>>(wanted);
  meeting.running.emplace(wanted->key, wanted);
  ++meeting.busy_with(wanted->source);
  lookup = std::move(wanted);
  if (start_helper(std::move(argument))) return Status::success;
  --meeting.busy_with(lookup->source);
  meeting.running.erase(lookup->key);
  meeting.changed.notify_all();
  return call.fail(Status::error_alloc, host + ": no thread left to look up the name");
}

Status wait_for(const Lookup& lookup, Call& call) {
  MutexLock lock(lookup.desk.mutex);
  while (!lookup.done) {
    const Status waited = wait_a_moment(lookup.desk, lock, call);
    if (waited == Status::error_tmo) return not_answered(lookup, call);
    if (failed(waited)) return waited;
  }
  return Status::success;
}

bool out_of_resources(const Lookup& lookup) {
  switch (lookup.system_error) {
    case ENOMEM:
    case ENOBUFS:
    case EMFILE:
    case ENFILE:
      return true;
    default:
      return lookup.error == EAI_MEMORY;
  }
}

/// Each text is true of its case: what the system did not say is not claimed.
Status lookup_failed(const Lookup& lookup, Call& call) {
  const std::string& host = lookup.host;
  if (out_of_resources(lookup)) {
    return call.fail(Status::error_alloc,
                     host + ": the system has no memory or descriptor left to look up the name");
  }
  std::string reason = "no such host name";
  std::string cure = "check the network's DNS";
  if (lookup.error == EAI_AGAIN) {
    reason = "the name server cannot be reached";
  } else if (lookup.error == EAI_FAIL) {
    reason = "the name server refuses to look it up";
  } else if (lookup.error == EAI_NODATA || lookup.error == EAI_ADDRFAMILY) {
    reason = "the name is known, but has no address";
  } else if (lookup.error == EAI_SYSTEM) {
    reason = "the system cannot look up names (errno " + std::to_string(lookup.system_error) + ")";
  } else {
    cure = lookup.source == Source::mdns
               ? "switch the instrument on, see that this computer looks up .local (libnss-mdns),"
               : "check the spelling";
  }
  return call.fail(Status::error_rsrc_nfound,
                   host + ": " + reason + "; " + cure + " or use the address in figures");
}

/// The system's own look-up.
Result<std::vector<Endpoint>> ask(const std::string& host, Call& call) {
  std::shared_ptr<Lookup> lookup;
  if (const Status joined = join(desk(), host, call, lookup); failed(joined)) return joined;
  if (const Status waited = wait_for(*lookup, call); failed(waited)) return waited;
  if (lookup->error != 0) return lookup_failed(*lookup, call);
  return lookup->endpoints;
}

/// "127.1", "0x7f.1" and the like: addresses to inet_aton, and so to getaddrinfo, which reads some
/// numbers as octal ones.
bool is_odd_address(const std::string& host) {
  in_addr address;
  return ::inet_aton(host.c_str(), &address) != 0;
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
  if (const auto figures = numeric_endpoint(host)) {
    endpoints.push_back(*figures);
  } else if (host.empty() || is_odd_address(host)) {
    return call.fail(Status::error_rsrc_nfound,
                     host + ": neither a host name nor four decimal numbers");
  } else {
    endpoints = local_addresses(host);
  }
  if (endpoints.empty()) {
    auto answer = ask(host, call);
    if (!answer) return answer.status();
    endpoints = *std::move(answer);
  }
  endpoints = interleave_families(std::move(endpoints));
  if (endpoints.size() > kMostAddresses) endpoints.resize(kMostAddresses);
  for (Endpoint& endpoint : endpoints) endpoint.set_port(port);
  return endpoints;
}

}  // namespace visa::drivers
