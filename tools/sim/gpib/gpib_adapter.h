// SPDX-License-Identifier: MIT
// An adapter of the Prologix kind: lines in, a bus out. Lines that begin with "++" are for itself,
// all others go to the device that is addressed. It works off its lines in order; while it waits
// for a device it reads no further line, as the real ones do.
//
// Owned by a GpibServer; on the bench's thread only.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tools/sim/base/paced_output.h"
#include "tools/sim/gpib/gpib_bus.h"
#include "tools/sim/gpib/gpib_conversation.h"
#include "tools/sim/gpib/gpib_faults.h"

namespace visa::sim {

enum class AdapterKind : std::uint8_t { prologix, ar488 };

class GpibAdapter final : public GpibWatcher, public GpibConversation {
 public:
  /// `version` is the answer to ++ver.
  GpibAdapter(GpibBus& bus, AdapterKind kind, std::string version);
  ~GpibAdapter() override;

  /// A client has come or gone: its lines and what was to be sent to it are forgotten, the settings
  /// stay.
  void begin(Carrier& carrier);
  void end() noexcept;

  void receive(std::string_view bytes) override;
  bool accepting() const noexcept override { return input_.size() < kMostInput; }
  OutputQueue& output() noexcept override { return paced_.ready(); }
  bool ending() const noexcept override { return paced_.ending() != PacedOutput::Ending::none; }
  bool ends_by_reset() const noexcept override {
    return paced_.ending() == PacedOutput::Ending::reset;
  }
  void go_on(Clock::time_point now) override;
  std::optional<Clock::time_point> due() const override;

  /// Writes to its own memory, which a client should avoid; commands it did not know.
  std::uint64_t saves() const noexcept { return saves_; }
  std::uint64_t unknown() const noexcept { return unknown_; }

 private:
  struct Reading {
    GpibStation* station = nullptr;  // null: nothing talks
    std::optional<char> stop = {};
    bool wants_end = false;
    bool started = false;
    Clock::time_point last = {};  // when the last byte came, or the reading began
  };
  using Act = void (GpibAdapter::*)(std::string_view arguments);
  struct Command {
    std::string_view name;
    Act act;
    bool ar488_only = false;
  };
  static const std::array<Command, 27> kCommands;

  void on_bus_changed() override;
  void work();
  void take(char c);
  void end_line();
  void execute(std::string_view line);
  void write(bool last);
  void start_reading(std::string_view arguments);
  bool read_on(Clock::time_point now);
  void finish_reading(bool end);
  bool absent(const WireOperation& operation, GpibStation* station);
  void wait() { waits_until_ = Clock::now() + timer_; }
  void send(const std::string& text, const WireOperation& operation);
  void answer(std::string_view text);
  void setting(std::string_view arguments, unsigned least, unsigned most, unsigned& value);
  GpibStation* addressed() noexcept { return bus_.find(place_); }
  std::optional<GpibPlace> place_in(std::string_view arguments) const;

  void set_address(std::string_view arguments);
  void set_auto(std::string_view arguments) { setting(arguments, 0, is_ar488() ? 3 : 1, auto_); }
  void clear(std::string_view arguments);
  void set_eoi(std::string_view arguments) { setting(arguments, 0, 1, eoi_); }
  void set_eor(std::string_view arguments) { setting(arguments, 0, 15, eor_); }
  void set_eos(std::string_view arguments) { setting(arguments, 0, 3, eos_); }
  void set_eot_char(std::string_view arguments) { setting(arguments, 0, 255, eot_char_); }
  void set_eot_enable(std::string_view arguments) { setting(arguments, 0, 1, eot_enable_); }
  void find_listeners(std::string_view arguments);
  void interface_clear(std::string_view arguments);
  void ignore(std::string_view arguments);
  void set_mode(std::string_view arguments) { setting(arguments, 0, 1, mode_); }
  void read(std::string_view arguments) { start_reading(arguments); }
  void set_timer(std::string_view arguments);
  void set_ren(std::string_view arguments) { setting(arguments, 0, 1, ren_); }
  void save(std::string_view arguments);
  void poll(std::string_view arguments);
  void tell_srq(std::string_view arguments);
  void trigger(std::string_view arguments);
  void tell_version(std::string_view arguments);
  void clear_all(std::string_view arguments);
  void set_srq_auto(std::string_view arguments) { setting(arguments, 0, 1, srq_auto_); }

  bool is_ar488() const noexcept { return kind_ == AdapterKind::ar488; }

  static constexpr std::size_t kMostInput = std::size_t{64} << 10;
  static constexpr std::size_t kMostOutput = std::size_t{256} << 10;

  GpibBus& bus_;
  const AdapterKind kind_;
  const std::string version_;
  Carrier* carrier_ = nullptr;
  std::string input_;  // received and not worked off
  std::string line_;
  bool escaped_ = false;
  bool plain_ = true;        // no byte of the line was escaped so far
  bool data_begun_ = false;  // part of the line has gone to the device
  PacedOutput paced_;
  std::optional<Reading> reading_;
  std::optional<Clock::time_point> waits_until_;
  bool changed_ = false;

  GpibPlace place_{5};
  unsigned mode_ = 1;
  unsigned auto_ = 1;
  unsigned eoi_ = 1;
  unsigned eor_ = 0;
  unsigned eos_ = 0;
  unsigned eot_enable_ = 0;
  unsigned eot_char_ = 0;
  unsigned save_config_ = 1;
  unsigned ren_ = 1;
  unsigned srq_auto_ = 0;
  std::chrono::milliseconds timer_{200};
  std::uint64_t saves_ = 0;
  std::uint64_t unknown_ = 0;
};

}  // namespace visa::sim
