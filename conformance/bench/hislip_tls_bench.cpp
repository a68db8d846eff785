// SPDX-License-Identifier: MIT
// Measures secure HiSLIP of this libvisa.so against OpenSSL's own loop on the same messages.
#include <memory>

#include "conformance/bench/child.h"
#include "conformance/bench/hislip_tls_floor.h"
#include "conformance/bench/wire_bench.h"

namespace visa::bench {
namespace {

using Floor = FloorLink<hislip_tls_floor, hislip_tls_floor_open, hislip_tls_floor_write,
                        hislip_tls_floor_read, hislip_tls_floor_close>;

/// A throughput of 0.9 of OpenSSL's.
constexpr double kTime = 1 / 0.9;

}  // namespace
}  // namespace visa::bench

int main(int argc, char** argv) {
  using namespace visa::bench;
  const std::string certificate = own_folder() + "/hislip_tls_floor.pem";
  const Wire wire{.server = "hislip_tls_floor_server",
                  .arguments = {"--certificate", certificate},
                  .resource = "TCPIP::127.0.0.1::hislip0,%u::INSTR",
                  .settings =
                      "transport = { credential = \"bench\" }\n"
                      "[[credential]]\nname = \"bench\"\nca_file = \"" +
                      certificate + "\"\n",
                  .floor = [] { return std::make_unique<Floor>(); },
                  .identity = {1.15, 1.30},
                  .open_title = "open + close (the library checks the certificate)",
                  .open_close = 3,
                  .bulk_read = {kTime, kTime},
                  .bulk_write = {kTime, kTime}};
  return wire_main(argc, argv, wire);
}
