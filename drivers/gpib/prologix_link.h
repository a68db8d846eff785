// SPDX-License-Identifier: MIT
// The conversation with a Prologix kind adapter over any byte stream: one question at a time, each
// with a closing line (PrologixAnswer), so that no answer is mixed up with the next, however
// late it comes.
//
// How it gets back in step: the adapter works off its commands in order, so after an operation that
// was given up the closing line still comes, within the adapter's own timer; until then nothing
// else is asked (`owes`). If it does not come in that time it was lost. Then the link sets that
// timer to a value that it has not had, and asks for it: what comes before this answer is old.
//
// Owned by a controller and used inside the bus; any thread may call `wake` and `lost`.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "drivers/common/byte_stream.h"
#include "drivers/gpib/prologix_answer.h"
#include "drivers/gpib/prologix_text.h"
#include "lib/base/call.h"
#include "lib/base/result.h"

namespace visa::drivers::gpib {

class PrologixLink {
 public:
  /// Asks the adapter what it is and sets it up, within the deadline. error_rsrc_nfound: no adapter
  /// answered. `resets`: the adapter may have been reset by being opened, so its first lines do not
  /// count.
  static Result<std::unique_ptr<PrologixLink>> open(std::unique_ptr<ByteStream> stream, bool resets,
                                                    Call& call);

  /// The longest that ++read_tmo_ms takes, in milliseconds. An AR488 takes more; but after an
  /// operation was given up the next one waits as long as the adapter does.
  static constexpr int kLongestTimer = 3000;
  /// For the network and the adapter, beyond the adapter's timer, until a closing line is lost.
  static constexpr std::chrono::milliseconds kGrace{1000};

  PrologixLink(std::unique_ptr<ByteStream> stream, const AdapterDialect& dialect,
               std::string closing, std::chrono::milliseconds grace = kGrace);

  const AdapterDialect& dialect() const noexcept { return dialect_; }
  /// "Prologix at 192.0.2.1 port 1234".
  const std::string& name() const noexcept { return name_; }
  bool lost() const noexcept { return stream_->lost(); }
  void wake() noexcept { stream_->wake(); }
  void close() noexcept { stream_->close(); }

  /// Sends whole lines that have no answer. error_tmo: the adapter does not take them. Returns how
  /// many bytes went out.
  StreamResult send(std::string_view lines, Call& call);
  /// Sends lines whose last one is a question, and returns its answer; "" where the adapter has
  /// none. Nothing may be owed.
  Result<std::string> ask(std::string_view lines, Call& call);
  /// Sends lines whose last one makes the adapter send an answer of the instrument. Nothing may be
  /// owed. Then `answer` gets it, by `receive`.
  Status start_answer(std::string_view lines, Call& call);
  /// The same for lines whose last one is ++read.
  Status start_read(std::string_view lines, Call& call);

  /// An answer was begun and its closing line has not come.
  bool owes() const noexcept { return owes_; }
  PrologixAnswer& answer() noexcept { return answer_; }
  /// Waits for more of the answer that is owed; ends what is owed when its closing line has come.
  /// error_tmo at the deadline. error_io: the closing line was lost; the link is in step again and
  /// nothing is owed.
  Status receive(Call& call);
  /// After error_io of `receive`: more than the closing line was lost, so the answer has a hole.
  bool hole() const noexcept { return hole_; }

  /// The line that sets the adapter's timer, or "" where it has that value. From 1 to
  /// kLongestTimer.
  std::string timer_line(int milliseconds);
  int timer() const noexcept { return timer_ms_; }

 private:
  Status resynchronise(Call& call);
  Status await_token(const std::string& token, Call& call);
  bool is_closing(std::string_view dropped) const noexcept;
  Status begin(std::string_view lines, bool close, Call& call);
  Deadline patience() const;
  Deadline closing_time() const;

  const std::unique_ptr<ByteStream> stream_;
  const AdapterDialect dialect_;
  const std::string name_;
  const std::chrono::milliseconds grace_;
  PrologixAnswer answer_;
  bool owes_ = false;
  bool closing_due_ = false;  // the question that closes what is owed has not been asked
  bool out_of_step_ = false;
  bool inside_line_ = false;  // a line was sent in part
  std::string dropped_;       // the beginning of what was dropped of the answer that is owed
  bool hole_ = false;
  int timer_ms_ = 0;  // what the adapter has; 0: not known
  int token_ = 0;
  Deadline::Clock::time_point active_{};  // when the adapter last sent or got something
};

}  // namespace visa::drivers::gpib
