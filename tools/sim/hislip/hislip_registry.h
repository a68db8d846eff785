// SPDX-License-Identifier: MIT
// What all connections to one HiSLIP server share: the devices by sub-address and the sessions by
// their number.
//
// Owned by the HislipServer; on the bench's thread only. Bounded whatever clients do: kMostSessions
// sessions, of which `most_half_open` have no asynchronous channel yet, each for `handshake_time`.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "tools/sim/engine/faults.h"
#include "tools/sim/hislip/hislip_device.h"
#include "tools/sim/hislip/hislip_session.h"

namespace visa::sim {

class HislipRegistry : public HislipSessionOwner {
 public:
  static constexpr std::size_t kMostSessions = 4096;
  static constexpr std::size_t kLongestSubAddress = 256;

  HislipRegistry() = default;
  HislipRegistry(const HislipRegistry&) = delete;
  HislipRegistry& operator=(const HislipRegistry&) = delete;

  /// Gives an instrument a sub-address; where the one it asks for is taken, one that is free. The
  /// instrument outlives the registry.
  HislipDevice& add(Instrument& instrument, HislipDescription description);
  std::deque<HislipDevice>& devices() noexcept { return devices_; }
  const std::deque<HislipDevice>& devices() const noexcept { return devices_; }
  /// Without regard to case; empty: hislip0. Null if there is none.
  HislipDevice* find_device(std::string_view sub_address);

  /// Why there is no session.
  struct Refusal {
    HislipFatal code = HislipFatal::unidentified;
    std::string text;
  };
  /// A session whose synchronous channel is `channel`.
  std::variant<HislipSession*, Refusal> open(HislipChannel& channel, std::string_view sub_address,
                                             std::uint16_t client_version);
  /// Null if there is none.
  HislipSession* find_session(std::uint32_t id) const noexcept;

  /// A fault for a message that belongs to no device yet; null: none.
  const FaultBoard::Active* next_fault(FaultPoint point, const WireOperation* operation);

  /// TcpServer::kReceiveBytes, for whichever connection is being served.
  char* plain_buffer();

  std::size_t most_half_open = 256;
  std::chrono::milliseconds handshake_time{10000};  ///< for each message of the handshake

 private:
  void close(const HislipSession& session) noexcept override;
  std::string free_name() const;
  std::uint16_t new_id() noexcept;
  std::size_t half_open() const noexcept;

  std::deque<HislipDevice> devices_;
  std::map<std::uint16_t, std::unique_ptr<HislipSession>> sessions_;
  std::unique_ptr<char[]> plain_buffer_;  ///< once it is needed
  std::uint16_t next_id_ = 0;             ///< from 0 on, which a client must not take for "none"
};

}  // namespace visa::sim
