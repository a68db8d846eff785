// SPDX-License-Identifier: MIT
// Whatever an instrument sends on its core channel: reading replies ends, never goes beyond what
// was asked for, and gives the same however the bytes are cut into segments. The bytes come out of
// memory (the link puts __wrap_recvmsg in recvmsg's place): many times faster than by a socket.
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <vector>

#include "drivers/common/rpc_records.h"
#include "drivers/common/tcp_stream.h"

namespace {

using namespace visa;
using namespace visa::drivers;

constexpr std::uint32_t kXid = 0x01020304;
constexpr std::size_t kResults = 3 * kXdrWord;
constexpr std::size_t kRoom = 96;
constexpr int kReplies = 4;
constexpr std::size_t kMostInput = 1024;  // more shows nothing new

void demand(bool holds) {
  if (!holds) std::abort();
}

/// What has arrived and was not received. One thread, one connection at a time.
struct Arrived {
  const std::uint8_t* bytes = nullptr;
  std::size_t size = 0;
  bool closed = false;  // nothing follows
};
Arrived arrived;

/// What one run made of the input.
struct Outcome {
  std::vector<int> statuses;
  std::vector<std::byte> data;
  bool operator==(const Outcome&) const = default;
};

Outcome read_all(const std::uint8_t* data, std::size_t size, std::size_t step) {
  TcpStream stream{UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)), "peer"};
  RpcRecords records(stream);
  Outcome outcome;
  std::size_t sent = 0;
  arrived = {};
  const auto feed = [&] {
    const std::size_t piece = std::min(step, size - sent);
    demand(arrived.size == 0);
    arrived = {data + sent, piece, sent + piece == size};
    sent += piece;
  };
  // Without a wait: where the input has not arrived yet the call is left and taken up again.
  const auto persist = [&](auto&& body) {
    for (;;) {
      Call call(Deadline::immediate());
      const Status status = body(call);
      if (status != Status::error_tmo) return status;
      demand(sent < size);
      feed();
    }
  };
  feed();
  for (int i = 0; i < kReplies; ++i) {
    std::byte room[kRoom];
    RpcReply reply;
    const Status status = persist([&](Call& call) {
      reply = records.reply(kXid, kResults, room, call);
      return reply.status;
    });
    outcome.statuses.push_back(static_cast<int>(status));
    if (failed(status)) break;
    demand(reply.results.size() <= kResults);
    outcome.statuses.push_back(static_cast<int>(reply.outcome));
    outcome.data.insert(outcome.data.end(), reply.results.begin(), reply.results.end());
    std::size_t wanted = 0;
    if (reply.results.size() == kResults) wanted = get_word(reply.results.data() + 8) % (kRoom + 1);
    std::size_t count = 0;
    bool more = true;
    const Status taken = persist([&](Call& call) {
      while (count < wanted && more) {
        // Every other one as the rest of an answer is taken that was longer than asked for.
        const std::span<std::byte> rest(room + count, wanted - count);
        const StreamResult moved =
            i % 2 == 0 ? records.take(rest, call) : records.take_some(rest, call);
        count += moved.count;
        demand(count <= wanted);
        if (failed(moved.status)) return moved.status;
        more = moved.count > 0;
      }
      return Status::success;
    });
    outcome.statuses.push_back(static_cast<int>(taken));
    outcome.data.insert(outcome.data.end(), room, room + count);
    if (failed(taken)) break;
    records.finish();
  }
  return outcome;
}

}  // namespace

extern "C" ssize_t __wrap_recvmsg(int, msghdr* message, int) {
  if (arrived.size == 0) {
    if (arrived.closed) return 0;
    errno = EAGAIN;
    return -1;
  }
  std::size_t taken = 0;
  for (std::size_t i = 0; i < message->msg_iovlen && arrived.size > 0; ++i) {
    const iovec& into = message->msg_iov[i];
    const std::size_t step = std::min(into.iov_len, arrived.size);
    std::memcpy(into.iov_base, arrived.bytes, step);
    arrived.bytes += step;
    arrived.size -= step;
    taken += step;
  }
  return static_cast<ssize_t>(taken);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > kMostInput) return 0;
  const Outcome whole = read_all(data, size, size);
  const std::size_t step = size == 0 ? 1 : 1 + data[size - 1] % 61;
  demand(read_all(data, size, step) == whole);
  return 0;
}
