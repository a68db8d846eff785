// SPDX-License-Identifier: MIT
// For the server's tests: a HiSLIP client of a few lines, with a bounded wait for everything. It
// counts ids and says RMT-delivered as IVI-6.1 wants it, and shares nothing with the server.
#pragma once

#include <poll.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "conformance/unit/tools/sim/socket/client.h"

namespace visa::sim {

// A message as it came; type -1: none came, or not to its end.
struct Got {
  int type = -1;
  unsigned control = 0;
  std::uint32_t parameter = 0;
  std::uint64_t length = 0;
  std::string payload;
};

// Types, as the wire has them.
enum : int {
  kInitialize = 0,
  kInitializeResponse = 1,
  kFatalError = 2,
  kError = 3,
  kLock = 4,
  kLockResponse = 5,
  kData = 6,
  kDataEnd = 7,
  kClearComplete = 8,
  kClearAcknowledge = 9,
  kRemoteLocal = 10,
  kRemoteLocalResponse = 11,
  kTrigger = 12,
  kInterrupted = 13,
  kAsyncInterrupted = 14,
  kMaximumSize = 15,
  kMaximumSizeResponse = 16,
  kAsyncInitialize = 17,
  kAsyncInitializeResponse = 18,
  kAsyncClear = 19,
  kServiceRequest = 20,
  kStatusQuery = 21,
  kStatusResponse = 22,
  kAsyncClearAcknowledge = 23,
  kLockInfo = 24,
  kLockInfoResponse = 25,
  kGetDescriptors = 26,
  kGetDescriptorsResponse = 27,
};

inline std::string number_bytes(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) {
    text += static_cast<char>(static_cast<unsigned char>(value >> (8 * i)));
  }
  return text;
}

inline std::uint64_t bytes_number(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) {
    value = value << 8U | static_cast<unsigned char>(byte);
  }
  return value;
}

inline std::string hislip_header(int type, unsigned control, std::uint32_t parameter,
                                 std::uint64_t length) {
  return "HS" + number_bytes(static_cast<std::uint64_t>(type), 1) + number_bytes(control, 1) +
         number_bytes(parameter, 4) + number_bytes(length, 8);
}

inline std::string hislip_message(int type, unsigned control, std::uint32_t parameter,
                                  std::string_view payload = {}) {
  return hislip_header(type, control, parameter, payload.size()) + std::string(payload);
}

// One connection.
class HislipConnected : public Client {
 public:
  explicit HislipConnected(std::uint16_t port, int receive_buffer = 0)
      : Client(port, receive_buffer) {}

  void put(int type, unsigned control, std::uint32_t parameter, std::string_view payload = {}) {
    EXPECT_TRUE(send(hislip_message(type, control, parameter, payload)));
  }
  Got header() {
    Got got;
    const std::string bytes = receive(16);
    if (bytes.size() < 16) {
      return got;
    }
    EXPECT_EQ(bytes.substr(0, 2), "HS");
    const std::string_view view = bytes;
    got.type = static_cast<unsigned char>(bytes[2]);
    got.control = static_cast<unsigned char>(bytes[3]);
    got.parameter = static_cast<std::uint32_t>(bytes_number(view.substr(4, 4)));
    got.length = bytes_number(view.substr(8));
    return got;
  }
  Got next() {
    Got got = header();
    if (got.type >= 0) {
      got.payload = receive(static_cast<std::size_t>(got.length));
      got.type = got.payload.size() == got.length ? got.type : -1;
    }
    return got;
  }
  // Something has come, or comes within so many milliseconds.
  bool readable(int milliseconds) const {
    pollfd one{fd(), POLLIN, 0};
    return ::poll(&one, 1, milliseconds) == 1;
  }
};

// Both channels of a session that is initialized by the constructor.
class HislipClient {
 public:
  static constexpr std::uint32_t kFirst = 0xFFFFFF00;
  struct Options {
    std::uint16_t version = 0x0200;
    int receive_buffer = 0;
  };

