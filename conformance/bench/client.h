// SPDX-License-Identifier: MIT
// One way to reach the reference server: the floor client or a libvisa. The rows are written once
// for this interface and run with each client. A client owns one connection; one thread.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "conformance/bench/visa_library.h"

namespace visa::bench {

class Client {
 public:
  virtual ~Client() = default;
  virtual const std::string& name() const = 0;
  virtual void open(unsigned port) = 0;
  virtual void close() = 0;
  /// Sends all of the data; throws Failure.
  virtual void write(std::span<const char> message) = 0;
  /// Reads one line that must have `size` bytes into `buffer`; throws Failure. The buffer has room
  /// for more, so that the end of the line and not the count ends the read.
  virtual void read_line(std::span<char> buffer, std::size_t size) = 0;
};

class FloorClient final : public Client {
 public:
  ~FloorClient() override;
  const std::string& name() const override { return name_; }
  void open(unsigned port) override;
  void close() override;
  void write(std::span<const char> message) override;
  void read_line(std::span<char> buffer, std::size_t size) override;

 private:
  std::string name_ = "floor";
  int fd_ = -1;
};

class VisaClient final : public Client {
 public:
  explicit VisaClient(const VisaLibrary& library) : library_(library) {}
  const std::string& name() const override { return library_.name(); }
  void open(unsigned port) override { session_ = library_.open(port); }
  void close() override { library_.close(session_); }
  void write(std::span<const char> message) override;
  void read_line(std::span<char> buffer, std::size_t size) override;
  const VisaLibrary& library() const { return library_; }
  ViSession session() const { return session_; }

 private:
  const VisaLibrary& library_;
  ViSession session_ = VI_NULL;
};

}  // namespace visa::bench
