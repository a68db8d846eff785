// SPDX-License-Identifier: MIT
// An NI adapter with instruments on its bus, written from what is known of its messages and not
// from the driver. It keeps the rules of the adapter: addressed by command bytes, controller only
// after an interface clear, a reply for each request. What the driver does against its rules is
// noted.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "conformance/unit/drivers/support/fake_board.h"
#include "conformance/unit/drivers/support/fake_dongle.h"

namespace visa::test {

class NiModel final : public DongleModel {
 public:
  using Address = drivers::gpib::Address;

  std::map<Address, drivers::gpib::FakeDevice> devices;
  std::string log;  // an operation each: "T1 C3F2045 S R100 ", "W5e", "I", "r1F", "w26"
  std::vector<std::string> violations;
  bool ren = false;
  bool atn = false;
  bool in_charge = false;
  bool system_controller = false;
  std::optional<std::uint8_t> own = std::nullopt;  // after the address was written
  std::optional<std::uint8_t> own_secondary = std::nullopt;
  std::uint8_t own_status = 0;
  bool on = false;          // between start and end
  bool holds_nrfd = false;  // the instruments take no data

  // How it behaves.
  bool long_blocks = true;                 // data in blocks of 30
  std::size_t piece = 65536;               // bytes of a reply in one transfer
  unsigned kept_replies = 0;               // before replies are lost
  unsigned lost_replies = 0;               // of the next requests
  bool never_stops = false;                // a stop request has no effect
  bool slow_stop = false;                  // its reply comes with the second look
  bool timer_fires = false;                // the adapter's timer ends what would wait, once
  bool refuses_sync = false;               // take control synchronously fails
  bool loses_first_write = false;          // freshly plugged in
  unsigned unready = 0;                    // answers without readiness
  bool acknowledges = true;                // arming by a report
  std::optional<std::uint8_t> next_error;  // of the next transfer
  bool passes_at_once = false;             // control is given away by the command byte already

  /// Raises SRQ for the device.
  void request_service(const Address& device, std::uint8_t status);
  bool srq() const;
  /// Bytes that are in the pipe before anything else.
  void leave_stale(DongleBytes bytes) { pipe_.push_back(std::move(bytes)); }
  bool pipe_is_empty() const { return pipe_.empty(); }
  bool armed() const { return armed_; }
  std::uint8_t last_timeout() const { return last_timeout_; }

  void out(std::span<const std::byte> message) override;
  std::optional<DongleBytes> in(std::size_t room) override;
  std::optional<DongleBytes> control(const spi::UsbSetup& setup, std::size_t length) override;
  void clear_halt(std::uint8_t) override { ++halts_cleared; }
  unsigned halts_cleared = 0;

 private:
  struct Reading {
    std::size_t wanted = 0;
    std::optional<std::uint8_t> mark;
    DongleBytes got;
  };

  void violate(std::string what) { violations.push_back(std::move(what)); }
  std::uint16_t state(bool end = false) const;
  DongleBytes status(std::uint8_t id, std::uint8_t error, std::size_t rest, bool end = false) const;
  void reply(DongleBytes bytes);
  void registers_written(std::span<const std::byte> message);
  void write_register(std::uint8_t device, std::uint8_t address, std::uint8_t value);
  void registers_read(std::span<const std::byte> message);
  void commands(std::span<const std::byte> message);
  void take_command(std::uint8_t byte);
  void data_written(std::span<const std::byte> message);
  void data_read(std::span<const std::byte> message);
  bool go_on_reading();
  void end_reading(std::uint8_t error, bool end);
  void stop();
  void report(std::uint16_t state);
  std::uint8_t lines() const;
  std::vector<drivers::gpib::FakeDevice*> listeners();

  std::deque<DongleBytes> pipe_;
  std::optional<Reading> reading_;
  std::optional<std::size_t> writing_;  // bytes that wait for the instruments
  std::string waiting_data_;
  bool own_talks_ = false;
  bool own_listens_ = false;
  std::set<Address> listening_;
  std::optional<Address> talker_;
  std::uint8_t primary_ = 0;  // the last primary command
  bool polling_ = false;
  bool armed_ = false;
  std::uint8_t last_timeout_ = 0;
};

}  // namespace visa::test
