// SPDX-License-Identifier: MIT
// Opening an adapter: connect or open the port, then ask it what it is (PrologixLink::open).
#include "drivers/gpib/prologix_target.h"

#include <charconv>
#include <cstdlib>
#include <memory>
#include <utility>

#include "drivers/common/connector.h"
#include "drivers/common/resolver.h"
#include "drivers/common/setting_reader.h"
#include "drivers/common/tcp_stream.h"
#include "drivers/common/tty_stream.h"
#include "drivers/gpib/prologix_controller.h"
#include "drivers/gpib/prologix_link.h"
#include "lib/model/ascii.h"

namespace visa::drivers::gpib {
namespace {

constexpr std::string_view kBaud = "baud";
constexpr std::string_view kSerialKeys[] = {kBaud};
constexpr int kDefaultBaud = 115200;
constexpr std::int64_t kMostBaud = 4'000'000;
constexpr int kKeepaliveIdle = 60;  // seconds

std::string origin_of(const spi::Settings& settings) {
  const auto at = settings.find(kAdapter);
  return at == settings.end() ? std::string() : " (" + at->second.origin + ")";
}

Result<HostAndPort> host_of(const BoardRequest& request, Call& call) {
  auto where = parse_host(request.target, kPrologixPort);
  if (where) return *std::move(where);
  return call.fail(Status::error_inv_setup,
                   "adapter = \"prologix://" + request.target + "\"" + origin_of(request.settings) +
                       ": a host name or address must follow, with or without :port");
}

Result<std::string> path_of(const BoardRequest& request, Call& call) {
  if (request.target.starts_with('/')) return request.target;
  return call.fail(Status::error_inv_setup, "adapter = \"prologix-serial://" + request.target +
                                                "\"" + origin_of(request.settings) +
                                                ": the absolute path of a serial port must follow, "
                                                "prologix-serial:///dev/ttyUSB0");
}

Result<std::unique_ptr<Controller>> start(std::unique_ptr<ByteStream> stream, bool resets,
                                          Call& call) {
  auto link = PrologixLink::open(std::move(stream), resets, call);
  if (!link) return link.status();
  return std::unique_ptr<Controller>(std::make_unique<PrologixController>(*std::move(link)));
}

Result<std::string> identify_host(const BoardRequest& request, Call& call) {
  const auto where = host_of(request, call);
  if (!where) return where.status();
  return "prologix " + model::lower_case(where->host) + " port " + std::to_string(where->port);
}

Result<std::unique_ptr<Controller>> open_host(const BoardRequest& request, Call& call) {
  const auto where = host_of(request, call);
  if (!where) return where.status();
  const auto addresses = resolve(where->host, where->port, call);
  if (!addresses) return addresses.status();
  ConnectOptions options;
  options.keepalive = true;
  options.keepalive_idle = kKeepaliveIdle;
  options.advice = "is the GPIB adapter on, and no other program connected to it?";
  auto connection = connect_tcp(*addresses, where->host, options, call);
  if (!connection) return connection.status();
  std::string peer = describe_peer(connection->peer, where->host);
  return start(std::make_unique<TcpStream>(std::move(connection->socket), std::move(peer)), false,
               call);
}

struct FreeText {
  void operator()(char* text) const noexcept { std::free(text); }
};

/// The node that a by-id link means, so that two names of one port share it.
Result<std::string> identify_port(const BoardRequest& request, Call& call) {
  auto path = path_of(request, call);
  if (!path) return path;
  const std::unique_ptr<char, FreeText> node(::realpath(path->c_str(), nullptr));
  return "prologix " + (node == nullptr ? *path : std::string(node.get()));
}

Result<std::unique_ptr<Controller>> open_port(const BoardRequest& request, Call& call) {
  const auto path = path_of(request, call);
  if (!path) return path.status();
  int baud = kDefaultBaud;
  SettingReader reader(request.settings, call);
  reader.number(kBaud, 1, kMostBaud, baud);
  if (failed(reader.status())) return reader.status();
  auto stream = TtyStream::open(*path, static_cast<std::uint32_t>(baud), call);
  if (!stream) return stream.status();
  return start(*std::move(stream), true, call);
}

constexpr BackEnd kHost{"prologix", {}, identify_host, open_host, nullptr};
constexpr BackEnd kPort{"prologix-serial", kSerialKeys, identify_port, open_port, nullptr};

}  // namespace

std::optional<HostAndPort> parse_host(std::string_view target, std::uint16_t default_port) {
  if (target.ends_with('/')) target.remove_suffix(1);
  HostAndPort where{{}, default_port};
  std::string_view rest;
  if (target.starts_with('[')) {
    const auto end = target.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    where.host = target.substr(1, end - 1);
    rest = target.substr(end + 1);
  } else {
    const auto end = std::min(target.find(':'), target.size());
    where.host = target.substr(0, end);
    rest = target.substr(end);
  }
  if (where.host.empty() || where.host.find_first_of("/ @") != std::string::npos) {
    return std::nullopt;
  }
  if (rest.empty()) return where;
  rest.remove_prefix(1);
  const char* const end = rest.data() + rest.size();
  const auto [stopped, error] = std::from_chars(rest.data(), end, where.port);
  if (error != std::errc() || stopped != end || where.port == 0) return std::nullopt;
  return where;
}

const BackEnd& prologix_back_end() noexcept {
  return kHost;
}

const BackEnd& prologix_serial_back_end() noexcept {
  return kPort;
}

}  // namespace visa::drivers::gpib
