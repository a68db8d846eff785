// SPDX-License-Identifier: MIT
// A look-up whose callers have all returned uses nothing that belonged to them: helper thread and
// callers share the Lookup, and the LookupTable (mutex, number of busy helpers) lives as long as
// the process. A child of fork has neither the helper threads nor a usable mutex of its parent; it
// gets a table of its own.
#include "drivers/common/resolver.h"

#include <arpa/inet.h>
#include <netdb.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <exception>
#include <map>
#include <memory>
#include <new>
#include <utility>

#include "drivers/common/local_names.h"
#include "lib/base/condition.h"
#include "lib/base/process_local.h"
#include "lib/base/quiet_thread.h"
#include "lib/base/thread_annotations.h"
#include "lib/model/ascii.h"

namespace visa::drivers {
namespace {

/// How often a waiting caller looks at its cancel token: no channel exists yet whose wake() could
/// end the wait.
constexpr std::chrono::milliseconds kLook{20};

/// What answers for a name. A silent source of one kind occupies no helper of the other.
enum class Source : std::uint8_t { servers, mdns };

Source source_of(std::string_view name) {
  return name.ends_with(".local") || name.ends_with(".local.") ? Source::mdns : Source::servers;
}

struct Lookup;

/// The look-ups of one process.
struct LookupTable {
  int& busy_with(Source source) VISA_REQUIRES(mutex) {
    return busy[static_cast<std::size_t>(source)];
  }

  Mutex mutex;
  Condition changed;  // a look-up ended: a helper is free
  std::array<int, 2> busy VISA_GUARDED_BY(mutex) = {};
  /// The look-ups in progress, by the name in lower case.
  std::map<std::string, std::shared_ptr<Lookup>> running VISA_GUARDED_BY(mutex);
};

struct Lookup {
  Lookup(LookupTable& owner, const std::string& name)
      : table(owner), host(name), key(model::lower_case(name)), source(source_of(key)) {}

