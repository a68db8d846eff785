// SPDX-License-Identifier: MIT
// What Ctrl-C (SIGINT) and SIGTERM do while the command talks to an instrument: the VISA call that
// waits ends at once, by viTerminate from a thread of its own, and the subcommand decides what
// comes then. Public C API only. Any thread.
#pragma once

#include <visa.h>

namespace visa::tool {

/// From now on an interrupt ends the program no longer: it ends the calls that an Interruptible
/// guards, and the pauses of pause.h. A second one before take_interrupt() ends the program.
void catch_interrupts();
/// Whether there was one since the last question.
bool take_interrupt() noexcept;
/// The same, and leaves it there.
bool interrupt_pending() noexcept;
/// Ends the program as the interrupt would have, so that a shell's loop around it ends, too.
/// Returns where there was none.
void end_by_interrupt();

/// While one lives an interrupt ends the calls of `vi`, a session or the resource manager, with
/// VI_ERROR_ABORT; an interrupt that came before ends the next one.
class Interruptible {
 public:
  explicit Interruptible(ViObject vi);
  ~Interruptible();
  Interruptible(const Interruptible&) = delete;
  Interruptible& operator=(const Interruptible&) = delete;

 private:
  ViObject vi_;
};

}  // namespace visa::tool
