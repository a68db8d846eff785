// SPDX-License-Identifier: MIT
// One client of an RPC server over TCP. Owned by its TcpServer; on the bench's thread only.
//
// Calls are served one after the other: while one waits (for an answer, for a lock) or its reply
// has not gone yet, nothing is read, so a client that calls without reading is stopped by TCP and
// not by our memory. A client that goes while its call waits is noticed at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tools/sim/base/file_descriptor.h"
#include "tools/sim/base/paced_output.h"
#include "tools/sim/engine/message_reader.h"
#include "tools/sim/net/tcp_server.h"
#include "tools/sim/rpc/rpc_message.h"
#include "tools/sim/rpc/rpc_record.h"

namespace visa::sim {

class RpcConnection : public TcpConnection {
 public:
  /// `longest`: of a record; `budget`: of the records of all connections together, outlives them.
  RpcConnection(TcpServer& server, FileDescriptor socket, std::size_t longest, InputBudget& budget);
  ~RpcConnection() override;

  void on_events(std::uint32_t events) override;
  void on_due(Clock::time_point now) override;

 protected:
  /// Serves one call: puts its reply into output(), or is busy() until it does.
  virtual void on_call(const RpcCall& call, std::string_view record) = 0;
  virtual bool busy() const noexcept { return false; }
  /// The time next_due() named has come, or something was changed by wake().
  virtual void on_time(Clock::time_point now) { static_cast<void>(now); }
  virtual std::optional<Clock::time_point> next_due() const { return std::nullopt; }

  /// Where replies go.
  PacedOutput& output() noexcept { return output_; }
  /// Keeps the record of the call that is being served beyond on_call(); false: there is no memory.
  bool keep(std::string_view& record) { return records_.keep(record); }
  /// Goes on in the next round of the loop; for calls from inside another connection.
  void wake();
  /// The connection ends in the next round of the loop.
  void end(bool reset);
  int socket() const noexcept { return socket_.get(); }
  EventLoop& loop() noexcept { return server_.loop(); }

 private:
  /// Each returns false when the connection is over.
  bool serve(std::uint32_t events);
  bool receive();
  bool execute(std::string_view input);
  bool resume();
  bool settle();
  bool blocked() const noexcept { return busy() || !output_.ready().empty() || output_.holding(); }

  TcpServer& server_;
  FileDescriptor socket_;
  RpcRecordReader records_;
  PacedOutput output_;
  std::string held_;  ///< received, not yet looked at because a call or its reply comes first
  std::uint32_t watched_;
  bool ended_ = false;
};

}  // namespace visa::sim
