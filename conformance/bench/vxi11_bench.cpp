// SPDX-License-Identifier: MIT
// Measures VXI-11 of this libvisa.so against its floor client. The configuration names the port of
// the portmapper.
#include <memory>

#include "conformance/bench/vxi11_floor.h"
#include "conformance/bench/wire_bench.h"

int main(int argc, char** argv) {
  using namespace visa::bench;
  using Floor = FloorLink<vxi11_floor, vxi11_floor_open, vxi11_floor_write, vxi11_floor_read,
                          vxi11_floor_close>;
  const Wire wire{.server = "vxi11_floor_server",
                  .resource = "TCPIP::127.0.0.1::inst0::INSTR",
                  .settings = "transport = { portmapper_port = %u }",
                  .floor = [] { return std::make_unique<Floor>(); },
                  .identity = {1.12, {}},
                  .open_title = "open + close, with the portmapper",
                  .open_close = 1.30};
  return wire_main(argc, argv, wire);
}
