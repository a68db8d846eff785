// SPDX-License-Identifier: MIT
// Messages to and from one instrument, as the subcommands send and receive them: lines, and the
// blocks of IEEE 488.2. Public C API only. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tools/freevisa/interruption.h"
#include "tools/freevisa/progress.h"
#include "tools/freevisa/visa_session.h"

namespace visa::tool {

/// A block at the start of an answer: "#<n><length>...", or "#0..." without a length.
struct Block {
  std::size_t header = 0;  ///< bytes before the data; 0: the answer does not start with a block
  std::size_t length = 0;  ///< of the data; nothing where `endless`
  bool endless = false;
};
Block block_at_start(std::string_view answer);
/// What an answer says: the data of a block, or all of it.
std::string_view data_of(std::string_view answer);
/// "#<n><length>" before `length` bytes.
std::string block_header(std::size_t length);
bool asks(std::string_view command);

class Instrument {
 public:
  /// Opens `name`; `timeout` in ms for that and for each operation. Where a wire has no END, a line
  /// feed ends an answer. Throws VisaFailure, like everything here.
  Instrument(const Session& manager, std::string name, std::uint32_t timeout);

  Instrument(Instrument&&) noexcept = default;
  Instrument& operator=(Instrument&&) = delete;
  /// After a call that an interrupt has ended: clear(), so that no other program gets the answer.
  ~Instrument();

  const std::string& name() const noexcept { return name_; }
  ViSession session() const noexcept { return session_.get(); }

  /// `command` and a line feed.
  void send(const std::string& command);
  /// `data` as it is, with END after its last byte; `what` names it for the user.
  void send_bytes(std::string_view data, const std::string& what, Progress* progress = nullptr);
  /// The answer to `command`, as it came. Where lines end an answer that begins with a
  /// definite-length block ends after the block, whose bytes may be line feeds.
  /// An answer longer than `most` is a failure.
  std::string receive(const std::string& command, Progress* progress = nullptr,
                      std::size_t most = std::size_t{1} << 30);
  /// The picture that `command` is answered with, without a block. It ends with the message; where
  /// the wire has no END, with the last byte that belongs to it.
  std::string receive_picture(const std::string& command, Progress* progress = nullptr);
  /// `count` bytes, however many messages they are.
  std::string receive_count(std::size_t count, Progress* progress = nullptr);
  std::string query(const std::string& command, Progress* progress = nullptr);
  /// The answer without the white space at its end; 1 MiB at most.
  std::string query_line(const std::string& command);
  /// What `call` answers, a call of VISA on this session; an interrupt ends it.
  template <class Call>
  ViStatus interruptible(Call&& call) {
    const Interruptible guard(session());
    return call();
  }
  /// viClear, so that an answer still to come belongs to nobody. False: it does all the same, as it
  /// may on a raw socket, and the instrument has to be opened again. A second at most after an
  /// interrupt.
  bool clear() noexcept;

 private:
  ViStatus read_piece(std::string& answer, std::size_t most);
  void check_call(ViStatus status, const std::string& what);

  std::string name_;
  Session session_;
  std::string receive_unframed_picture(const std::string& what, Progress* progress);

  bool only_lines_ = false;  // a raw socket: nothing but a new connection ends an answer
  std::vector<ViByte> piece_;
  bool given_up_ = false;  // an interrupt ended a call, and nothing was cleared since
};

}  // namespace visa::tool
