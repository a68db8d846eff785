// SPDX-License-Identifier: MIT
// What [hislip] of an instrument file says. Plain data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tools/sim/engine/wire_kind.h"
#include "tools/sim/hislip/hislip_message.h"
#include "tools/sim/security/tls.h"

namespace visa::sim {

/// Which of the two modes of IVI-6.1 chapter 3 an instrument has.
enum class HislipOverlap : std::uint8_t {
  never,      ///< synchronized only
  allowed,    ///< starts synchronized; a client may change it by device clear
  preferred,  ///< starts in overlap mode; likewise
  always,     ///< overlap only
};

/// Whether clients have to use TLS.
enum class HislipEncryption : std::uint8_t {
  off,        ///< there is none
  optional,   ///< as the client likes
  initial,    ///< at first; it may end afterwards
  mandatory,  ///< always
};

struct HislipDescription : WireSection {
  static constexpr std::uint64_t kMostReceive = std::uint64_t{1} << 30;

  std::string device;  ///< sub-address, "hislip3"; empty: the next that is free
  HislipOverlap overlap = HislipOverlap::allowed;
  std::uint16_t version = kHislipVersion2;  ///< the highest that is negotiated
  std::uint64_t max_receive = 1 << 20;      ///< payload of one message from the client
  std::size_t largest_answer = 0;           ///< payload of one Data; 0: as the client wants it
  bool strict_ids = false;                  ///< a status query names the last message exactly

  HislipEncryption encryption = HislipEncryption::off;
  bool clear_changes_encryption = false;  ///< a client may, by device clear
  TlsChoice tls = {};
  /// Of SASL, the best first.
  std::vector<std::string> mechanisms = {"ANONYMOUS"};
  bool authentication = false;                    ///< a secure connection is of no use before it
  std::map<std::string, std::string> users = {};  ///< passwords by name

  bool may(bool overlapped) const noexcept {
    return overlap != (overlapped ? HislipOverlap::never : HislipOverlap::always);
  }
  bool starts_overlapped() const noexcept {
    return overlap == HislipOverlap::preferred || overlap == HislipOverlap::always;
  }
};

/// Reads [hislip] of an instrument file; what is wrong with it is noted in `table`.
std::unique_ptr<const HislipDescription> read_hislip_description(TableReader& table);

}  // namespace visa::sim
