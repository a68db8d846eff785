// SPDX-License-Identifier: MIT
// What the USB adapters of a GPIB bus have in common: replies on bulk-IN in the order of the
// questions, packets on the interrupt endpoint, the faults that meet both, and the controller of
// the bus. A reply that no program fetches waits for the next program, as in the real ones.
//
// Owned by a UsbDevice, from plugging in until it is unplugged; the Dongle outlives it. On the
// bench's thread only. Memory: kMostReplies replies, kMostReports packets.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "tools/sim/dongle/dongle_faults.h"
#include "tools/sim/dongle/dongle_model.h"
#include "tools/sim/gpib/gpib_controller.h"
#include "tools/sim/usb/usb_function.h"

namespace visa::sim {

class DongleFunction : public UsbFunction, private GpibWatcher {
 public:
  static constexpr std::size_t kMostReplies = 64;
  static constexpr std::size_t kMostReports = 64;

  DongleFunction(UsbPort& port, Dongle& dongle, std::uint16_t interrupt_packet);
  ~DongleFunction() override;
  DongleFunction(const DongleFunction&) = delete;
  DongleFunction& operator=(const DongleFunction&) = delete;

  const UsbLayout& layout() const noexcept override { return layout_; }
  UsbGiven give(std::uint8_t endpoint, std::size_t room) override;
  void reset() override;
  std::optional<Clock::time_point> due() const override;
  void on_due(Clock::time_point now) override;

 protected:
  /// Something on the bus has changed, or a time has come.
  virtual void go_on(Clock::time_point now) = 0;
  /// When go_on() is to be called at the latest.
  virtual std::optional<Clock::time_point> next_step() const = 0;
  /// What a program that was killed may have left unread.
  virtual std::string stale_reply() const = 0;

  /// To be called first by all that a host asks for.
  void begin_life();
  const FaultBoard::Active* meet(FaultPoint point, const WireOperation& operation);
  /// The call's fault, where it is one of the kinds that all families have: what it says of `kind`
  /// is done. True: the message is not executed.
  bool unplugged_or_silent(const FaultBoard::Active* active);
  void reply(std::string bytes, const WireOperation& operation);
  void report(std::string bytes, const WireOperation& operation);
  virtual std::string extra_report(std::uint32_t says) const = 0;
  bool accepting() const noexcept { return replies_.size() < kMostReplies; }
  bool has_replies() const noexcept { return !replies_.empty(); }
  void leave(std::chrono::milliseconds time);
  void violation(std::string_view what);
  bool logged() const noexcept;
  void log(std::string_view event, std::string_view text) const;

  Dongle& dongle() noexcept { return dongle_; }
  const Dongle& dongle() const noexcept { return dongle_; }
  DongleState& state() noexcept { return dongle_.state; }
  GpibController& bus() noexcept { return controller_; }
  const GpibController& bus() const noexcept { return controller_; }
  UsbPort& port() noexcept { return port_; }
  std::size_t packet() const noexcept { return layout_.endpoints[1].packet; }
  UsbGiven give_reply(std::size_t room);
  /// The last byte of a transfer has been given, which filled a packet.
  void end_with_empty_packet(std::size_t room_left) noexcept;
  UsbGiven give_ended(std::size_t room) noexcept;
  bool zero_packet() const noexcept { return room_left_.has_value(); }

 private:
  struct Reply {
    std::string bytes;
    Clock::time_point due = {};
    std::size_t given = 0;
    bool continues = false;  ///< in the same transfer
    bool halts = false;
    bool unplugs = false;
    std::chrono::milliseconds away{0};
  };
  struct Report {
    std::string bytes;
    Clock::time_point due = {};
  };

  void on_bus_changed() override { port_.wake(); }
  GpibStation* logging() const noexcept;
  void put(std::string bytes, Clock::time_point due);
  void put_stale(const Fault& fault);
  void put_split(const std::string& bytes, const Fault& fault, bool whole_packets);
  UsbGiven give_report(std::size_t room);

  UsbPort& port_;
  Dongle& dongle_;
  UsbLayout layout_;
  GpibController controller_;
  std::deque<Reply> replies_;
  std::deque<Report> reports_;
  /// An empty packet comes next, in a transfer that has so much room left.
  std::optional<std::size_t> room_left_;
  Clock::time_point woken_ = Clock::time_point::min();  ///< what was due until then has been seen
  bool begun_ = false;
  bool leaving_ = false;
};

}  // namespace visa::sim
