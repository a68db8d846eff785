// SPDX-License-Identifier: MIT
// Stands for mock_usb.cpp where the package libumockdev-dev is missing.
#include "conformance/unit/drivers/support/mock_usb.h"

namespace visa::test {

struct MockUsb::Self {
  std::unique_ptr<TmcModel> model;
};

const char* MockUsb::missing() {
  return "built without umockdev (Debian, Ubuntu: libumockdev-dev)";
}
MockUsb::MockUsb(std::unique_ptr<TmcModel> model) : self_(std::make_unique<Self>()) {
  self_->model = std::move(model);
}
MockUsb::~MockUsb() = default;
TmcModel& MockUsb::model() {
  return *self_->model;
}
void MockUsb::plug(const MockPlug&) {}
void MockUsb::unplug() {}
void MockUsb::with(const std::function<void(TmcModel&)>&) {}
int MockUsb::claims() const {
  return 0;
}
bool MockUsb::closed() const {
  return true;
}
std::string MockUsb::driver() const {
  return "";
}
std::string MockUsb::node() const {
  return "";
}
std::uint64_t MockUsb::submitted() const {
  return 0;
}
std::vector<int> MockUsb::reset() const {
  return {};
}

}  // namespace visa::test
