// SPDX-License-Identifier: MIT
// In place of drivers/gpib/dongle where the build has no libusb: a configuration that names a
// dongle gets a text that says so.
#include <string>

#include "drivers/gpib/dongle/dongle_back_end.h"

namespace visa::drivers::gpib::dongle {
namespace {

Status explain(const BoardRequest& request, Call& call) {
  return call.fail(Status::error_library_nfound,
                   "GPIB" + std::to_string(request.number) + ": adapter = \"usb://" +
                       request.target +
                       "\": this FreeVISA was built without libusb-1.0, which GPIB adapters at USB "
                       "need");
}

Result<std::string> identify(const BoardRequest& request, Call& call) {
  return explain(request, call);
}

Result<std::unique_ptr<Controller>> open(const BoardRequest& request, Call& call) {
  return explain(request, call);
}

}  // namespace

constinit const BackEnd kBackEnd{"usb", kKeys, &identify, &open, nullptr};

}  // namespace visa::drivers::gpib::dongle
