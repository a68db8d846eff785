// SPDX-License-Identifier: MIT
// NI's GPIB-ENET/100 as a box: the bus that its clients share, of whom one at a time has it, and
// what they ask beside their main connections. What is said on those is an EnetSession.
//
// Owned by a GpibServer; on the bench's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sim/gpib/gpib_bus.h"

namespace visa::sim {

/// What the box knows of a client by its main connection.
class EnetClient {
 public:
  virtual ~EnetClient() = default;
  /// The TCP port of the client.
  virtual std::uint16_t port() const noexcept = 0;
  /// The device that the client has named; null if nothing is there.
  virtual GpibStation* station() = 0;
  /// The bus is free, or something on it has changed: go on, later and not in here.
  virtual void wake() = 0;
};

class EnetBox final : public GpibWatcher {
 public:
  explicit EnetBox(GpibBus& bus);
  ~EnetBox() override;

  GpibBus& bus() noexcept { return bus_; }

  void join(EnetClient& client);
  void leave(EnetClient& client) noexcept;
  std::size_t clients() const noexcept { return clients_.size(); }
  /// The client with this port; null if there is none.
  EnetClient* of_port(std::uint16_t port) const noexcept;

  /// True if the client has the bus from now on.
  bool take_bus(EnetClient& client) noexcept;
  void give_bus(EnetClient& client) noexcept;

  void count_unknown() noexcept { ++unknown_; }
  void clear_interface() noexcept { ++interface_clears_; }
  /// Requests that the box does not know; interface clears.
  std::uint64_t unknown() const noexcept { return unknown_; }
  std::uint64_t interface_clears() const noexcept { return interface_clears_; }

 private:
  void on_bus_changed() override;

  GpibBus& bus_;
  std::vector<EnetClient*> clients_;
  EnetClient* holder_ = nullptr;
  std::uint64_t unknown_ = 0;
  std::uint64_t interface_clears_ = 0;
};

// What the box sends. Everything is big endian.

inline constexpr std::size_t kEnetFrame = 12;
inline constexpr std::uint16_t kEnetError = 0x8000;
inline constexpr std::uint16_t kEnetTimedOut = 0x4000;
inline constexpr std::uint16_t kEnetEnd = 0x2000;
inline constexpr std::uint16_t kEnetServiceLine = 0x1000;
inline constexpr std::uint16_t kEnetRequested = 0x0800;
inline constexpr std::uint16_t kEnetComplete = 0x0100;

enum class EnetFailure : std::uint16_t {
  no_listener = 2,
  argument = 4,
  aborted = 6,
  nothing_on_bus = 10,
};

/// The number of `size` bytes at `at`.
std::uint32_t enet_number(std::string_view frame, std::size_t at, std::size_t size);
/// A status, as the payload of a chunk.
std::string enet_status(std::uint16_t state, std::uint32_t count = 0);
std::string enet_failure(EnetFailure failure, std::uint16_t state = 0, std::uint32_t count = 0);
/// `flags`: 0 data, 1 the end of the data.
std::string enet_chunk(std::string_view payload, std::uint16_t flags = 0);

}  // namespace visa::sim
