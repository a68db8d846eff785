// SPDX-License-Identifier: MIT
// National Instruments' GPIB-USB-HS and its relatives: a TNT4882 that a host programs by blocks of
// messages. The adapter has a timer of its own, and one question is answered after the other; while
// one is worked off the adapter takes no other.
//
// Owned by a UsbDevice; on the bench's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tools/sim/dongle/dongle_function.h"
#include "tools/sim/dongle/ni_message.h"

namespace visa::sim {

/// Bits of ibsta, as on Linux.
namespace ni_ibsta {
inline constexpr std::uint16_t kLacs = 0x0004;
inline constexpr std::uint16_t kTacs = 0x0008;
inline constexpr std::uint16_t kAtn = 0x0010;
inline constexpr std::uint16_t kCic = 0x0020;
inline constexpr std::uint16_t kRem = 0x0040;
inline constexpr std::uint16_t kSrqi = 0x1000;
inline constexpr std::uint16_t kEnd = 0x2000;
inline constexpr std::uint16_t kTimo = 0x4000;
}  // namespace ni_ibsta

/// How long the adapter waits with that code; nothing: it is none. max(): for ever.
std::optional<std::chrono::microseconds> ni_timeout(std::uint8_t code) noexcept;

class NiFunction final : public DongleFunction {
 public:
  /// Questions for readiness after plugging in that are answered "not yet".
  static constexpr unsigned kNotReady = 2;
  static constexpr std::size_t kMostCommands = 16;
  static constexpr std::size_t kMostRegisters = 31;

  NiFunction(UsbPort& port, Dongle& dongle);

  UsbAnswer control(const UsbSetup& setup, std::string_view data, bool waited) override;
  std::size_t take(std::uint8_t endpoint, std::string_view bytes, bool ends) override;
  void on_cancelled(std::uint8_t endpoint) override;
  void reset() override;

 private:
  /// A message that has begun and not ended.
  struct Running {
    NiMessage message;
    std::optional<Clock::time_point> until = {};
    std::string received = {};
    bool end = false;
    bool dead = false;  ///< it waits for something that does not come
  };

  void go_on(Clock::time_point now) override;
  std::optional<Clock::time_point> next_step() const override;
  std::string stale_reply() const override;
  std::string extra_report(std::uint32_t says) const override;

  void begin(NiMessage message);
  void execute(const NiMessage& message);
  void set_registers(const NiMessage& message);
  void set_register(const NiRegister& one);
  void auxiliary(std::uint8_t command);
  void get_registers(const NiMessage& message);
  std::uint8_t get_register(const NiRegister& one) const;
  void take_control();
  void clear_interface();
  void command(const NiMessage& message);
  void begin_write(NiMessage message);
  void begin_read(NiMessage message);
  bool read_on(Clock::time_point now);
  void run(NiMessage message, std::chrono::microseconds time);
  void finish(NiError error);
  void answer(const NiMessage& message, NiError error, std::size_t rest);
  void answer_read(const NiMessage& message, NiError error, const std::string& data, bool end);

  std::uint16_t ibsta() const;
  void watch_lines();
  UsbAnswer arm(std::uint16_t mask);
  UsbAnswer stop();
  UsbAnswer ready();
  UsbAnswer serial_number() const;
  std::string status_now() const;

  std::string input_;
  std::optional<Running> running_;
  std::uint16_t monitored_ = 0;
  std::uint16_t extra_bits_ = 0;  ///< of the answer that is made now: TIMO, END
  unsigned not_ready_ = kNotReady;
  bool system_controller_ = false;
  bool on_ = false;
  /// Since plugging in no data has been written: the first is lost, and TACS is missing until then.
  bool fresh_ = true;
};

}  // namespace visa::sim
