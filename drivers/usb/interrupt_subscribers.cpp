// SPDX-License-Identifier: MIT
// Invariant: a sink is in posting_ from before it is posted to until after, so that unsubscribe can
// wait for it.
#include "drivers/usb/interrupt_subscribers.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "lib/base/cancel_shield.h"

namespace visa::drivers::usb {
namespace {

spi::EventRecord record_of(ViEventType type, std::span<const std::byte> packet, std::size_t most) {
  spi::EventRecord record{.type = type};
  if (type != VI_EVENT_USB_INTR) return record;
  const std::size_t size = std::min(packet.size(), most);
  record.attributes = {
      {VI_ATTR_STATUS, model::AttributeValue(std::uint64_t{0})},
      {VI_ATTR_USB_RECV_INTR_SIZE, model::AttributeValue(std::uint64_t{size})},
      {VI_ATTR_USB_RECV_INTR_DATA,
       model::AttributeValue(std::string(reinterpret_cast<const char*>(packet.data()), size))},
  };
  return record;
}

}  // namespace

struct InterruptSubscribers::Posting {
  Posting(InterruptSubscribers& to, ViEventType type) : owner(to) {
    const MutexLock lock(owner.mutex_);
    for (const auto& one : owner.subscriptions_) {
      if (one.type != type) continue;
      subscriptions.push_back(one);
      owner.posting_.insert(one.sink);
    }
  }
  Posting(const Posting&) = delete;
  Posting& operator=(const Posting&) = delete;
  ~Posting() {
    const MutexLock lock(owner.mutex_);
    for (const auto& one : subscriptions) owner.posting_.erase(owner.posting_.find(one.sink));
    owner.posted_.notify_all();
  }
  InterruptSubscribers& owner;
  std::vector<Subscription> subscriptions = {};
};

void InterruptSubscribers::subscribe(ViEventType type, spi::EventSink& sink, std::size_t most) {
  const MutexLock lock(mutex_);
  subscriptions_.push_back({type, &sink, most});
}

void InterruptSubscribers::unsubscribe(ViEventType type, const spi::EventSink& sink) {
  const CancelShield shield;  // the sink must not be posted to after this
  MutexLock lock(mutex_);
  std::erase_if(subscriptions_,
                [&](const auto& one) { return one.type == type && one.sink == &sink; });
  while (posting_.contains(&sink)) lock.wait(posted_);
}

bool InterruptSubscribers::any() {
  const MutexLock lock(mutex_);
  return !subscriptions_.empty();
}

void InterruptSubscribers::post(ViEventType type, std::span<const std::byte> packet) {
  const Posting posting(*this, type);
  for (const auto& one : posting.subscriptions) {
    one.sink->post(record_of(type, packet, one.most));
  }
}

}  // namespace visa::drivers::usb
