// SPDX-License-Identifier: MIT
// For the server's tests: a VXI-11 client of a few lines, with a bounded wait for everything. It
// shares nothing with the server but the numbers of the procedures.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/unit/tools/sim/socket/client.h"
#include "tools/sim/vxi11/vxi11_procedure.h"

namespace visa::sim {

// Results in the order of the reply.
class Results {
 public:
  explicit Results(std::string bytes = {}) : bytes_(std::move(bytes)) {}
  std::uint32_t number() {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) {
      value = value << 8U | (at_ < bytes_.size() ? static_cast<unsigned char>(bytes_[at_]) : 0xEEU);
      ++at_;
    }
    return value;
  }
  std::string opaque() {
    const std::size_t length = number();
    const std::string data = at_ <= bytes_.size() ? bytes_.substr(at_, length) : std::string();
    at_ += (length + 3) / 4 * 4;
    return data;
  }
  // Everything has been looked at, and there was no more.
  bool finished() const { return at_ == bytes_.size(); }

 private:
  std::string bytes_;
  std::size_t at_ = 0;
};

class Arguments {
 public:
  Arguments& number(std::uint32_t value) {
    for (const unsigned shift : {24U, 16U, 8U, 0U}) {
      bytes_ += static_cast<char>(static_cast<unsigned char>(value >> shift));
    }
    return *this;
  }
  Arguments& opaque(std::string_view data) {
    number(static_cast<std::uint32_t>(data.size()));
    bytes_ += data;
    bytes_.append((4 - data.size() % 4) % 4, '\0');
    return *this;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

// A record of one fragment.
inline std::string record(std::string_view message) {
  return Arguments().number(static_cast<std::uint32_t>(message.size()) | 0x80000000U).bytes() +
         std::string(message);
}

inline std::string call_message(std::uint32_t xid, std::uint32_t program, std::uint32_t version,
                                std::uint32_t procedure, std::string_view arguments) {
  Arguments head;
  for (const std::uint32_t value : {xid, 0U, 2U, program, version, procedure, 0U, 0U, 0U, 0U}) {
    head.number(value);
  }
  return head.bytes() + std::string(arguments);
}

// The reply to a call that was accepted and succeeded, as Results; what else came, as text.
struct Reply {
  std::uint32_t xid = 0;
  std::uint32_t accepted = 0xFFFFFFFF;  // 0 success
  bool denied = false;
  Results results;
};

inline std::optional<Reply> parse_reply(const std::string& message) {
  if (message.size() < 12) {
    return std::nullopt;
  }
  Results head(message);
  Reply reply;
  reply.xid = head.number();
  if (head.number() != 1) {
    return std::nullopt;
  }
  reply.denied = head.number() == 1;
  if (!reply.denied) {
    head.number();
    head.number();
    reply.accepted = head.number();
  }
  reply.results = Results(message.size() > 24 ? message.substr(24) : std::string());
  return reply;
}

// A connection that makes calls one after the other.
class RpcClient : public Client {
 public:
  explicit RpcClient(std::uint16_t port) : Client(port) {}

  // Sends a call and returns its transaction number.
  std::uint32_t start(const RpcProcedure& procedure, const Arguments& arguments) {
    const std::uint32_t version =
        procedure.program == kPortmapProgram ? kPortmapVersion : kVxi11Version;
    send(record(
        call_message(++xid_, procedure.program, version, procedure.number, arguments.bytes())));
    return xid_;
  }
  std::uint32_t start(Vxi11Procedure procedure, const Arguments& arguments) {
    return start(vxi11_procedure(procedure), arguments);
  }
  // One record; empty when the bench closes or nothing comes in time.
  std::string receive_record() {
    std::string message;
    while (true) {
      const std::string mark = receive(4);
      if (mark.size() < 4) {
        return {};
      }
      const std::uint32_t word = Results(mark).number();
      const std::size_t length = word & 0x7FFFFFFFU;
      const std::string part = receive(length);
      if (part.size() < length) {
        return {};
      }
      message += part;
      ++fragments;
      if ((word & 0x80000000U) != 0) {
        return message;
      }
    }
  }
  // The next reply, whatever its number; nothing when none comes.
  std::optional<Reply> finish() { return parse_reply(receive_record()); }
  Results call(const RpcProcedure& procedure, const Arguments& arguments) {
    const std::uint32_t xid = start(procedure, arguments);
    const auto reply = finish();
    if (!reply || reply->xid != xid || reply->denied || reply->accepted != 0) {
      ADD_FAILURE() << "no good reply to " << procedure.name;
      return Results();
    }
    return reply->results;
  }
  Results call(Vxi11Procedure procedure, const Arguments& arguments) {
    return call(vxi11_procedure(procedure), arguments);
  }
  std::size_t fragments = 0;  // received so far

 private:
  std::uint32_t xid_ = 0x1000;
};

// A client of the core channel.
class Vxi11Client : public RpcClient {
 public:
  using P = Vxi11Procedure;
  struct Linked {
    std::uint32_t error = 0;
    std::uint32_t link = 0;
    std::uint32_t abort_port = 0;
    std::uint32_t max_receive = 0;
  };
  struct Answer {
    std::uint32_t error = 0;
    std::uint32_t reason = 0;
    std::string data;
  };
  static constexpr std::uint32_t kEnd = 8;
  static constexpr std::uint32_t kWaitLock = 1;
  static constexpr std::uint32_t kTermChar = 0x80;

  explicit Vxi11Client(std::uint16_t port) : RpcClient(port) {}

  Linked create_link(std::string_view device, bool lock = false, std::uint32_t lock_timeout = 0) {
    Results r =
        call(P::create_link,
             Arguments().number(7).number(lock ? 1 : 0).number(lock_timeout).opaque(device));
    Linked linked{r.number(), r.number(), r.number(), r.number()};
    EXPECT_TRUE(r.finished());
    return linked;
  }
  static Arguments write_arguments(std::uint32_t link, std::string_view data,
                                   std::uint32_t flags = kEnd, std::uint32_t lock_timeout = 0) {
    return Arguments().number(link).number(2000).number(lock_timeout).number(flags).opaque(data);
  }
  // {error, size}
  std::pair<std::uint32_t, std::uint32_t> write(std::uint32_t link, std::string_view data,
                                                std::uint32_t flags = kEnd) {
    Results r = call(P::device_write, write_arguments(link, data, flags));
    const std::uint32_t error = r.number();
    return {error, r.number()};
  }
  static Arguments read_arguments(std::uint32_t link, std::uint32_t size, std::uint32_t io_timeout,
                                  std::uint32_t flags = 0, char term = 0) {
    return Arguments()
        .number(link)
        .number(size)
        .number(io_timeout)
        .number(0)
        .number(flags)
        .number(static_cast<unsigned char>(term));
  }
  static Answer answer(Results r) {
    Answer result;
    result.error = r.number();
    result.reason = r.number();
    result.data = r.opaque();
    return result;
  }
  Answer read(std::uint32_t link, std::uint32_t size = 1 << 20, std::uint32_t io_timeout = 5000,
              std::uint32_t flags = 0, char term = 0) {
    return answer(call(P::device_read, read_arguments(link, size, io_timeout, flags, term)));
  }
  std::string query(std::uint32_t link, std::string_view command) {
    EXPECT_EQ(write(link, command).first, 0U);
    return read(link).data;
  }
  // device_readstb, trigger, clear, remote, local
  static Arguments generic(std::uint32_t link, std::uint32_t flags = 0,
                           std::uint32_t lock_timeout = 0) {
    return Arguments().number(link).number(flags).number(lock_timeout).number(1000);
  }
  std::uint32_t simple(P procedure, std::uint32_t link) {
    return call(procedure, generic(link)).number();
  }
  std::uint32_t lock(std::uint32_t link, std::uint32_t flags = 0, std::uint32_t lock_timeout = 0) {
    return call(P::device_lock, Arguments().number(link).number(flags).number(lock_timeout))
        .number();
  }
  std::uint32_t unlock(std::uint32_t link) {
    return call(P::device_unlock, Arguments().number(link)).number();
  }
  std::uint32_t destroy_link(std::uint32_t link) {
    return call(P::destroy_link, Arguments().number(link)).number();
  }
};

}  // namespace visa::sim
