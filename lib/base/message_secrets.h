// SPDX-License-Identifier: MIT
// Which bytes of one session are secrets, both ways, so that a trace or a recording does not show
// them: what follows a password's header in a message (secret_filter.h), and the answers to a
// message that asks for one (SYSTem:COMMunicate:LAN:PASSword?). A message is looked at before it
// leaves, because another thread may have its answer before the write has returned. Answers are
// hidden from then on, to the first message that is sent after the secret's answer and those of all
// questions before it have ended: too much is hidden rather than too little, as long as an answer
// is one line, or ends with END. Any thread; messages are sent one after the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "lib/base/secret_filter.h"
#include "lib/base/thread_annotations.h"

namespace visa {

class MessageSecrets {
 public:
  /// `piece` of a message is about to leave, with `last` the end of it. The result has a byte for
  /// each of the first `most`: true when it belongs to a secret.
  std::vector<bool> about_to_send(std::string_view piece, bool last, std::size_t most)
      VISA_EXCLUDES(mutex_);
  /// Only `sent`, the beginning of the piece of about_to_send, has left. What comes next may be the
  /// rest of it or a message of its own.
  void cut_short(std::string_view sent) VISA_EXCLUDES(mutex_);
  /// Something is about to leave that could not be looked at.
  void assume_question() VISA_EXCLUDES(mutex_);

  /// Something has come from the instrument, with `ended` the end of an answer. True when it is to
  /// be hidden.
  bool received(bool ended) VISA_EXCLUDES(mutex_);
  /// How often received() was true. A reader that compares it before and after knows of its own
  /// answer, whatever other threads have sent meanwhile.
  std::uint64_t hidden() const VISA_EXCLUDES(mutex_);
  /// The instrument has been cleared, not only what had come from it: no answer is to come.
  void clear() VISA_EXCLUDES(mutex_);

 private:
  /// A message on its way.
  struct Message {
    SecretFilter filter;
    std::optional<SecretFilter> rest;  // if what was cut short goes on
    bool begun = false;                // it has a byte
    bool asks = false;                 // it asks for something, which is one answer
  };

  bool next_byte(char c) VISA_REQUIRES(mutex_);
  void end_message() VISA_REQUIRES(mutex_);
  void begin_anew(SecretFilter rest) VISA_REQUIRES(mutex_);
  void note_questions() VISA_REQUIRES(mutex_);

  mutable Mutex mutex_;
  Message message_ VISA_GUARDED_BY(mutex_);
  Message before_ VISA_GUARDED_BY(mutex_);             // as it was before the last piece
  bool hides_answer_ VISA_GUARDED_BY(mutex_) = false;  // a secret was asked for
  std::uint64_t unread_ VISA_GUARDED_BY(mutex_) = 0;   // answers that are still to end
  std::uint64_t pending_ VISA_GUARDED_BY(mutex_) = 0;  // those up to the last secret
  std::uint64_t hidden_ VISA_GUARDED_BY(mutex_) = 0;
};

}  // namespace visa
