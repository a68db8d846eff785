// SPDX-License-Identifier: MIT
// Whatever an instrument sends on its core channel: reading replies ends, never goes beyond what
// was asked for, and gives the same however the bytes are cut into segments.
#include <sys/socket.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
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

/// What one run made of the input.
struct Outcome {
  std::vector<int> statuses;
  std::vector<std::byte> data;
  bool operator==(const Outcome&) const = default;
};

Outcome read_all(const std::uint8_t* data, std::size_t size, std::size_t step) {
  int ends[2];
  demand(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  UniqueFd peer(ends[1]);
  demand(prepare_stream_socket(ends[0]));
  TcpStream stream{UniqueFd(ends[0]), "peer"};
  RpcRecords records(stream);
  Outcome outcome;
  std::size_t sent = 0;
  const auto feed = [&] {
    const std::size_t piece = std::min(step, size - sent);
    if (piece > 0) demand(::send(peer.get(), data + sent, piece, 0) == static_cast<long>(piece));
    sent += piece;
    if (sent == size) ::shutdown(peer.get(), SHUT_WR);
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
        const Moved moved = records.take({room + count, wanted - count}, call);
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

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > kMostInput) return 0;
  const Outcome whole = read_all(data, size, size);
  const std::size_t step = size == 0 ? 1 : 1 + data[size - 1] % 61;
  demand(read_all(data, size, step) == whole);
  return 0;
}
