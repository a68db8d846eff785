// SPDX-License-Identifier: MIT
// The driver and the finders of a library under test: tests of the core link this in place of the
// generated tables. The library makes its drivers once a process; what they do is asked of the one
// FakeBench, which each test resets. Any thread.
#pragma once

#include <visa.h>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "conformance/unit/support/fake_wire.h"
#include "lib/spi/driver.h"
#include "lib/spi/finder.h"

namespace visa::test {

/// One viOpen as the driver saw it.
struct Opened {
  std::string name;
  std::chrono::steady_clock::time_point at;
  Deadline deadline = Deadline::infinite();
  spi::Settings settings;
  std::vector<std::pair<ViAttr, model::AttributeValue>> initial_attributes;
  std::string credential;  // its name; "" for none
  spi::BoardSettings boards;
};

class FakeBench {
 public:
  static FakeBench& instance();

  /// As new. Call when no session of an earlier test is left.
  void reset();

  /// The wire the next viOpen gets; opens nobody prepared get plain ones.
  FakeWire& prepare();

  /// Runs instead of connecting; its status, when it is a failure, is what viOpen gets.
  void on_open(std::function<Status(Call&)> hook);

  /// Says which physical thing a name means, in place of what is usual.
  using Identify = std::function<Result<spi::Identity>(const spi::OpenRequest&, Call&)>;
  void on_identify(Identify hook);

  /// Runs in the finder for that interface (ASRL, TCPIP, USB).
  using Find = std::function<void(const model::FindExpression&, Call&, spi::DescriptorSink&)>;
  void on_find(model::Interface interface, Find hook);

  /// Kinds the driver serves: all, unless set.
  void serve(model::KindSet kinds);

  std::vector<Opened> opened() const;
  /// The wire of the n-th open since the reset.
  std::shared_ptr<FakeWire> wire(std::size_t index) const;

  // For the driver and the finders.
  model::KindSet kinds() const;
  Identify identify() const;
  Result<std::unique_ptr<spi::Channel>> open(const spi::OpenRequest& request, Call& call);
  void find(model::Interface interface, const model::FindExpression& expression, Call& call,
            spi::DescriptorSink& sink);

 private:
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<FakeWire>> prepared_;
  std::vector<std::shared_ptr<FakeWire>> wires_;
  std::vector<Opened> opened_;
  std::function<Status(Call&)> on_open_;
  Identify identify_;
  std::vector<std::pair<model::Interface, Find>> finds_;
  model::KindSet kinds_ = model::kIoKinds;
};

}  // namespace visa::test
