// SPDX-License-Identifier: MIT
// Xyphro's UsbGpib with the firmware for raw access, and the GPIBee: messages with the headers of
// USBTMC, and requests for the lines of the bus. It talks and listens whatever addresses say, and
// waits until the host aborts.
//
// Owned by a UsbDevice; on the bench's thread only. Memory: one message, kMostAnswer bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tools/sim/dongle/dongle_function.h"
#include "tools/sim/usb/usbtmc_header.h"

namespace visa::sim {

class XyphroFunction final : public DongleFunction {
 public:
  /// More than that comes in several answers, of which the last says END.
  static constexpr std::size_t kMostAnswer = 4081;

  XyphroFunction(UsbPort& port, Dongle& dongle);

  UsbAnswer control(const UsbSetup& setup, std::string_view data, bool waited) override;
  std::size_t take(std::uint8_t endpoint, std::string_view bytes, bool ends) override;
  void on_cancelled(std::uint8_t endpoint) override;
  void reset() override;

 private:
  /// A message of the host, of which the data goes out as it comes.
  struct Writing {
    std::size_t left = 0;     ///< of data
    std::size_t padding = 0;  ///< after it
    bool end = false;
    bool dead = false;  ///< nobody takes it
  };
  struct Reading {
    UsbtmcHeader wanted;
    std::string collected = {};
    bool dead = false;
  };

  void go_on(Clock::time_point now) override;
  std::optional<Clock::time_point> next_step() const override { return std::nullopt; }
  std::string stale_reply() const override;
  std::string extra_report(std::uint32_t says) const override;

  std::size_t begin(std::string_view bytes);
  std::size_t take_data(std::string_view bytes);
  bool send(std::string_view data, bool last);
  void read_on();
  void answer(bool end, bool stopped);
  UsbAnswer lines_request(const UsbSetup& setup);
  UsbAnswer abort(const UsbSetup& setup);
  std::string inverted_lines() const;
  void clear_interface();
  void watch_service();

  std::optional<Writing> writing_;
  std::optional<Reading> reading_;
  bool service_ = false;
};

}  // namespace visa::sim
