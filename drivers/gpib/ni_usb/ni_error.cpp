// SPDX-License-Identifier: MIT
// One text for each thing that a user can do something about.
#include "drivers/gpib/ni_usb/ni_error.h"

#include <string_view>

namespace visa::drivers::gpib::ni_usb {
namespace {

struct Meaning {
  Status status;
  std::string_view text;
};

constexpr Meaning kCommandsNotTaken{Status::error_nlisteners,
                                    "nothing on the bus accepts commands; is any instrument on?"};
constexpr Meaning kDataNotTaken{
    Status::error_nlisteners, "no device accepts the message; is it on, and is the address right?"};
constexpr Meaning kTimeout{Status::error_tmo, "no answer in time"};

Meaning meaning_of(Step step, const StatusBlock& status) noexcept {
  switch (status.error) {
    case Error::stopped:
    case Error::timeout:
      return kTimeout;
    case Error::attention:
      if ((status.state & kCleared) != 0) {
        return {Status::error_io,
                "the controller of the bus has cleared this adapter during the transfer"};
      }
      return {Status::error_io, "ATN is asserted; release it by viGpibControlATN first"};
    case Error::not_addressed:
      return {Status::error_inv_setup, step == Step::read
                                           ? "the adapter is not addressed to listen; address it "
                                             "by viGpibCommand first"
                                           : "the adapter is not addressed to talk; address it by "
                                             "viGpibCommand first"};
    case Error::no_device:
      return step == Step::write ? kDataNotTaken : kCommandsNotTaken;
    case Error::no_listener:
      return step == Step::commands ? kCommandsNotTaken : kDataNotTaken;
    case Error::parameter:
      return {Status::error_system_error,
              "the adapter refuses a request of this driver, which is a defect"};
    default:
      return {Status::error_io,
              "the adapter reports an error; check the cable, or plug the adapter in anew"};
  }
}

}  // namespace

Status failure(Step step, const StatusBlock& status, const std::string& name, Call& call) {
  if (status.error == Error::stopped && call.cancelled()) return Status::error_abort;
  const Meaning meaning = meaning_of(step, status);
  return call.fail(meaning.status, name + ": " + std::string(meaning.text));
}

}  // namespace visa::drivers::gpib::ni_usb
