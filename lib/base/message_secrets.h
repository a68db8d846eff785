// SPDX-License-Identifier: MIT
// Which bytes of one session are secrets, both ways, so that a trace or a recording does not show
// them: what follows a password's header in a message (secret_filter.h), and the answers to a
// message that asks for one (SYSTem:COMMunicate:LAN:PASSword?). Such answers are hidden from the
// question to the first message that is sent after an answer has ended: more than need be, never
// less. Any thread.
#pragma once

#include "lib/base/secret_filter.h"
#include "lib/base/thread_annotations.h"

namespace visa {

class MessageSecrets {
 public:
  /// Takes the next byte on its way to the instrument; true when it belongs to a secret.
  bool hides_sent(char c) VISA_EXCLUDES(mutex_);
  /// The next byte begins a new message.
  void end_sent() VISA_EXCLUDES(mutex_);
  /// Whether what comes from the instrument now is a secret.
  bool hides_received() const VISA_EXCLUDES(mutex_);
  /// An answer has ended.
  void end_received() VISA_EXCLUDES(mutex_);
  /// The instrument has been cleared: no answer is to come.
  void clear() VISA_EXCLUDES(mutex_);

 private:
  mutable Mutex mutex_;
  SecretFilter filter_ VISA_GUARDED_BY(mutex_);
  bool begun_ VISA_GUARDED_BY(mutex_) = false;         // the message has a byte
  bool hides_answer_ VISA_GUARDED_BY(mutex_) = false;  // a secret was asked for
  bool answered_ VISA_GUARDED_BY(mutex_) = true;       // and an answer has ended since
};

}  // namespace visa
