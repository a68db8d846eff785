// SPDX-License-Identifier: MIT
// What one interface link ("gpib0") sees of the gateway's GPIB bus: which stations are addressed,
// and what device_docmd does (VXI-11.2 appendix B). Each interface link has its own addressing; the
// instruments are those of all.
//
// Owned by a Vxi11Link; on the bench's thread only.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sim/engine/link.h"
#include "tools/sim/vxi11/vxi11_description.h"

namespace visa::sim {

class GpibInterface {
 public:
  struct Place {
    GpibAddress address;
    Instrument* instrument = nullptr;
  };

  /// The instruments, and `events` of the links to them, outlive the interface.
  GpibInterface(const std::vector<Place>& places, LinkEvents& events);

  /// One docmd: the error code of VXI-11 and, without an error, what it answers.
  std::uint32_t command(std::uint32_t number, bool network_order, std::int32_t data_size,
                        std::string_view data, std::string& answer);

  /// The links that hear what is written, and the one that is read from (may be null).
  const std::vector<Link*>& listeners() const noexcept { return listeners_; }
  Link* talker() const noexcept { return talker_; }

  /// DCL: every instrument. GET: the listeners.
  void device_clear();
  void trigger();
  std::vector<Link*> links() const;

 private:
  struct Station {
    GpibAddress address;
    std::unique_ptr<Link> link;
  };

  struct Docmd {
    std::uint32_t number = 0;
    std::uint8_t bytes = 0;
    std::uint32_t least = 0;
    std::uint32_t most = 0;
    void (GpibInterface::*act)(std::uint32_t value) = nullptr;
  };
  static const std::array<Docmd, 6> kDocmds;

  void control_remote(std::uint32_t value);
  void pass_control(std::uint32_t value);
  void set_address(std::uint32_t value);
  void interface_clear(std::uint32_t value);
  void send_commands(std::string_view bytes);
  void address(bool talk, std::uint8_t primary, const std::uint8_t* secondary);
  std::uint16_t status(std::uint32_t selector) const;

  std::vector<Station> stations_;
  std::vector<Link*> listeners_;
  Link* talker_ = nullptr;
  bool controller_talks_ = false;
  bool controller_listens_ = false;
  bool remote_enable_ = true;
  bool in_charge_ = true;
  std::uint8_t own_address_ = 0;
};

}  // namespace visa::sim
