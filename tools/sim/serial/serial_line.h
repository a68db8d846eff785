// SPDX-License-Identifier: MIT
// The serial port of an instrument: takes what programs send, and sends the answers, at full speed
// or as fast as the line's baud rate allows. What is sent while no program has the port open is
// lost, as on a wire. Owned by a SerialWire; on the bench's thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tools/sim/base/event_loop.h"
#include "tools/sim/base/output_queue.h"
#include "tools/sim/engine/link.h"
#include "tools/sim/serial/watched_terminal.h"

namespace visa::sim {

class SerialLine final : public WatchedTerminal::User, public TimerSource, private LinkEvents {
 public:
  /// `paced`: a byte takes as long as the baud rate says.
  SerialLine(EventLoop& loop, Instrument& instrument, std::string path, bool paced);
  ~SerialLine() override;

  const PseudoTerminal& terminal() const noexcept { return port_.terminal(); }
  bool connected() const noexcept { return link_ != nullptr; }

  void on_events(std::uint32_t events) override;
  std::optional<Clock::time_point> due() const override;
  void on_due(Clock::time_point now) override;

 private:
  void on_opened() override;
  void connect();
  void disconnect();
  /// The program has closed the port.
  void leave();
  void hang_up();
  void receive();
  void execute(std::string_view input);
  /// Sends what may go now.
  void send();
  void load();
  void resume();
  void settle();
  bool busy() const noexcept;

  void on_late_answer() override;
  void on_drop(bool reset) override;
  std::string peer() const override { return terminal().path(); }

  EventLoop& loop_;
  Instrument& instrument_;
  const bool paced_;
  WatchedTerminal port_;
  std::unique_ptr<Link> link_;  ///< of the program that has the port open
  OutputQueue line_;            ///< an answer on its way
  std::string held_;  ///< received, not yet executed because output or a delay comes first
  bool hangs_up_ = false;
  std::optional<Clock::time_point> wake_;   ///< asked for by the link
  std::optional<Clock::time_point> ready_;  ///< when the next byte may go, while paced
};

}  // namespace visa::sim
