// SPDX-License-Identifier: MIT
// What the GPIB engine needs of an adapter: a kernel board, a Prologix, a LAN gateway, a USB
// dongle. Two groups of operations. Those of a device (write, read, serial_poll, ...) name an
// address, and the adapter does the addressing: many adapters do not let the host do it. Those of
// the bus (command, send, receive, lines) are for adapters with the freedom of a board; such a back
// end inherits CommandController, which makes the first group out of the second.
//
// Owned by one Bus, which several sessions of a process share. The bus calls one method at a time,
// from whatever thread needs it, with `begin` before and `end` after on the same thread. Any thread
// may call `wake`, `gone` and `name`, and one thread of the bus calls `wait_events` beside
// everything else. What an adapter cannot do it does not override: the default answers
// error_nsup_oper.
//
// Nothing waits beyond `call.deadline`, also where the adapter's own timer is coarse; nothing waits
// longer than 20 ms after `wake` when `call.cancelled()`. After any failure the next operation
// works, unless the adapter is gone: error_conn_lost. Failures leave a line in `call.detail`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "drivers/gpib/gpib_address.h"
#include "lib/base/call.h"
#include "lib/base/result.h"
#include "lib/base/status.h"
#include "lib/spi/facets.h"
#include "lib/spi/transfer_rules.h"

namespace visa::drivers::gpib {

/// How a session wants its device addressed.
struct AddressRule {
  /// VI_ATTR_GPIB_READDR_EN: address before each transfer, even if the device is addressed already.
  /// What continues a message is part of the same transfer: an answer that stopped on its count or
  /// termination character, or a write after one without END. It is not re-addressed, because many
  /// instruments then lose or repeat data, unless the bus was given away in between.
  bool readdress = true;
  /// VI_ATTR_GPIB_UNADDR_EN: UNT and UNL after each transfer.
  bool unaddress = false;
};

/// A line of the bus, or a state of the board. The values are those of VI_STATE_*.
enum class State : std::int8_t { unknown = -1, unasserted = 0, asserted = 1 };

/// Whether the board itself is addressed: the values of VI_ATTR_GPIB_ADDR_STATE.
enum class Addressed : std::int16_t { no = 0, talker = 1, listener = 2 };

/// What is known of the bus at one moment. A line that the adapter cannot read is unknown.
struct BusState {
  State ren = State::unknown;
  State atn = State::unknown;
  State ndac = State::unknown;
  State nrfd = State::unknown;
  State srq = State::unknown;
  State controller_in_charge = State::unknown;
  State system_controller = State::unknown;
  Addressed addressed = Addressed::no;
};

/// A set of occurrences on the bus. `service` is a level (SRQ is asserted), the others happen once.
enum class BusEvents : std::uint8_t {
  none = 0,
  service = 1,
  controller = 2,  // the board became, or is no longer, controller in charge
  talk = 4,
  listen = 8,
  clear = 16,
  trigger = 32,
};
constexpr BusEvents operator|(BusEvents a, BusEvents b) noexcept {
  return static_cast<BusEvents>(static_cast<std::uint8_t>(a) | static_cast<std::uint8_t>(b));
}
constexpr BusEvents operator&(BusEvents a, BusEvents b) noexcept {
  return static_cast<BusEvents>(static_cast<std::uint8_t>(a) & static_cast<std::uint8_t>(b));
}
constexpr bool any(BusEvents events) noexcept {
  return events != BusEvents::none;
}

/// VI_GPIB_ATN_* of viGpibControlATN as a type.
enum class AtnMode : std::uint16_t {
  deassert = 0,
  assert_atn = 1,
  deassert_handshake = 2,
  assert_immediate = 3,
};

class Controller {
 public:
  Controller() = default;
  Controller(const Controller&) = delete;
  Controller& operator=(const Controller&) = delete;
  virtual ~Controller() = default;

  /// Gives the adapter up. No operation is in progress and none follows; a `wake` may come.
  virtual void close(Call& call) noexcept = 0;

  /// The adapter, for texts ("Prologix at 192.0.2.1 port 1234", "/dev/gpib0"). Constant.
  virtual const std::string& name() const noexcept = 0;

  /// True once the adapter is known to be gone; it never comes back: a later viOpen opens it anew.
  virtual bool gone() const noexcept = 0;

  /// Makes the operation in progress and a `wait_events` look at their cancel tokens. Never blocks;
  /// has no effect on an operation that begins later.
  virtual void wake() noexcept = 0;

  /// Around everything that must not be divided, such as the serial polls after a service request:
  /// takes the board for this process, and sets what belongs to the board and not to a call
  /// (timeouts, EOS). After a failure there is no `end`. error_tmo: another process has it.
  virtual Status begin(Call&) { return Status::success; }
  virtual void end() noexcept {}

  // --- One device ---

  /// Before the first and after the last use of an address by this process: for adapters that keep
  /// a connection per device. Statuses are those of viOpen. Nothing is sent to the instrument.
  virtual Status attach(const Address&, Call&) { return Status::success; }
  virtual void detach(const Address&, Call&) noexcept {}
  /// Before a session of the board itself: for adapters that connect only when they are used.
  /// Statuses are those of viOpen.
  virtual Status attach_board(Call&) { return Status::success; }

