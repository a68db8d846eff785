// SPDX-License-Identifier: MIT
// Agilent's 82357A and B with their firmware: a TMS9914A that a host programs by its registers, and
// messages that the firmware works off. It has no timer: what does not end, the host aborts. A
// write has no reply: an interrupt tells that it is complete, and a request how much has gone.
//
// Owned by a UsbDevice; on the bench's thread only. Memory: kMostWaiting bytes each way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tools/sim/dongle/dongle_function.h"

namespace visa::sim {

/// The byte at the end of what a read sends: why it ended.
namespace agilent_end {
inline constexpr std::uint8_t kEoi = 0x01;
inline constexpr std::uint8_t kAtn = 0x02;
inline constexpr std::uint8_t kEos = 0x08;
inline constexpr std::uint8_t kAbort = 0x10;
inline constexpr std::uint8_t kCount = 0x20;
inline constexpr std::uint8_t kNotAddressed = 0x80;
}  // namespace agilent_end

class AgilentFunction final : public DongleFunction {
 public:
  static constexpr std::size_t kMostWaiting = std::size_t{64} << 10;
  static constexpr std::size_t kMostRegisters = 31;

  AgilentFunction(UsbPort& port, Dongle& dongle);

  UsbAnswer control(const UsbSetup& setup, std::string_view data, bool waited) override;
  std::size_t take(std::uint8_t endpoint, std::string_view bytes, bool ends) override;
  UsbGiven give(std::uint8_t endpoint, std::size_t room) override;
  void on_cancelled(std::uint8_t endpoint) override;
  void reset() override;

 private:
  /// The message 01 under way.
  struct Writing {
    std::uint8_t flags = 0;
    std::uint32_t length = 0;
    std::uint32_t received = 0;
    std::uint32_t sent = 0;
    std::string waiting = {};
    bool dead = false;  ///< it goes no further
    const WireOperation* operation = nullptr;
  };
  /// The message 03.
  struct Reading {
    std::uint8_t flags = 0;
    std::uint8_t end_byte = 0;
    std::uint32_t left = 0;
    std::string collected = {};
    bool ended = false;  ///< the byte that says why is the last of it
    bool whole = false;  ///< a fault meets it: it is sent when it has ended
    bool begun = false;
    bool dead = false;
  };

  void go_on(Clock::time_point now) override;
  std::optional<Clock::time_point> next_step() const override { return std::nullopt; }
  std::string stale_reply() const override;
  std::string extra_report(std::uint32_t says) const override;

  std::size_t take_message(std::string_view bytes, bool ends);
  std::size_t take_data(std::string_view bytes, bool ends);
  void begin_write(std::string_view header);
  void begin_read(std::string_view header);
  bool write_on();
  bool send_commands();
  bool send_data();
  void finish_write();
  void read_on();
  void end_reading(std::uint8_t why);
  UsbGiven give_read(std::size_t room);
  void answer(std::uint8_t message, std::uint8_t error, const std::string& values = {});
  void set_registers(std::string_view pairs);
  void get_registers(std::string_view addresses);
  bool set_register(std::uint8_t address, std::uint8_t value);
  void auxiliary(std::uint8_t command, bool set);
  std::optional<std::uint8_t> get_register(std::uint8_t address);
  std::uint8_t address_status() const;
  UsbAnswer abort(bool flush);
  UsbAnswer write_status();
  void watch_service();

  std::string input_;
  std::optional<Writing> writing_;
  std::optional<Reading> reading_;
  std::uint32_t written_ = 0;  ///< by the message 01 before
  std::uint8_t hardware_ = 0xA8;
  bool tells_complete_ = false;
  bool service_ = false;  ///< SRQ as it was
};

}  // namespace visa::sim
