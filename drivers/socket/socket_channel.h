// SPDX-License-Identifier: MIT
// One raw TCP connection (TCPIP::host::port::SOCKET). The wire has no message boundaries, no status
// byte and no triggers; with VI_PROT_4882_STRS the core sends messages instead. Owned by one
// session; threads as spi::Channel says, with clear and the buffer facet in the read lane.
#pragma once

#include <atomic>
#include <span>
#include <string>

#include "drivers/common/buffered_reader.h"
#include "drivers/common/connector.h"
#include "drivers/common/tcp_attributes.h"
#include "drivers/common/tcp_stream.h"
#include "drivers/socket/socket_settings.h"
#include "lib/spi/bindings.h"
#include "lib/spi/channel.h"
#include "lib/spi/facets.h"

namespace visa::drivers {

class SocketChannel final : public spi::Channel, private spi::BufferFacet, private TcpAttributes {
 public:
  /// `host` is the host field of the resource name; `options` are those the socket was connected
  /// with.
  SocketChannel(Connection connection, std::string host, const ConnectOptions& options,
                const SocketSettings& settings);

  void close(Call& call) noexcept override;
  spi::Traits traits() const noexcept override;
  spi::ReadResult read(std::span<std::byte> into, const spi::EndRule& rule, Call& call) override;
  spi::WriteResult write(std::span<const std::byte> data, const spi::WriteRule& rule,
                         Call& call) override;
  void wake() noexcept override;

  /// Drops everything received until the connection is silent for a moment; sends nothing.
  Status clear(Call& call) override;

  Result<model::AttributeValue> get_attribute(ViAttr id, Call& call) override;
  Status set_attribute(ViAttr id, const model::AttributeValue& value, Call& call) override;
  spi::Facets facets() noexcept override;

  /// Every attribute this class answers; a test compares it with the attribute table.
  static std::span<const spi::Binding<SocketChannel>> bindings() noexcept;

 private:
  spi::ReadResult end_by_close(const spi::ReadResult& result, Call& call);
  Status discard_input(Call& call) override;
  Status flush_output(bool discard, Call& call) override;
  Status resize(bool input, std::uint32_t size, Call& call) override;

  Status apply_nodelay(bool on, Call& call) override { return stream_.set_nodelay(on, call); }
  Status apply_keepalive(bool on, Call& call) override { return stream_.set_keepalive(on, call); }

  const bool drain_before_write_;
  const bool close_ends_answer_;
  TcpStream stream_;
  BufferedReader reader_;
  bool inside_message_ = false;             // the last write left its message unfinished
  std::atomic<bool> inside_answer_{false};  // part of an answer was read; reader and writer set it
};

}  // namespace visa::drivers
