// SPDX-License-Identifier: MIT
// A GPIB bus with the instruments on it, as an adapter sees it: which address answers, what it has
// to say, and the one SRQ line of all. Owned by a GpibServer; on the bench's thread only.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tools/sim/base/event_loop.h"
#include "tools/sim/base/timer_source.h"
#include "tools/sim/engine/link.h"

namespace visa::sim {

/// 0 to 30 each, as VISA counts; on the wire a secondary address is 96 higher.
struct GpibPlace {
  std::uint8_t primary = 0;
  std::optional<std::uint8_t> secondary = std::nullopt;
  friend auto operator<=>(const GpibPlace&, const GpibPlace&) = default;
};

/// "5" or "5,2"; nothing for anything else.
std::optional<GpibPlace> parse_gpib_place(std::string_view text);

/// The controller of the bus.
class GpibWatcher {
 public:
  virtual ~GpibWatcher() = default;
  /// An instrument has something to say, or may take something again. Called while the instrument
  /// is at work: the watcher goes on later.
  virtual void on_bus_changed() = 0;
};

class GpibStation final : private LinkEvents {
 public:
  GpibStation(GpibWatcher*& watcher, Instrument& instrument, const GpibPlace& place);

  const GpibPlace& place() const noexcept { return place_; }
  Link& link() noexcept { return link_; }
  FaultBoard& faults() noexcept { return link_.instrument().faults(); }

 private:
  void on_late_answer() override;
  void on_service_request() override;
  std::string peer() const override { return "GPIB"; }

  GpibWatcher*& watcher_;
  const GpibPlace place_;
  Link link_;
};

class GpibBus final : public TimerSource {
 public:
  explicit GpibBus(EventLoop& loop);
  ~GpibBus() override;
  GpibBus(const GpibBus&) = delete;
  GpibBus& operator=(const GpibBus&) = delete;

  /// The instrument is at `place`, or, where that is taken or not given, at the next address that
  /// is free. Throws std::runtime_error when all are taken.
  GpibPlace add(Instrument& instrument, const std::optional<GpibPlace>& place);
  /// What answers at `place`; null if nothing does. An instrument without secondary addresses
  /// answers whatever the secondary address is.
  GpibStation* find(const GpibPlace& place) noexcept;
  const std::vector<std::unique_ptr<GpibStation>>& stations() const noexcept { return stations_; }
  bool srq() const noexcept;
  void set_watcher(GpibWatcher* watcher) noexcept { watcher_ = watcher; }
  /// Of one that goes, where another may have come since.
  void forget_watcher(const GpibWatcher& watcher) noexcept {
    if (watcher_ == &watcher) watcher_ = nullptr;
  }

  std::optional<Clock::time_point> due() const override;
  void on_due(Clock::time_point now) override;

 private:
  EventLoop& loop_;
  GpibWatcher* watcher_ = nullptr;
  std::vector<std::unique_ptr<GpibStation>> stations_;
};

}  // namespace visa::sim
