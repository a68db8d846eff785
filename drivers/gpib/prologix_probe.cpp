// SPDX-License-Identifier: MIT
// What an adapter answers to ++ver becomes the closing line of every answer, so it has to be known
// exactly: where the adapter may have been reset it is asked again until two answers are the same.
// ++ver comes before all else, because the kinds differ in what the other commands do.
#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "drivers/gpib/prologix_link.h"

namespace visa::drivers::gpib {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kVersion = "++ver\n";
/// So long an adapter may think about its version, unless it is just starting.
constexpr milliseconds kTry{700};
/// After this the rest of an answer does not come any more.
constexpr milliseconds kQuiet{60};
constexpr std::size_t kLongestVersion = 512;

/// What comes until the stream is quiet, or, after a whole line, at once if `first_line`.
Result<std::string> listen(ByteStream& stream, bool first_line, Call& call) {
  std::string text;
  std::array<std::byte, 256> piece{};
  Deadline until = Deadline::after(kTry);
  for (;;) {
    Call part(call, std::min(call.deadline, until));
    const StreamResult got = stream.receive(piece, part);
    text.append(reinterpret_cast<const char*>(piece.data()), got.count);
    if (text.size() > kLongestVersion) text.erase(0, text.size() - kLongestVersion);
    if (got.count == 0 && got.status != Status::error_tmo) {
      call.detail = part.detail;
      return got.status;
    }
    if (got.count == 0 || (first_line && text.back() == '\n')) return text;
    // One that never stops sending must not hold the caller.
    if (call.deadline.expired()) return text;
    until = Deadline::after(kQuiet);
  }
}

bool is_one_line(std::string_view text) {
  if (text.size() < 3 || (text.back() != '\n' && text.back() != '\r')) return false;
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  return !text.empty() && text.find_first_of("\r\n") == std::string_view::npos;
}

std::size_t lines_in(std::string_view text, char line_end) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), line_end));
}

/// The adapter is slower than the questions were asked: the answers to `owed` earlier ones have to
/// come first, or every later answer would be taken for the one before. One that takes longer than
/// the first answer did does not come: its question was lost.
Status await_owed(ByteStream& stream, std::size_t owed, char line_end, milliseconds latency,
                  Call& call) {
  std::array<std::byte, 256> piece{};
  Deadline until = Deadline::after(latency + kQuiet);
  while (owed > 0) {
    Call part(call, std::min(call.deadline, until));
    const StreamResult got = stream.receive(piece, part);
    if (got.count == 0 && got.status != Status::error_tmo) {
      call.detail = part.detail;
      return got.status;
    }
    if (call.deadline.expired()) {
      return call.fail(
          Status::error_tmo,
          stream.peer() + ": the adapter answers too slowly; use a longer connect_timeout_ms");
    }
    if (got.count == 0) return Status::success;
    const std::string_view text(reinterpret_cast<const char*>(piece.data()), got.count);
    owed -= std::min(owed, lines_in(text, line_end));
    until = Deadline::after(latency + kQuiet);
  }
  return Status::success;
}

/// The exact answer to ++ver.
Result<std::string> ask_version(ByteStream& stream, bool resets, Call& call) {
  std::string before;
  std::size_t owed = 0;  // questions without a whole answer
  const auto begin = Deadline::Clock::now();
  while (!call.deadline.expired()) {
    const auto data = std::as_bytes(std::span(kVersion.data(), kVersion.size()));
    if (const StreamResult sent = stream.send(data, call); failed(sent.status)) return sent.status;
    ++owed;
    auto text = listen(stream, !resets, call);
    if (!text) return text;
    owed -= std::min(owed, lines_in(*text, '\n'));
    if (is_one_line(*text) && (!resets || *text == before)) {
      if (resets) return text;  // a board that starts loses questions
      if (text->back() != '\n') owed -= std::min<std::size_t>(owed, 1);
      const auto latency = std::chrono::ceil<milliseconds>(Deadline::Clock::now() - begin);
      const Status rest = await_owed(stream, owed, text->back(), latency, call);
      return failed(rest) ? Result<std::string>(rest) : text;
    }
    before = *std::move(text);
  }
  if (call.cancelled()) return Status::error_abort;
  return call.fail(
      Status::error_tmo,
      stream.peer() +
          ": nothing answers to ++ver; is it an adapter of the Prologix kind, and does "
          "its baud rate fit? One that starts anew when it is opened needs a longer "
          "connect_timeout_ms");
}

/// An AR488 may be set to comment on each command, which would come between the data of
/// instruments. `++verbose` changes that and cannot be asked for: whether it was on shows in what
/// is said to the settings then. What is still said is about settings that it does not know.
Status quieten(PrologixLink& link, const std::string& settings, std::size_t said, Call& call) {
  constexpr std::string_view kVerbose = "++verbose\n";
  if (const auto changed = link.ask(kVerbose, call); !changed) return changed.status();
  const auto again = link.ask(settings, call);
  if (!again || again->size() < said) return again.status();
  return link.ask(kVerbose, call).status();
}

}  // namespace

Result<std::unique_ptr<PrologixLink>> PrologixLink::open(std::unique_ptr<ByteStream> stream,
                                                         bool resets, Call& call) {
  auto version = ask_version(*stream, resets, call);
  if (!version) {
    const Status status = version.status();
    const std::string peer = stream->peer();
    stream->close();
    if (status != Status::error_conn_lost) return status;
    return call.fail(Status::error_rsrc_busy,
                     peer +
                         ": the adapter ended the connection at once; is another program "
                         "connected to it?");
  }
  const AdapterDialect dialect = dialect_of(*version);
  auto link = std::make_unique<PrologixLink>(std::move(stream), dialect, *std::move(version));
  // What an adapter says to a setting that it does not know is no answer to anything.
  const std::string settings = setup_lines(dialect);
  const auto said = link->ask(settings, call);
  Status status = said.status();
  if (said && !said->empty() && dialect.kind == AdapterKind::ar488) {
    status = quieten(*link, settings, said->size(), call);
  }
  if (ok(status)) return link;
  link->close();
  return status;
}

}  // namespace visa::drivers::gpib
