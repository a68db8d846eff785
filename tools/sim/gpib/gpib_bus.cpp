// SPDX-License-Identifier: MIT
// An instrument has one GPIB interface, so one Link, whatever controllers came and went.
#include "tools/sim/gpib/gpib_bus.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace visa::sim {
namespace {

constexpr int kMostAddress = 30;

std::optional<std::uint8_t> bus_number(std::string_view text) noexcept {
  int value = -1;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stopped != end || value < 0 || value > kMostAddress) {
    return std::nullopt;
  }
  return static_cast<std::uint8_t>(value);
}

}  // namespace

std::optional<GpibPlace> parse_gpib_place(std::string_view text) {
  const std::size_t comma = text.find(',');
  const auto primary = bus_number(text.substr(0, comma));
  if (!primary) return std::nullopt;
  GpibPlace place{*primary};
  if (comma == std::string_view::npos) return place;
  place.secondary = bus_number(text.substr(comma + 1));
  if (!place.secondary) return std::nullopt;
  return place;
}

GpibStation::GpibStation(GpibWatcher*& watcher, Instrument& instrument, const GpibPlace& place)
    : watcher_(watcher),
      place_(place),
      link_(instrument, Exchange::strict, static_cast<LinkEvents*>(this)) {}

void GpibStation::on_late_answer() {
  if (watcher_ != nullptr) watcher_->on_bus_changed();
}

void GpibStation::on_service_request() {
  if (watcher_ != nullptr) watcher_->on_bus_changed();
}

GpibBus::GpibBus(EventLoop& loop) : loop_(loop) {
  loop_.add_timer(*this);
}

GpibBus::~GpibBus() {
  loop_.remove_timer(*this);
}

GpibPlace GpibBus::add(Instrument& instrument, const std::optional<GpibPlace>& place) {
  std::optional<GpibPlace> free = place;
  const auto there = [&](const GpibPlace& one) {
    return std::any_of(stations_.begin(), stations_.end(),
                       [&](const auto& station) { return station->place() == one; });
  };
  if (free && there(*free)) free.reset();
  // 0 is the controller's.
  for (std::uint8_t primary = 1; !free && primary <= kMostAddress; ++primary) {
    const bool taken = std::any_of(stations_.begin(), stations_.end(), [&](const auto& one) {
      return one->place().primary == primary;
    });
    if (!taken) free = GpibPlace{primary};
  }
  if (!free) throw std::runtime_error("all addresses of the GPIB bus are taken");
  stations_.push_back(std::make_unique<GpibStation>(watcher_, instrument, *free));
  return *free;
}

GpibStation* GpibBus::find(const GpibPlace& place) noexcept {
  for (const auto& one : stations_) {
    if (one->place() == place) return one.get();
  }
  // An instrument without secondary addresses does not notice one (IEEE 488.1).
  return place.secondary ? find(GpibPlace{place.primary}) : nullptr;
}

bool GpibBus::srq() const noexcept {
  return std::any_of(stations_.begin(), stations_.end(),
                     [](const auto& one) { return one->link().service_requested(); });
}

std::optional<Clock::time_point> GpibBus::due() const {
  std::optional<Clock::time_point> earliest;
  for (const auto& one : stations_) {
    const auto due = one->link().due();
    if (due && (!earliest || *due < *earliest)) earliest = due;
  }
  return earliest;
}

void GpibBus::on_due(Clock::time_point now) {
  for (const auto& one : stations_) one->link().release(now);
  if (watcher_ != nullptr) watcher_->on_bus_changed();
}

}  // namespace visa::sim
