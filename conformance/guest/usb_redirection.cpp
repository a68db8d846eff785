// SPDX-License-Identifier: MIT
// usb_redirection SOCKET CONTROL FILE [KIND]
//
// The USB device of an instrument file for a virtual machine, or with KIND a USB adapter of that
// kind (as --dongle has it) with the instrument on its GPIB bus: waits on the Unix socket SOCKET
// for QEMU's usb-redir device, and is that device until QEMU ends. The machine's own kernel and its
// xHCI driver then do what umockdev leaves out. CONTROL is a bench's control socket
// ("unix:/path"), with its faults. Prints "ready" when QEMU may be started.
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <usbredirparser.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "tools/sim/bench/bench.h"
#include "tools/sim/control/control_server.h"
#include "tools/sim/description/description.h"
#include "tools/sim/dongle/dongle_server.h"
#include "tools/sim/usb/usb_server.h"
#include "tools/sim/usb/usb_wire.h"

namespace {

using visa::sim::UsbDevice;
using visa::sim::UsbStatus;
using visa::sim::UsbtmcFunction;
using visa::sim::UsbTransfer;

int status_of(UsbStatus status) {
  switch (status) {
    case UsbStatus::success:
      return usb_redir_success;
    case UsbStatus::stall:
      return usb_redir_stall;
    case UsbStatus::babble:
      return usb_redir_babble;
    case UsbStatus::cancelled:
      return usb_redir_cancelled;
    default:
      return usb_redir_ioerror;
  }
}

/// What hangs on the cable: asked anew each time it has left the bus by itself.
struct Plug {
  std::function<visa::sim::UsbIdentity()> identity;
  std::function<void(UsbDevice&)> furnish;
};

// QEMU's end of the cable.
class Redirection : public visa::sim::UsbHost,
                    public visa::sim::EventHandler,
                    public visa::sim::TimerSource {
 public:
  Redirection(visa::sim::EventLoop& loop, Plug plug, int socket)
      : loop_(loop), plug_(std::move(plug)), socket_(socket) {
    make_device();
    loop_.add(socket_, EPOLLIN, *this);
    loop_.add_timer(*this);
    start();
  }
  ~Redirection() override {
    loop_.remove_timer(*this);
    loop_.remove(socket_);
    usbredirparser_destroy(parser_);
    ::close(socket_);
  }
  Redirection(const Redirection&) = delete;
  Redirection& operator=(const Redirection&) = delete;

  void on_events(std::uint32_t) override {
    if (usbredirparser_do_read(parser_) != 0) loop_.stop();
    flush();
  }
  std::optional<visa::sim::Clock::time_point> due() const override {
    return returns_ ? returns_ : device_->due();
  }
  void on_due(visa::sim::Clock::time_point now) override {
    if (returns_) {
      if (*returns_ > now) return;
      returns_.reset();
      make_device();
      introduce();
    } else {
      device_->on_due(now);
      if (returns_) leave();
    }
    flush();
  }

  void on_transfer(UsbTransfer done) override {
    if (done.id == kInterruptId) {
      interrupt_done(done);
      return;
    }
    const auto found = pending_.find(done.id);
    if (found == pending_.end()) return;
    Pending kept = found->second;
    pending_.erase(found);
    const std::size_t length = kept.to_host ? done.data.size() : done.taken;
    const int sent = kept.to_host ? static_cast<int>(done.data.size()) : 0;
    // The parser takes no pointer where there is nothing to send.
    auto* const bytes = sent > 0 ? reinterpret_cast<std::uint8_t*>(done.data.data()) : nullptr;
    if (kept.is_control) {
      kept.control.status = static_cast<std::uint8_t>(status_of(done.status));
      kept.control.length = static_cast<std::uint16_t>(length);
      usbredirparser_send_control_packet(parser_, done.id, &kept.control, bytes, sent);
    } else {
      kept.bulk.status = static_cast<std::uint8_t>(status_of(done.status));
      kept.bulk.length = static_cast<std::uint16_t>(length);
      kept.bulk.length_high = static_cast<std::uint16_t>(length >> 16U);
      usbredirparser_send_bulk_packet(parser_, done.id, &kept.bulk, bytes, sent);
    }
  }

 private:
  static constexpr std::uint64_t kInterruptId = ~std::uint64_t{0};
  struct Pending {
    bool is_control = false;
    bool to_host = false;
    usb_redir_control_packet_header control{};
    usb_redir_bulk_packet_header bulk{};
  };

  // A device that leaves comes back after a time, as one that has got its firmware; others stay.
  void make_device() {
    device_ = std::make_unique<UsbDevice>(plug_.identity(), *this,
                                          [this](std::optional<std::chrono::milliseconds> away) {
                                            if (away) returns_ = visa::sim::Clock::now() + *away;
                                          });
    plug_.furnish(*device_);
  }
  void leave() {
    listening_ = 0;
    device_->leave();
    pending_.clear();
    usbredirparser_send_device_disconnect(parser_);
  }

  static Redirection& self(void* priv) { return *static_cast<Redirection*>(priv); }

  void start() {
    parser_ = usbredirparser_create();
    parser_->priv = this;
    parser_->log_func = [](void*, int level, const char* text) {
      if (level <= usbredirparser_warning) std::fprintf(stderr, "%s\n", text);
    };
    parser_->read_func = [](void* priv, std::uint8_t* bytes, int count) {
      const ssize_t got =
          ::recv(self(priv).socket_, bytes, static_cast<std::size_t>(count), MSG_DONTWAIT);
      if (got < 0) return errno == EAGAIN ? 0 : -1;
      return got == 0 ? -1 : static_cast<int>(got);
    };
    parser_->write_func = [](void* priv, std::uint8_t* bytes, int count) {
      return static_cast<int>(
          ::send(self(priv).socket_, bytes, static_cast<std::size_t>(count), MSG_NOSIGNAL));
    };
    parser_->hello_func = [](void* priv, usb_redir_hello_header*) { self(priv).introduce(); };
    parser_->reset_func = [](void* priv) { self(priv).device_->reset(); };
    parser_->set_configuration_func = [](void* priv, std::uint64_t id,
                                         usb_redir_set_configuration_header*) {
      self(priv).tell_configuration(id);
    };
    parser_->get_configuration_func = [](void* priv, std::uint64_t id) {
      self(priv).tell_configuration(id);
    };
    parser_->set_alt_setting_func = [](void* priv, std::uint64_t id,
                                       usb_redir_set_alt_setting_header* header) {
      usb_redir_alt_setting_status_header status{};
      status.interface = header->interface;
      usbredirparser_send_alt_setting_status(self(priv).parser_, id, &status);
    };
    parser_->start_interrupt_receiving_func =
        [](void* priv, std::uint64_t id, usb_redir_start_interrupt_receiving_header* header) {
          self(priv).listen(id, header->endpoint, true);
        };
    parser_->stop_interrupt_receiving_func = [](void* priv, std::uint64_t id,
                                                usb_redir_stop_interrupt_receiving_header* header) {
      self(priv).listen(id, header->endpoint, false);
    };
    parser_->cancel_data_packet_func = [](void* priv, std::uint64_t id) {
      self(priv).device_->cancel(id);
    };
    parser_->control_packet_func = [](void* priv, std::uint64_t id,
                                      usb_redir_control_packet_header* header, std::uint8_t* data,
                                      int count) { self(priv).control(id, *header, data, count); };
    parser_->bulk_packet_func = [](void* priv, std::uint64_t id,
                                   usb_redir_bulk_packet_header* header, std::uint8_t* data,
                                   int count) { self(priv).bulk(id, *header, data, count); };
    std::uint32_t can[USB_REDIR_CAPS_SIZE] = {0};
    for (const int one :
         {usb_redir_cap_connect_device_version, usb_redir_cap_ep_info_max_packet_size,
          usb_redir_cap_64bits_ids, usb_redir_cap_32bits_bulk_length}) {
      usbredirparser_caps_set_cap(can, one);
    }
    char name[] = "freevisa";
    usbredirparser_init(parser_, name, can, USB_REDIR_CAPS_SIZE, usbredirparser_fl_usb_host);
    flush();
  }

  void introduce() {
    usb_redir_ep_info_header endpoints{};
    std::memset(endpoints.type, usb_redir_type_invalid, sizeof endpoints.type);
    endpoints.type[0] = endpoints.type[16] = usb_redir_type_control;
    usb_redir_interface_info_header interfaces{};
    for (const auto& function : device_->functions()) {
      const visa::sim::UsbLayout& layout = function->layout();
      const std::uint32_t at = interfaces.interface_count++;
      interfaces.interface[at] = layout.number;
      interfaces.interface_class[at] = layout.device_class;
      interfaces.interface_subclass[at] = layout.subclass;
      interfaces.interface_protocol[at] = layout.protocol;
      for (const visa::sim::UsbEndpoint& one : layout.endpoints) {
        const std::size_t place =
            static_cast<std::size_t>((one.address & 0x80) >> 3 | (one.address & 0x0F));
        endpoints.type[place] = static_cast<std::uint8_t>(one.type);
        endpoints.interface[place] = layout.number;
        endpoints.interval[place] = one.interval;
        endpoints.max_packet_size[place] = one.packet;
      }
    }
    const visa::sim::UsbIdentity& identity = device_->identity();
    usb_redir_device_connect_header connect{};
    connect.speed = usb_redir_speed_high;
    connect.device_class = connect.device_subclass = connect.device_protocol =
        identity.device_class;
    connect.vendor_id = identity.vendor;
    connect.product_id = identity.product;
    connect.device_version_bcd = identity.version;
    usbredirparser_send_interface_info(parser_, &interfaces);
    usbredirparser_send_ep_info(parser_, &endpoints);
    usbredirparser_send_device_connect(parser_, &connect);
  }

  void tell_configuration(std::uint64_t id) {
    usb_redir_configuration_status_header status{};
    status.configuration = 1;
    usbredirparser_send_configuration_status(parser_, id, &status);
  }

  // QEMU wants packets as they come; here a transfer is always under way for that.
  void listen(std::uint64_t id, std::uint8_t endpoint, bool on) {
    usb_redir_interrupt_receiving_status_header status{};
    status.endpoint = endpoint;
    usbredirparser_send_interrupt_receiving_status(parser_, id, &status);
    if (on == (listening_ != 0)) return;
    listening_ = on ? endpoint : 0;
    if (on) {
      next_interrupt();
    } else {
      device_->cancel(kInterruptId);
    }
  }
  void next_interrupt() {
    const visa::sim::UsbEndpoint* const one = device_->endpoint(listening_);
    if (one != nullptr) {
      device_->submit({.id = kInterruptId, .endpoint = listening_, .room = one->packet});
    }
  }
  void interrupt_done(UsbTransfer& done) {
    if (listening_ == 0 || done.status != UsbStatus::success) return;
    usb_redir_interrupt_packet_header header{};
    header.endpoint = done.endpoint;
    header.length = static_cast<std::uint16_t>(done.data.size());
    usbredirparser_send_interrupt_packet(parser_, interrupts_++, &header,
                                         reinterpret_cast<std::uint8_t*>(done.data.data()),
                                         static_cast<int>(done.data.size()));
    next_interrupt();
  }

  void control(std::uint64_t id, const usb_redir_control_packet_header& header, std::uint8_t* data,
               int count) {
    UsbTransfer transfer{
        .id = id,
        .setup = {header.requesttype, header.request, header.value, header.index, header.length},
        .room = header.length};
    if (count > 0)
      transfer.data.assign(reinterpret_cast<char*>(data), static_cast<std::size_t>(count));
    usbredirparser_free_packet_data(parser_, data);
    pending_[id] = {.is_control = true, .to_host = transfer.setup.to_host(), .control = header};
    device_->submit(std::move(transfer));
  }
  void bulk(std::uint64_t id, const usb_redir_bulk_packet_header& header, std::uint8_t* data,
            int count) {
    UsbTransfer transfer{.id = id,
                         .endpoint = header.endpoint,
                         .room = header.length | std::size_t{header.length_high} << 16U};
    if (count > 0)
      transfer.data.assign(reinterpret_cast<char*>(data), static_cast<std::size_t>(count));
    usbredirparser_free_packet_data(parser_, data);
    pending_[id] = {.to_host = (header.endpoint & 0x80) != 0, .bulk = header};
    device_->submit(std::move(transfer));
  }

  void flush() {
    while (usbredirparser_has_data_to_write(parser_) != 0) {
      if (usbredirparser_do_write(parser_) != 0) {
        loop_.stop();
        return;
      }
    }
  }

  visa::sim::EventLoop& loop_;
  Plug plug_;
  int socket_;
  usbredirparser* parser_ = nullptr;
  std::unique_ptr<UsbDevice> device_;
  std::optional<visa::sim::Clock::time_point> returns_;  ///< while it is away
  std::map<std::uint64_t, Pending> pending_;
  std::uint8_t listening_ = 0;
  std::uint64_t interrupts_ = 0;
};

int accept_on(const char* path) {
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::snprintf(name.sun_path, sizeof name.sun_path, "%s", path);
  ::unlink(path);
  if (::bind(listener, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0 ||
      ::listen(listener, 1) != 0) {
    throw std::runtime_error(std::string("cannot listen on ") + path);
  }
  std::puts("ready");
  std::fflush(stdout);
  const int accepted = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  ::close(listener);
  return accepted;
}

Plug plug_of(visa::sim::UsbInstrument& one) {
  return {[&one] { return one.identity; },
          [&one](UsbDevice& device) {
            visa::sim::furnish_usb_device(device, one,
                                          [](std::uint8_t) { return std::string("guest"); });
          }};
}

int serve(const char* socket, const char* control_address, const char* file, const char* kind) {
  std::ifstream stream(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  const auto description = visa::sim::read_description(text, file);
  visa::sim::Bench bench;
  bench.open("socket");
  bench.serve(description, 0);
  visa::sim::ControlServer control(bench, control_address);
  visa::sim::Instrument& instrument = *bench.resources().front().instrument;
  const auto* const section = dynamic_cast<const visa::sim::UsbDescription*>(
      description->section(visa::sim::usb_wire_kind()));
  visa::sim::UsbInstrument one(instrument,
                               section != nullptr ? *section : visa::sim::UsbDescription());
  one.identity = visa::sim::usb_identity(one.description, 1);
  Plug plug = plug_of(one);
  std::optional<visa::sim::Dongle> dongle;
  if (kind != nullptr) {
    const visa::sim::DongleModel* const model = visa::sim::find_dongle_model(kind);
    if (model == nullptr) throw std::runtime_error(std::string("there is no adapter ") + kind);
    dongle.emplace(bench.loop(), *model, visa::sim::DongleServer::kSerial);
    dongle->bus.add(instrument, std::nullopt);
    plug = {[&dongle] { return dongle->identity(); },
            [&dongle](UsbDevice& device) { visa::sim::furnish_dongle(device, *dongle); }};
  }
  const Redirection redirection(bench.loop(), std::move(plug), accept_on(socket));
  bench.run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4 && argc != 5) {
    std::fputs("usage: usb_redirection SOCKET CONTROL FILE [KIND]\n", stderr);
    return 2;
  }
  try {
    return serve(argv[1], argv[2], argv[3], argc > 4 ? argv[4] : nullptr);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "usb_redirection: %s\n", error.what());
    return 1;
  }
}