  /// Sends to the device; EOI goes with the last byte if `rule.end` is WriteEnd::end. A new message
  /// makes the rest of an earlier answer of this device void. error_nlisteners.
  virtual spi::WriteResult write(const Address& to, std::span<const std::byte> data,
                                 const spi::WriteRule& rule, const AddressRule& addressing,
                                 Call& call) = 0;

  /// Reads from the device until count, EOI (StopReason::end), or termination character
  /// (StopReason::termchar; end, if EOI came with it). With `rule.suppress_end` an adapter may stop
  /// at EOI all the same: the engine reads on. At the deadline error_tmo with the bytes so far.
  /// What an adapter receives beyond the count it keeps for the next read from that address, across
  /// operations with other devices, until the next write to or clear of that address. The same
  /// holds for an answer that comes after its read was given up.
  virtual spi::ReadResult read(const Address& from, std::span<std::byte> into,
                               const spi::EndRule& rule, const AddressRule& addressing,
                               Call& call) = 0;

  /// Serial poll. error_tmo: the device did not answer.
  virtual Result<std::uint8_t> serial_poll(const Address& device, Call& call) = 0;

  /// SDC. What was kept of the device's answers is dropped.
  virtual Status clear(const Address& device, Call& call) = 0;

  /// GET to the one device; the line and protocol were checked.
  virtual Status trigger(const Address& device, Call& call) = 0;

  /// viGpibControlREN. `device` is null for the board (INTFC), which has deassert, assert_ren and
  /// assert_llo only. error_nsys_cntlr; error_inv_mode: this adapter cannot do that.
  virtual Status control_ren(const Address* device, spi::RenMode mode, Call& call) = 0;

  /// The devices that listen, without writing to any. Bounded by the deadline; may return what it
  /// found until then, with a success.
  virtual Result<std::vector<Address>> find_listeners(Call&) { return Status::error_nsup_oper; }

  // --- The bus (INTFC) ---

  /// Command bytes with ATN. error_ncic, error_nlisteners (nothing on the bus).
  virtual spi::WriteResult command(std::span<const std::byte>, Call&) {
    return {Status::error_nsup_oper, 0};
  }
  /// Data to whatever devices are addressed to listen; EOI with the last byte if `eoi`.
  virtual spi::WriteResult send(std::span<const std::byte>, bool /*eoi*/, Call&) {
    return {Status::error_nsup_oper, 0};
  }
  /// Data from whatever device is addressed to talk; ends as `read` does.
  virtual spi::ReadResult receive(std::span<std::byte>, const spi::EndRule&, Call&) {
    return {Status::error_nsup_oper, 0, spi::StopReason::count};
  }
  virtual Status send_ifc(Call&) { return Status::error_nsup_oper; }
  /// error_nsup_mode: the adapter lacks this mode. error_ncic.
  virtual Status control_atn(AtnMode, Call&) { return Status::error_nsup_oper; }
  virtual Status pass_control(const Address&, Call&) { return Status::error_nsup_oper; }
  /// GET to whatever devices are addressed to listen.
  virtual Status trigger_listeners(Call&) { return Status::error_nsup_oper; }

  /// Whatever can be known, without disturbing anything.
  virtual Result<BusState> state(Call&) { return BusState{}; }

  /// The board's own address.
  virtual Address own_address() const noexcept { return {}; }
  virtual Status set_own_address(const Address&, Call&) { return Status::error_nsup_attr_state; }
  virtual Status set_system_controller(bool, Call&) { return Status::error_nsup_attr_state; }
  /// VI_ATTR_GPIB_HS488_CBL_LEN: metres; 0 off, -1 (VI_GPIB_HS488_NIMPL) not there.
  virtual std::int16_t cable_length() const noexcept { return -1; }
  virtual Status set_cable_length(std::int16_t, Call&) { return Status::error_nsup_attr_state; }

  /// VI_ATTR_DEV_STATUS_BYTE: what the board answers when another controller polls it.
  virtual std::uint8_t own_status() const noexcept { return 0; }
  virtual Status set_own_status(std::uint8_t, Call&) { return Status::error_nsup_attr_state; }

  // --- Events ---

  /// What `wait_events` reports.
  virtual BusEvents awaitable() const noexcept { return BusEvents::none; }
  /// On a thread of its own, beside other operations and outside of begin and end: waits until one
  /// of `wanted` is there, at once where it is already. error_tmo, error_abort. Only called with a
  /// subset of awaitable().
  virtual Result<BusEvents> wait_events(BusEvents /*wanted*/, Call&) {
    return Status::error_nsup_oper;
  }
  /// True while SRQ is asserted: for adapters that have to be asked. The bus asks now and then
  /// while a session has enabled service requests.
  virtual Result<bool> service_requested(Call&) { return Status::error_nsup_oper; }
  /// True where service_requested works.
  virtual bool tells_service() const noexcept { return false; }
  /// True where only the adapter knows whether it can tell of service requests; `find_service` then
  /// is called before a session enables them. error_nsup_mech: it cannot, so that none would ever
  /// come. Another failure may pass, and does not keep the session from enabling them.
  virtual bool may_lack_service() const noexcept { return false; }
  virtual Status find_service(Call&) { return Status::success; }
};

}  // namespace visa::drivers::gpib