  explicit HislipClient(std::uint16_t port, std::string_view device = "hislip0")
      : HislipClient(port, device, Options()) {}
  HislipClient(std::uint16_t port, std::string_view device, const Options& options)
      : sync(port, options.receive_buffer), async(port) {
    sync.put(kInitialize, 0, std::uint32_t{options.version} << 16U | 0x7878U, device);
    hello = sync.next();
    EXPECT_EQ(hello.type, kInitializeResponse) << hello.payload;
    session = hello.parameter & 0xFFFFU;
    async.put(kAsyncInitialize, 0, session);
    async_hello = async.next();
    EXPECT_EQ(async_hello.type, kAsyncInitializeResponse) << async_hello.payload;
  }

  // Data or DataEND with the next id; returns that.
  std::uint32_t put(std::string_view data, bool end = true) {
    return put_message(end ? kDataEnd : kData, data);
  }
  std::uint32_t trigger() { return put_message(kTrigger, {}); }
  std::uint32_t put_message(int type, std::string_view data) {
    const std::uint32_t id = next_id;
    sync.put(type, delivered ? 1 : 0, id, data);
    delivered = false;
    last_id = id;
    next_id += 2;
    return id;
  }
  // A whole answer; its ids have to be those of the last message (in overlap mode the server's).
  std::string get() {
    std::string all;
    while (true) {
      const Got got = sync.next();
      if (got.type != kData && got.type != kDataEnd) {
        ADD_FAILURE() << "no answer but message " << got.type << " " << got.payload;
        return all;
      }
      EXPECT_EQ(got.parameter, overlapped ? server_id : last_id);
      if (overlapped) {
        delivered_id = server_id;
        server_id += 2;
      }
      all += got.payload;
      if (got.type == kDataEnd) {
        delivered = true;
        return all;
      }
    }
  }
  std::string query(std::string_view text) {
    put(text);
    return get();
  }
  Got ask(int type, unsigned control = 0, std::uint32_t parameter = 0,
          std::string_view payload = {}) {
    async.put(type, control, parameter, payload);
    return async.next();
  }
  unsigned status() {
    const Got got = ask(kStatusQuery, delivered ? 1 : 0, overlapped ? delivered_id : last_id);
    delivered = false;
    EXPECT_EQ(got.type, kStatusResponse) << got.payload;
    return got.control;
  }
  // {control code of the answer}
  unsigned lock(std::uint32_t milliseconds, std::string_view key = {}) {
    const Got got = ask(kLock, 1, milliseconds, key);
    EXPECT_EQ(got.type, kLockResponse) << got.payload;
    return got.control;
  }
  unsigned unlock() {
    const Got got = ask(kLock, 0, last_id);
    EXPECT_EQ(got.type, kLockResponse) << got.payload;
    return got.control;
  }
  // The whole transaction; returns the features that are in force.
  unsigned clear(unsigned wanted) {
    async.put(kAsyncClear, 0, 0);
    Got got = async.next();
    while (got.type >= 0 && got.type != kAsyncClearAcknowledge) {
      got = async.next();
    }
    proposed = got.control;
    sync.put(kClearComplete, wanted, 0);
    got = sync.next();
    while (got.type >= 0 && got.type != kClearAcknowledge) {
      got = sync.next();
    }
    EXPECT_EQ(got.type, kClearAcknowledge);
    next_id = server_id = kFirst;
    last_id = delivered_id = kFirst - 2;
    delivered = false;
    overlapped = (got.control & 1U) != 0;
    return got.control;
  }

  HislipConnected sync;
  HislipConnected async;
  Got hello;
  Got async_hello;
  std::uint32_t session = 0;
  std::uint32_t next_id = kFirst;
  std::uint32_t last_id = kFirst - 2;
  std::uint32_t server_id = kFirst;         // overlap: expected next
  std::uint32_t delivered_id = kFirst - 2;  // overlap
  bool delivered = false;
  bool overlapped = false;
  unsigned proposed = 0;  // by AsyncDeviceClearAcknowledge
};

}  // namespace visa::sim
