// SPDX-License-Identifier: MIT
// A client's requests are executed in the order in which they come; while an answer waits for TCP,
// nothing more is read from that client.
#include "tools/sim/control/control_server.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "tools/sim/control/control_commands.h"
#include "tools/sim/net/listener.h"

namespace visa::sim {

// Reads a line, answers it, reads on when the answer has gone.
class ControlServer::Client : public EventHandler {
 public:
  Client(ControlServer& server, FileDescriptor socket)
      : server_(server), socket_(std::move(socket)) {
    server_.bench_.loop().add(socket_.get(), EPOLLIN, *this);
  }
  ~Client() override { server_.bench_.loop().remove(socket_.get()); }

  void on_events(std::uint32_t events) override {
    bool alive = false;
    try {
      alive = (events & EPOLLERR) == 0 && (output_.empty() ? receive() : true) && proceed();
    } catch (const std::bad_alloc&) {
      // the others are served on
    }
    if (!alive) server_.clients_.erase(this);
  }

 private:
  bool receive() {
    std::array<char, 4096> bytes;
    const ssize_t count = ::recv(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    input_.append(bytes.data(), static_cast<std::size_t>(count));
    return count > 0;
  }

  // Answers line after line as long as the client takes the answers; false when it is over.
  bool proceed() {
    while (true) {
      if (!flush()) return false;
      if (!output_.empty()) break;
      if (last_) return false;
      const std::size_t end = input_.find('\n');
      if (end == std::string::npos && input_.size() <= kLongestLine) break;
      if (end > kLongestLine) {  // npos, too
        output_ = "{\"ok\":false,\"error\":\"expected a line of at most 65536 bytes\"}\n";
        last_ = true;
        continue;
      }
      const std::string line = input_.substr(0, end);
      input_.erase(0, end + 1);
      output_ = execute_control(server_.bench_, line) + "\n";
    }
    const bool waits = !output_.empty();
    if (std::exchange(waits_, waits) != waits) {
      server_.bench_.loop().modify(socket_.get(), waits ? EPOLLOUT : EPOLLIN, *this);
    }
    return true;
  }

  bool flush() {
    while (!output_.empty()) {
      const ssize_t sent =
          ::send(socket_.get(), output_.data(), output_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent < 0) return errno == EAGAIN || errno == EINTR;
      output_.erase(0, static_cast<std::size_t>(sent));
    }
    return true;
  }

  ControlServer& server_;
  FileDescriptor socket_;
  std::string input_;
  std::string output_;
  bool waits_ = false;
  bool last_ = false;  // it ends after this answer
};

namespace {

[[noreturn]] void refuse(const std::string& address) {
  throw std::invalid_argument(
      "the control socket needs ADDRESS:PORT, PORT or unix:PATH instead of '" + address + "'");
}

std::uint16_t parse_port(std::string_view text, const std::string& address) {
  std::uint16_t port = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (code != std::errc() || end != text.data() + text.size() || text.empty()) refuse(address);
  return port;
}

}  // namespace

ControlServer::ControlServer(Bench& bench, const std::string& address) : bench_(bench) {
  constexpr std::string_view kUnix = "unix:";
  if (address.starts_with(kUnix)) {
    listen_on_path(address.substr(kUnix.size()));
  } else if (const std::size_t colon = address.rfind(':'); colon == std::string::npos) {
    listen_on_port("127.0.0.1", parse_port(address, address));
  } else {
    std::string host = address.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']') && host.size() > 2) {
      host = host.substr(1, host.size() - 2);
    } else if (host.empty() || host.find(':') != std::string::npos) {
      refuse(address);
    }
    listen_on_port(host, parse_port(std::string_view(address).substr(colon + 1), address));
  }
  bench_.loop().add(listener_.get(), EPOLLIN, *this);
}

ControlServer::~ControlServer() {
  clients_.clear();
  bench_.loop().remove(listener_.get());
  if (!path_.empty()) static_cast<void>(::unlink(path_.c_str()));
}

void ControlServer::listen_on_port(const std::string& host, std::uint16_t port) {
  listener_ = listen_on(host, port);
  port_ = bound_port(listener_.get());
  address_ =
      (host.find(':') != std::string::npos ? "[" + host + "]" : host) + ":" + std::to_string(port_);
}

void ControlServer::listen_on_path(const std::string& path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof name.sun_path) {
    throw std::invalid_argument("the path of the control socket has 1 to 107 bytes");
  }
  std::memcpy(name.sun_path, path.data(), path.size());
  const auto* const address = reinterpret_cast<const sockaddr*>(&name);
  // A socket that a bench left behind refuses connections; anything else is somebody's.
  struct stat status {};
  if (::lstat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode)) {
    const FileDescriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::connect(probe.get(), address, sizeof name) != 0 && errno == ECONNREFUSED) {
      static_cast<void>(::unlink(path.c_str()));
    }
  }
  listener_ = FileDescriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const mode_t before = ::umask(0077);  // the owner's alone
  const bool bound = listener_ && ::bind(listener_.get(), address, sizeof name) == 0;
  const int error = errno;
  ::umask(before);
  if (!bound || ::listen(listener_.get(), 16) != 0) {
    throw std::system_error(bound ? errno : error, std::generic_category(),
                            "cannot listen on unix:" + path);
  }
  path_ = path;
  address_ = "unix:" + path;
}

void ControlServer::on_events(std::uint32_t) {
  FileDescriptor socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!socket || clients_.size() >= kMostClients) return;
  try {
    auto client = std::make_unique<Client>(*this, std::move(socket));
    const Client* const key = client.get();
    clients_.emplace(key, std::move(client));
  } catch (const std::exception&) {
    // no memory or no watch for one more
  }
}

}  // namespace visa::sim
