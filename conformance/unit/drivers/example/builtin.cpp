// SPDX-License-Identifier: MIT
// The table of drivers of this test program: the example wire and nothing else. In the library the
// build generates it.
#include "lib/spi/builtin.h"

namespace visa::drivers {
std::unique_ptr<spi::Driver> make_example_driver();
}

namespace visa::spi {

std::vector<std::unique_ptr<Driver>> make_builtin_drivers() {
  std::vector<std::unique_ptr<Driver>> drivers;
  drivers.push_back(drivers::make_example_driver());
  return drivers;
}

std::vector<std::unique_ptr<Finder>> make_builtin_finders() {
  return {};
}

}  // namespace visa::spi
