// SPDX-License-Identifier: MIT
// The registers are shared by all links, and while one link's message is executed no other link's
// message-available bit changes. So two summaries say what all the others see: one for those that
// have a message available, one for those that have none.
#include "tools/sim/scpi/service_watch.h"

#include <utility>

#include "tools/sim/engine/link.h"

namespace visa::sim {

void ServiceWatch::begin(const StatusModel& status, const std::vector<Link*>& links,
                         const Link& own) {
  last_ = summaries(status);
  rose_ = {};
  own_rose_ = false;
  forced_ = false;
  if (enabled_ || status.sre() != 0) {
    for (Link* const link : links) look_between(status, *link);
  }
  own_last_ = last_[own.message_available() ? 1 : 0];
}

void ServiceWatch::look(const StatusModel& status, const Link& own) noexcept {
  if (status.sre() == 0 && !own_last_ && !last_[1]) return;
  const Summaries now = summaries(status);
  for (std::size_t i = 0; i < now.size(); ++i) rose_[i] = rose_[i] || (now[i] && !last_[i]);
  last_ = now;
  const bool own_now = now[own.message_available() ? 1 : 0];
  own_rose_ = own_rose_ || (own_now && !own_last_);
  own_last_ = own_now;
}

void ServiceWatch::finish(const StatusModel& status, const std::vector<Link*>& links,
                          const Link& own) {
  look(status, own);
  const bool enabled = status.sre() != 0;
  if (!enabled && !enabled_ && !rose_[1] && !own_rose_ && !forced_) return;
  enabled_ = enabled;
  for (Link* const link : links) {
    const std::size_t available = link->message_available() ? 1 : 0;
    // An answer that a delay has taken back was never there for its client.
    const bool rose = link == &own && available == 1 ? own_rose_ : rose_[available];
    link->note_summary(rose, last_[available]);
    if (forced_) link->request_service();
  }
  forced_ = false;
}

void ServiceWatch::look_between(const StatusModel& status, Link& link) {
  if (enabled_ || status.sre() != 0) {
    const bool now = status.wants_service(link.message_available());
    link.note_summary(now && !link.had_summary(), now);
  }
}

}  // namespace visa::sim
