// SPDX-License-Identifier: MIT
// Host names to addresses. Figures and the names that this computer knows by itself (local_names.h)
// are converted on the calling thread. All others need getaddrinfo, which nothing can interrupt: it
// runs on a detached helper thread with all signals blocked, and a caller whose deadline or cancel
// comes first leaves it behind. A name is looked up once at a time: callers that ask for it
// meanwhile share the answer, each until its own deadline. So a name whose server is dead keeps one
// place, however often it is asked for. At most kMostLookups helpers ask name servers, and as many
// ask by mDNS (.local); a caller that finds all places taken by other names waits for one until its
// own deadline. Any thread; usable in a child of fork.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "drivers/common/endpoint.h"
#include "lib/base/call.h"
#include "lib/base/result.h"

namespace visa::drivers {

/// Look-ups of different names at the same time, of each kind.
inline constexpr int kMostLookups = 8;

/// The most addresses of one name that are tried.
inline constexpr std::size_t kMostAddresses = 16;

/// The addresses of `host` (a name, or figures; IPv6 without brackets, with %zone where it needs
/// one) with `port`, IPv6 and IPv4 in turn, the system's preference first; never empty.
/// error_rsrc_nfound: does not resolve; error_tmo; error_abort; error_alloc. The detail says what
/// did not answer.
Result<std::vector<Endpoint>> resolve(const std::string& host, std::uint16_t port, Call& call);

/// Puts the families in turn and keeps the order within each; the family of the first stays first.
std::vector<Endpoint> interleave_families(std::vector<Endpoint> endpoints);

}  // namespace visa::drivers