  LookupTable& table;
  const std::string host;
  const std::string key;
  const Source source;
  /// When the source was asked; set before other callers see the look-up.
  Deadline::Clock::time_point begun;
  // Guarded by table.mutex until `done`; constant after that.
  bool done = false;
  int error = 0;         // of getaddrinfo
  int system_error = 0;  // errno, with EAI_SYSTEM
  std::vector<Endpoint> endpoints;
};

constinit ProcessLocal<LookupTable> lookup_table;

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

/// The body of a helper thread.
void run(Lookup& lookup) {
  std::vector<Endpoint> endpoints;
  int error = EAI_MEMORY;
  try {
    error = look_up(lookup.host, endpoints);
  } catch (const std::bad_alloc&) {
    endpoints.clear();
  }
  const int system_error = error == EAI_SYSTEM ? errno : 0;
  LookupTable& table = lookup.table;
  const MutexLock lock(table.mutex);
  lookup.endpoints = std::move(endpoints);
  lookup.error = error;
  lookup.system_error = system_error;
  lookup.done = true;
  --table.busy_with(lookup.source);
  table.running.erase(lookup.key);
  table.changed.notify_all();
}

/// False where the system has no thread or no memory for one. Detached: nothing could join a thread
/// that is still inside getaddrinfo when its last caller returns.
bool start_helper(const std::shared_ptr<Lookup>& lookup) {
  try {
    start_quiet_thread([lookup] { run(*lookup); }).detach();
    return true;
  } catch (const std::exception&) {  // system_error, bad_alloc
    return false;
  }
}

/// A look-up in progress, and whether this caller has waited for a free helper before it began.
struct Joined {
  std::shared_ptr<Lookup> lookup;
  bool waited = false;
};

/// The caller's time was over before the source answered. A source that was asked late, because the
/// caller waited for a free helper, is not to blame.
Status not_answered(const Joined& joined, Call& call) {
  const Lookup& lookup = *joined.lookup;
  const bool mdns = lookup.source == Source::mdns;
  if (joined.waited) {
    const auto asked = std::chrono::duration_cast<std::chrono::milliseconds>(
        Deadline::Clock::now() - lookup.begun);
    return call.fail(Status::error_tmo,
                     lookup.host + ": looked up only in the last " + std::to_string(asked.count()) +
                         " ms of the call, after " + std::to_string(kMostLookups) +
                         " look-ups of other names, which " +
                         (mdns ? "waited for mDNS answers" : "waited for name servers") +
                         "; try again, use a longer timeout or the numeric address");
  }
  return call.fail(
      Status::error_tmo,
      lookup.host +
          (mdns ? ": no mDNS responder answers to that name; is the instrument on and in this "
                  "network? Or use the numeric address"
                : ": the name server does not answer; check the network's DNS or use the numeric "
                  "address"));
}

Status no_free_helper(const Lookup& wanted, Call& call) {
  const std::string others = std::to_string(kMostLookups) + " look-ups of other names still wait";
  const bool mdns = wanted.source == Source::mdns;
  return call.fail(
      Status::error_tmo,
      wanted.host + ": not looked up, because " + others +
          (mdns ? " for mDNS answers; are those instruments on? Or use the numeric address"
                : " for name servers that have not answered; check the network's DNS or use the "
                  "numeric address"));
}

/// Waits for a change of the table, at most kLook. A failure means that the caller must return.
Status wait_a_moment(LookupTable& table, MutexLock& lock, Call& call) VISA_REQUIRES(table.mutex) {
  if (call.cancelled()) return Status::error_abort;
  if (call.deadline.expired()) return Status::error_tmo;
  table.changed.wait_until(lock, std::min(Deadline::after(kLook), call.deadline).time_point(),
                           call);
  return Status::success;
}

/// The look-up of `host` that is in progress, or a new one as soon as a helper is free.
Status join(LookupTable& table, const std::string& host, Call& call, Joined& joined) {
  std::shared_ptr<Lookup>& lookup = joined.lookup;
  auto wanted = std::make_shared<Lookup>(table, host);
  MutexLock lock(table.mutex);
  for (;;) {
    const auto running = table.running.find(wanted->key);
    if (running != table.running.end()) {
      lookup = running->second;
      return Status::success;
    }
    if (table.busy_with(wanted->source) < kMostLookups) break;
    joined.waited = true;
    const Status waited = wait_a_moment(table, lock, call);
    if (waited == Status::error_tmo) return no_free_helper(*wanted, call);
    if (failed(waited)) return waited;
  }
  wanted->begun = Deadline::Clock::now();
  // emplace may throw, so it comes before the count, which only the helper takes back.
  table.running.emplace(wanted->key, wanted);
  ++table.busy_with(wanted->source);
  lookup = std::move(wanted);
  if (start_helper(lookup)) return Status::success;
  --table.busy_with(lookup->source);
  table.running.erase(lookup->key);
  table.changed.notify_all();
  return call.fail(
      Status::error_alloc,
      host + ": the system has no thread left to look up the name; close other programs");
}

Status wait_for(const Joined& joined, Call& call) {
  const Lookup& lookup = *joined.lookup;
  MutexLock lock(lookup.table.mutex);
  while (!lookup.done) {
    const Status waited = wait_a_moment(lookup.table, lock, call);
    if (waited == Status::error_tmo) return not_answered(joined, call);
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

/// Each text claims only what the system reported.
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
                   host + ": " + reason + "; " + cure + " or use the numeric address");
}

/// Asks the system, on a helper thread.
Result<std::vector<Endpoint>> ask(const std::string& host, Call& call) {
  Joined joined;
  const Status found = join(lookup_table.instance(), host, call, joined);
  if (failed(found)) return found;
  if (const Status waited = wait_for(joined, call); failed(waited)) return waited;
  if (joined.lookup->error != 0) return lookup_failed(*joined.lookup, call);
  return joined.lookup->endpoints;
}

/// "127.1", "0x7f.1" and the like, which inet_aton, and so getaddrinfo, accepts as addresses, some
/// of their numbers as octal.
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
