// SPDX-License-Identifier: MIT
// A hub with a stand-in for its session: contexts are numbers, and what is started and stopped is
// written down. Handlers write into a diary that tests wait on. Any thread.
#pragma once

#include <gtest/gtest.h>
#include <visa.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <vector>

#include "conformance/unit/support/patience.h"
#include "conformance/unit/support/watcher.h"
#include "lib/events/event_hub.h"

namespace visa::events::test {

using visa::test::kPatience;
using visa::test::Signal;

inline constexpr ViEventType kRequest = VI_EVENT_SERVICE_REQ;
inline constexpr ViEventType kDone = VI_EVENT_IO_COMPLETION;
inline constexpr ViSession kVi = 77;

class FakeHost final : public EventHost {
 public:
  ViSession session() const noexcept override { return kVi; }
  Status start(ViEventType type) override {
    std::function<Status()> hook;
    {
      const std::lock_guard lock(mutex_);
      ++started[type];
      hook = on_start;
    }
    return hook ? hook() : Status::success;
  }
  void stop(ViEventType type) override {
    const std::lock_guard lock(mutex_);
    ++stopped[type];
  }
  ViEvent open_context(const Occurrence& occurrence) override {
    const std::lock_guard lock(mutex_);
    if (no_memory > 0) {
      --no_memory;
      throw std::bad_alloc();
    }
    contexts[++last_] = occurrence;
    return last_;
  }
  void close_context(ViEvent context) override {
    const std::lock_guard lock(mutex_);
    contexts.erase(context);
  }
  std::size_t open_contexts() const {
    const std::lock_guard lock(mutex_);
    return contexts.size();
  }
  /// The VI_ATTR_JOB_ID a test put into the occurrence of `context`; -1 when it is not open.
  int number_of(ViEvent context) const {
    const std::lock_guard lock(mutex_);
    const auto found = contexts.find(context);
    if (found == contexts.end() || found->second->attributes.empty()) return -1;
    return static_cast<int>(model::number(found->second->attributes.front().second));
  }

  std::map<ViEventType, int> started;
  std::map<ViEventType, int> stopped;
  std::map<ViEvent, Occurrence> contexts;
  std::function<Status()> on_start;
  int no_memory = 0;  // so many contexts cannot be had

 private:
  mutable std::mutex mutex_;
  ViEvent last_ = 1000;
};

using visa::test::Diary;
using visa::test::Watcher;

inline Handler handler_of(Watcher& watcher, ViEventType type) {
  return {type, &Watcher::entry, &watcher};
}

class HubTest : public ::testing::Test {
 protected:
  HubTest() : hub_(std::make_shared<EventHub>(model::Kind::tcpip_vxi11, host_)) {}
  ~HubTest() override { hub_->close(); }

  static spi::EventRecord numbered(ViEventType type, int number) {
    return {type, {{VI_ATTR_JOB_ID, static_cast<std::uint64_t>(number)}}};
  }
  void post(int number, ViEventType type = kRequest) { hub_->post(numbered(type, number)); }

  Result<Occurrence> take(ViEventType type = kRequest) {
    Call call(Deadline::immediate());
    return hub_->wait(type, call);
  }
  static int number(const Result<Occurrence>& got) {
    return got ? static_cast<int>(model::number((*got)->attributes.front().second)) : -1;
  }

  /// A handler that writes "<name><number of the occurrence>" and answers `answer`.
  Watcher writes(std::string name, ViStatus answer = VI_SUCCESS) {
    return {[this, name, answer](ViSession, ViEventType, ViEvent context) {
      diary_.add(name + std::to_string(host_->number_of(context)));
      return answer;
    }};
  }
  void install(Watcher& watcher, ViEventType type = kRequest) {
    watcher.at_end([weak = std::weak_ptr<EventHub>(hub_), handler = handler_of(watcher, type)] {
      if (const auto hub = weak.lock()) hub->uninstall(handler);
    });
    ASSERT_EQ(hub_->install(handler_of(watcher, type)), Status::success);
  }
  void enable(ViUInt16 mechanism, ViEventType type = kRequest) {
    ASSERT_EQ(hub_->enable(type, mechanism), Status::success);
  }

  std::shared_ptr<FakeHost> host_ = std::make_shared<FakeHost>();
  std::shared_ptr<EventHub> hub_;
  Diary diary_;
};

}  // namespace visa::events::test
