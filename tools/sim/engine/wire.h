// SPDX-License-Identifier: MIT
// What the Bench knows of an instrument on a wire: under which name programs open it. A wire makes
// a Link for each client and moves bytes; framing, message exchange, status, delays and faults are
// the Link's and the Instrument's.
//
// What a new wire does: hands input to Link::receive and sends Link::output() (or asks Link::read);
// calls Link::release() when Link::due() has come and after on_late_answer(); closes the connection
// when Link::ending() says so and the output has gone; logs what crosses it by Link::log(). Where
// answers are sent unasked and the client says later that it has read them, Link::note_in_flight().
// How the bench comes to know it: wire_kind.h. Everything on the bench's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace visa::sim {

class Wire {
 public:
  /// What DNS-SD announces: "_lxi._tcp" and a port.
  struct Service {
    std::string type;
    std::uint16_t port = 0;
    /// The device in its resource name ("hislip1"), where clients cannot know it; else empty.
    std::string device = {};
  };

  virtual ~Wire() = default;
  /// Under which a VISA program on this machine opens it: "TCPIP0::127.0.0.1::5025::SOCKET".
  virtual std::string resource_name() const = 0;
  /// Attributes that belong into its configuration, as TOML ("VI_ATTR_TERMCHAR_EN = true"); may be
  /// empty.
  virtual std::string configuration() const { return {}; }
  /// Transport settings a client needs to reach it, in the same way ("core_port = 40000").
  virtual std::string transport() const { return {}; }
  /// 0 where there is none.
  virtual std::uint16_t port() const noexcept { return 0; }
  /// How programs that look for instruments are to find it.
  virtual std::vector<Service> services() const { return {}; }
  /// Connected now.
  virtual std::size_t clients() const noexcept = 0;

  // What only some wires have, for the control socket.

  /// Unplugs the device, or plugs it in again; false where nothing can be unplugged.
  virtual bool plug(bool in) {
    static_cast<void>(in);
    return false;
  }
  /// Sends the client a notification of the device's own; false where there are none.
  virtual bool notify(std::string_view bytes) {
    static_cast<void>(bytes);
    return false;
  }
  /// Numbers by name, of what the client can have changed or counted.
  using State = std::vector<std::pair<std::string, std::uint64_t>>;
  virtual State state() const { return {}; }
};

}  // namespace visa::sim
