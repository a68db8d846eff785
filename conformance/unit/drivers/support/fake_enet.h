// SPDX-License-Identifier: MIT
// A GPIB-ENET/100 on ports of this computer, with instruments. Each connection has a thread. Any
// thread may change the model inside with().
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace visa::test {

/// An instrument at the box.
struct EnetInstrument {
  std::function<std::string(const std::string&)> answer = {};
  std::deque<std::string> answers = {};
  std::vector<std::string> messages = {};
  std::uint8_t status = 0;
  unsigned clears = 0;
  unsigned triggers = 0;
  unsigned locals = 0;
};

class FakeEnet {
 public:
  FakeEnet();
  ~FakeEnet();
  FakeEnet(const FakeEnet&) = delete;
  FakeEnet& operator=(const FakeEnet&) = delete;

  std::uint16_t port() const noexcept { return port_; }
  void with(const std::function<void(FakeEnet&)>& use);
  /// Each request frame so far, as "16" or "50 03".
  std::vector<std::string> diary();

  // The model.
  std::map<unsigned, EnetInstrument> instruments;  // primary + 256 * (secondary byte of the frame)
  std::size_t chunk = 1000;                        // bytes of data in one chunk
  bool hangs = false;                              // no request is answered
  int drops_after = -1;      // so many bytes of the next reply are sent, then the end
  int replies_left = -1;     // after so many each connection ends
  std::string instead = {};  // sent in place of the next reply
  bool floods = false;       // such bytes come in place of a reply, without end
  bool out_of_band = false;  // such a byte comes before each chunk
  bool tells_line = true;    // SRQ, and not only the requests of the device that is watched
  struct Failure {
    std::uint8_t operation;  // the first byte of the request
    std::uint16_t state;     // beside the bit of errors
    std::uint16_t error;
  };
  std::optional<Failure> failure = {};  // of the next such request, which is not carried out
  unsigned interface_clears = 0;
  unsigned connections = 0;  // main ones

 private:
  struct Client {
    int fd;
    unsigned device = 0;
    std::uint16_t of_port = 0;  // the client of the main connection that is watched
  };
  void listen_on(int listener, int which);
  void serve(int fd, int which);
  bool request(Client& client, const std::vector<std::uint8_t>& frame, int which);
  bool send_all(int fd, std::string bytes);
  std::string status(std::uint16_t state, std::uint16_t error, std::uint32_t count,
                     std::string_view after = {}) const;
  std::string chunk_of(const std::string& data, std::uint16_t flags = 0) const;
  std::string read(Client& client, std::uint32_t time);
  std::string write(Client& client, std::uint32_t count, bool& lost);
  std::string poll(const Client& client);
  std::string failed(std::uint8_t operation);
  std::uint16_t requests(const Client& client) const;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> diary_;
  std::vector<std::thread> threads_;
  std::vector<int> fds_;
  std::vector<int> listeners_;
  std::map<std::uint16_t, unsigned> devices_;  // that main connections have named, by their client
  std::atomic<bool> ends_{false};
  std::uint16_t port_ = 0;
};

}  // namespace visa::test
