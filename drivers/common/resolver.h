// SPDX-License-Identifier: MIT
// Converts host names to addresses. Numeric addresses and the names that this computer knows by
// itself (local_names.h) are converted on the calling thread. All other names need getaddrinfo,
// which cannot be cancelled: it runs on a detached helper thread with all signals blocked, and a
// caller whose deadline passes or whose call is cancelled returns without waiting for that thread.
// Each name is looked up once at a time: callers that want the same name share the answer, each
// until its own deadline, so a name whose server is dead occupies one helper, however many callers
// want it. At most kMostLookups helpers ask name servers, and as many ask by mDNS (.local); a
// caller that finds all of them busy with other names waits for one until its own deadline. Any
// thread; usable in a child of fork.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "drivers/common/endpoint.h"
#include "lib/base/call.h"
#include "lib/base/result.h"

namespace visa::drivers {

/// The most look-ups at the same time, for name servers and for mDNS each.
inline constexpr int kMostLookups = 8;

/// The most addresses of one name that are tried.
inline constexpr std::size_t kMostAddresses = 16;

/// The addresses of `host` (a name or a numeric address; IPv6 without brackets, with %zone where it
/// needs one) with `port`, IPv6 and IPv4 alternating, the system's preference first; never empty.
/// error_rsrc_nfound: the name does not resolve; error_tmo; error_abort; error_alloc. The detail
/// says what did not answer.
Result<std::vector<Endpoint>> resolve(const std::string& host, std::uint16_t port, Call& call);

/// Alternates the two families and keeps the order within each; the family of the first address
/// stays first.
std::vector<Endpoint> interleave_families(std::vector<Endpoint> endpoints);

}  // namespace visa::drivers
