// SPDX-License-Identifier: MIT
// Initialization: Initialize on the first connection, AsyncInitialize with the session's id on the
// second, then the message sizes, each step within the deadline of viOpen. Some servers do not
// answer Initialize for a sub-address they do not have, so the wait for the answer counts as well.
#include "drivers/hislip/hislip_session.h"

#include <algorithm>
#include <utility>

#include "drivers/common/tcp_stream.h"
#include "drivers/hislip/hislip_error.h"

namespace visa::drivers::hislip {
namespace {

/// What we speak; the lower version of both holds.
constexpr std::uint16_t kOurVersion = kVersion20;
/// Two letters; VPP-9 has none for a project like this one, and servers do not look at them.
constexpr std::uint32_t kOurVendor = 'F' << 8U | 'V';

constexpr std::uint64_t kKilobyte = 1024;

std::string quoted_device(std::string_view device) {
  constexpr std::size_t kLongDevice = 40;
  std::string text = "\"";
  text += device.substr(0, kLongDevice);
  return text += device.size() > kLongDevice ? "...\"" : "\"";
}

/// viOpen has no status for a lost connection or an I/O error.
Status as_open_status(Status status) noexcept {
  return status == Status::error_conn_lost || status == Status::error_io ? Status::error_rsrc_nfound
                                                                         : status;
}

/// The stream of a connection, in clear text; `below` is the one under it.
std::unique_ptr<TlsStream> stream_of(Connection connection, std::string_view host,
                                     TcpStream*& below) {
  std::string peer = describe_peer(connection.peer, host);
  auto tcp = std::make_unique<TcpStream>(std::move(connection.socket), std::move(peer));
  below = tcp.get();
  return std::make_unique<TlsStream>(std::move(tcp));
}

}  // namespace

Status Session::begin(Connection connection, std::string_view host, std::string_view device,
                      Call& call) {
  peer_ = connection.peer;
  auto stream = stream_of(std::move(connection), host, sync_stream_);
  sync_tls_ = stream.get();
  sync_ = std::make_unique<SyncChannel>(std::move(stream), state_);
  const Header initialize{MessageType::initialize, 0,
                          std::uint32_t{kOurVersion} << 16U | kOurVendor};
  const auto answer = sync_->initialize(initialize, std::as_bytes(std::span(device)),
                                        MessageType::initialize_response, call);
  if (answer.status() == Status::error_tmo) {
    return call.fail(Status::error_tmo, sync_stream_->peer() +
                                            ": no answer to the HiSLIP initialization; does the "
                                            "instrument have the device " +
                                            quoted_device(device) + "?");
  }
  if (!answer) return answer.status();
  version_ = std::min(kOurVersion, static_cast<std::uint16_t>(answer->parameter >> 16U));
  id_ = static_cast<std::uint16_t>(answer->parameter & 0xFFFFU);
  announced_.mandatory = (answer->control & kEncryptionMandatory) != 0;
  announced_.initial = (answer->control & kInitialEncryption) != 0;
  state_.restart((answer->control & kOverlap) != 0);
  return Status::success;
}

Status Session::join(Connection connection, std::string_view host, Call& call) {
  auto stream = stream_of(std::move(connection), host, async_stream_);
  async_tls_ = stream.get();
  async_ = std::make_unique<AsyncChannel>(std::move(stream), state_);
  const auto answer = async_->ask({MessageType::async_initialize, 0, id_}, {},
                                  MessageType::async_initialize_response, call);
  if (!answer) return answer.status();
  if (answer->header.type == MessageType::async_initialize_response) {
    announced_.capable =
        version_ >= kVersion20 && (answer->header.control & kSecureConnection) != 0;
    return Status::success;
  }
  return call.fail(open_status(answer->header),
                   async_stream_->peer() + ": " + describe(answer->header, answer->payload));
}

Status Session::exchange_message_size(std::uint32_t kilobytes, Call& call) {
  const auto size = encode_size(kilobytes * kKilobyte);
  const auto answer = async_->ask({MessageType::async_maximum_message_size}, size,
                                  MessageType::async_maximum_message_size_response, call);
  if (!answer) return answer.status();
  if (answer->header.type == MessageType::error) {
    return call.fail(Status::error_nsup_oper,
                     async_stream_->peer() + ": " + describe(answer->header, answer->payload));
  }
  const auto payload = std::as_bytes(std::span(answer->payload));
  if (payload.size() >= size.size()) sync_->set_message_limit(decode_size(payload.first<8>()));
  return Status::success;
}

Result<std::unique_ptr<Session>> Session::open(std::span<const Endpoint> addresses,
                                               std::string_view host, std::string_view device,
                                               const ConnectOptions& options,
                                               std::uint32_t message_kb, SecurityPlan plan,
                                               Call& call) {
  auto first = connect_tcp(addresses, host, options, call);
  if (!first) return first.status();
  std::unique_ptr<Session> session(new Session);
  session->plan_ = std::move(plan);
  Status status = session->begin(*std::move(first), host, device, call);
  if (failed(status)) return as_open_status(status);
  auto second = connect_tcp(std::span(&session->peer_, 1), host, options, call);
  if (!second) return second.status();
  status = session->join(*std::move(second), host, call);
  if (ok(status)) {
    session->sync_->attach(*session->async_);
    status = session->begin_security(call);
  }
  if (ok(status)) {
    status = session->exchange_message_size(message_kb, call);
    if (status == Status::error_nsup_oper) {  // without this message each side keeps its own limit
      status = Status::success;
      call.detail.clear();
    }
  }
  if (failed(status)) return as_open_status(status);
  return session;
}

Status Session::set_nodelay(bool on, Call& call) {
  const Status status = sync_stream_->set_nodelay(on, call);
  return failed(status) ? status : async_stream_->set_nodelay(on, call);
}

Status Session::set_keepalive(bool on, Call& call) {
  const Status status = sync_stream_->set_keepalive(on, call);
  return failed(status) ? status : async_stream_->set_keepalive(on, call);
}

void Session::wake() noexcept {
  async_->wake();
  sync_->wake();
}

void Session::close() noexcept {
  sync_->close();
  async_->close();
}

}  // namespace visa::drivers::hislip
