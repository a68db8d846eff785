// SPDX-License-Identifier: MIT
// How long an event takes from where it is raised to the first line of the program's handler, and
// to the return of a waiting viWaitOnEvent. It measures only the event hub and its threads, without
// a wire. On Linux both are one wake-up of a thread; the row `wake-up` measures a bare wake-up.
//
//   event_bench [COUNT]
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "lib/events/event_hub.h"

namespace {

using Clock = std::chrono::steady_clock;
using visa::Call;
using visa::Deadline;
using visa::events::EventHub;

// Hands a time point from one thread to another and back.
class Baton {
 public:
  void arrive(Clock::time_point when) {
    const std::lock_guard lock(mutex_);
    at_ = when;
    here_ = true;
    changed_.notify_one();
  }
  Clock::time_point take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return here_; });
    here_ = false;
    return at_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  Clock::time_point at_;
  bool here_ = false;
};

class Host final : public visa::events::EventHost {
 public:
  ViSession session() const noexcept override { return 1; }
  visa::Status start(ViEventType) override { return visa::Status::success; }
  void stop(ViEventType) override {}
  ViEvent open_context(const visa::events::Occurrence&) override { return 2; }
  void close_context(ViEvent) override {}
};

ViStatus arrive(ViSession, ViEventType, ViEvent, ViAddr baton) {
  const auto now = Clock::now();
  static_cast<Baton*>(baton)->arrive(now);
  return VI_SUCCESS;
}

void print(const char* row, std::vector<double> times) {
  std::sort(times.begin(), times.end());
  const auto at = [&](double part) {
    return times[static_cast<std::size_t>(part * static_cast<double>(times.size() - 1))];
  };
  std::printf("%-40s p50 %8.2f us   p99 %8.2f us\n", row, at(0.5), at(0.99));
}

double since(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double, std::micro>(to - from).count();
}

}  // namespace

int main(int argc, char** argv) {
  const int count = argc > 1 ? std::atoi(argv[1]) : 5000;
  if (count < 1) return 2;
  constexpr ViEventType kType = VI_EVENT_IO_COMPLETION;

  // The floor: one thread wakes another thread.
  std::vector<double> wakes;
  {
    Baton there;
    Baton back;
    std::thread other([&] {
      for (int i = 0; i < count; ++i) {
        const auto sent = there.take();
        const auto now = Clock::now();
        wakes.push_back(since(sent, now));
        back.arrive(now);
      }
    });
    for (int i = 0; i < count; ++i) {
      there.arrive(Clock::now());
      back.take();
    }
    other.join();
  }

  const auto hub =
      std::make_shared<EventHub>(visa::model::Kind::tcpip_socket, std::make_shared<Host>());
  Baton baton;
  std::vector<double> handled;
  bool fine =
      visa::ok(hub->install({kType, arrive, &baton})) && visa::ok(hub->enable(kType, VI_HNDLR));
  for (int i = 0; fine && i < count; ++i) {
    const auto sent = Clock::now();
    hub->post({kType, {}});
    handled.push_back(since(sent, baton.take()));
  }
  fine = fine && visa::ok(hub->disable(kType, VI_HNDLR)) && visa::ok(hub->enable(kType, VI_QUEUE));

  std::vector<double> waited;
  Baton done;
  std::thread waiter([&] {
    for (int i = 0; fine && i < count; ++i) {
      Call call(Deadline::after(std::chrono::seconds(10)));
      const bool got = hub->wait(kType, call).has_value();
      done.arrive(Clock::now());
      if (!got) return;
    }
  });
  for (int i = 0; fine && i < count; ++i) {
    const auto sent = Clock::now();
    hub->post({kType, {}});
    waited.push_back(since(sent, done.take()));
  }
  waiter.join();
  hub->close();
  if (!fine) {
    std::fputs("event_bench: the events could not be enabled\n", stderr);
    return 2;
  }
  print("wake-up of a thread (floor)", wakes);
  print("post to the handler's first line", handled);
  print("post to the return of a wait", waited);
  return 0;
}
