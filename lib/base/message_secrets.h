// SPDX-License-Identifier: MIT
// Which bytes of one session are secrets, both ways, so that a trace or a recording does not show
// them: what follows a password's header in a message (secret_filter.h), and the answers to a
// message that asks for one (SYSTem:COMMunicate:LAN:PASSword?). Such answers are hidden from the
// question to the first message that is sent after as many answers have ended as secrets were asked
// for. Of a program that asks other questions before and reads none of their answers in between,
// the end of such an answer counts for that of the secret. Any thread.
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
  void note_question() VISA_REQUIRES(mutex_);

  mutable Mutex mutex_;
  SecretFilter filter_ VISA_GUARDED_BY(mutex_);
  bool begun_ VISA_GUARDED_BY(mutex_) = false;         // the message has a byte
  bool asks_ VISA_GUARDED_BY(mutex_) = false;          // the message asks for a secret
  bool hides_answer_ VISA_GUARDED_BY(mutex_) = false;  // a secret was asked for
  unsigned pending_ VISA_GUARDED_BY(mutex_) = 0;       // messages of that kind without an answer
};

}  // namespace visa
