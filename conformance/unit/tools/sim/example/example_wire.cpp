// SPDX-License-Identifier: MIT
// What a wire does with a Link: hands it whole messages, sends what it has, and comes back when the
// link says that an answer is due.
#include "conformance/unit/tools/sim/example/example_wire.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <utility>

#include "tools/sim/engine/link.h"
#include "tools/sim/net/listener.h"
#include "tools/sim/net/tcp_server.h"
#include "tools/sim/tables/table_reader.h"

namespace visa::sim {
namespace {

// A message without bytes is a serial poll; this length, and no bytes, is a request for service.
constexpr char kServiceRequest = static_cast<char>(0xFF);
constexpr std::size_t kLongest = 0xFE;

constexpr WireOperation kAsk{"ask"};
constexpr FaultKind kLengthFault{"example-length", FaultPoint::reply, false, &kAsk};
constexpr FaultKind kLostFault{"example-lost", FaultPoint::service_request};

struct ExampleSection : WireSection {
  std::string greeting;
};

class ExampleConnection : public TcpConnection, private LinkEvents {
 public:
  ExampleConnection(TcpServer& server, Instrument& instrument, FileDescriptor socket,
                    const std::string& greeting)
      : server_(server),
        socket_(std::move(socket)),
        link_(instrument, Exchange::strict, static_cast<LinkEvents*>(this)) {
    server_.loop().add(socket_.get(), EPOLLIN, *this);
    if (!greeting.empty()) {
      put(greeting, greeting.size());
    }
  }
  ~ExampleConnection() override { server_.loop().remove(socket_.get()); }

  void on_events(std::uint32_t) override {
    const ssize_t count = ::recv(socket_.get(), server_.receive_buffer(), 4096, MSG_DONTWAIT);
    if (count <= 0) {
      server_.forget(*this);
      return;
    }
    input_.append(server_.receive_buffer(), static_cast<std::size_t>(count));
    while (!input_.empty() && input_.size() > static_cast<unsigned char>(input_[0])) {
      const std::size_t length = static_cast<unsigned char>(input_[0]);
      const std::string message = input_.substr(1, length);
      input_.erase(0, length + 1);
      if (message.empty()) {
        put(std::string(1, static_cast<char>(link_.serial_poll())), 1);
        continue;
      }
      link_.receive(message, true);
      answer();
    }
  }
  void on_due(Clock::time_point now) override {
    link_.release(now);
    answer();
  }

 private:
  void answer() {
    if (link_.ending() != Link::Ending::none) {
      server_.forget(*this);
      return;
    }
    if (const auto due = link_.due()) {
      server_.wake_at(*this, *due);
    }
    if (link_.output().empty()) {
      return;
    }
    const std::string text = link_.read(kLongest).bytes;
    const auto* const fault =
        link_.instrument().faults().next(FaultPoint::reply, link_.id(), &kAsk);
    put(text, fault != nullptr ? fault->fault.length.value_or(0) : text.size());
  }
  void put(const std::string& text, std::size_t length) const {
    send_all(std::string(1, static_cast<char>(length)) + text);
  }
  void send_all(const std::string& all) const {
    static_cast<void>(::send(socket_.get(), all.data(), all.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
  }
  // The instrument is at work here, so this only sends; a wire that can fail then closes later.
  void on_service_request() override {
    const auto* const fault =
        link_.instrument().faults().next(FaultPoint::service_request, link_.id(), nullptr);
    if (fault == nullptr || fault->fault.kind != &kLostFault) {
      send_all(std::string(1, kServiceRequest));
    }
  }
  void on_late_answer() override { server_.wake_at(*this, Clock::now()); }

  TcpServer& server_;
  FileDescriptor socket_;
  Link link_;
  std::string input_;
};

class ExampleWire : public Wire {
 public:
  ExampleWire(EventLoop& loop, Instrument& instrument, std::string address, std::string greeting)
      : address_(std::move(address)),
        greeting_(std::move(greeting)),
        server_(loop, address_, 0, [this, &instrument](FileDescriptor socket) {
          return std::make_unique<ExampleConnection>(server_, instrument, std::move(socket),
                                                     greeting_);
        }) {}
  std::string resource_name() const override {
    return "EXAMPLE0::" + resource_host(address_) + "::INSTR";
  }
  std::string transport() const override { return "port = " + std::to_string(port()); }
  std::uint16_t port() const noexcept override { return server_.port(); }
  std::vector<Service> services() const override { return {{"_example._tcp", port()}}; }
  std::size_t clients() const noexcept override { return server_.clients(); }

 private:
  std::string address_;
  std::string greeting_;
  TcpServer server_;
};

class ExampleServer : public WireServer {
 public:
  ExampleServer(EventLoop& loop, std::string address) : loop_(loop), address_(std::move(address)) {}
  std::unique_ptr<Wire> serve(Instrument& instrument, const WireSection* section,
                              std::uint16_t) override {
    const auto* const own = dynamic_cast<const ExampleSection*>(section);
    return std::make_unique<ExampleWire>(loop_, instrument, address_,
                                         own != nullptr ? own->greeting : std::string());
  }
  void start() override { started_ = true; }
  std::vector<std::string> remarks() const override {
    return {started_ ? "example started" : "example open"};
  }

 private:
  EventLoop& loop_;
  std::string address_;
  bool started_ = false;
};

class ExampleKind final : public WireKind {
 public:
  std::string_view name() const noexcept override { return "example"; }
  std::string_view alias_suffix() const noexcept override { return "-example"; }
  std::span<const FaultKind* const> faults() const noexcept override {
    static constexpr const FaultKind* kKinds[] = {&kLengthFault, &kLostFault};
    return kKinds;
  }
  const WireOperation* find_operation(std::string_view name) const noexcept override {
    return name == kAsk.name ? &kAsk : nullptr;
  }
  bool has_section() const noexcept override { return true; }
  std::unique_ptr<const WireSection> read_section(TableReader& table) const override {
    auto section = std::make_unique<ExampleSection>();
    section->greeting = table.text("greeting").value_or("");
    return section;
  }
  std::span<const WireOption> options() const noexcept override {
    static constexpr WireOption kOptions[] = {{"--no-example"}};
    return kOptions;
  }
  std::unique_ptr<WireServer> open(EventLoop& loop, const WireSettings& settings) const override {
    if (settings.has("--no-example")) {
      return nullptr;
    }
    return std::make_unique<ExampleServer>(loop, settings.address);
  }
};

}  // namespace

const WireKind& example_wire_kind() noexcept {
  static constexpr ExampleKind kKind;
  return kKind;
}

}  // namespace visa::sim
