// SPDX-License-Identifier: MIT
// No hook runs under the mutex: hooks block, and tests look at the diary meanwhile.
#include "conformance/unit/support/fake_bench.h"

#include <gtest/gtest.h>

#include <utility>

#include "lib/base/no_destructor.h"
#include "lib/core/library.h"
#include "lib/spi/builtin.h"

namespace visa::test {
namespace {

// Tests run side by side and use the same names: each process locks for itself.
[[maybe_unused]] const bool locks_alone = [] {
  core::Library::lock_folders = [] { return std::vector<locks::LockFolder>{}; };
  return true;
}();

}  // namespace

FakeBench& FakeBench::instance() {
  static NoDestructor<FakeBench> bench;
  return *bench;
}

void FakeBench::reset() {
  const std::lock_guard lock(mutex_);
  prepared_.clear();
  wires_.clear();
  opened_.clear();
  on_open_ = nullptr;
  identify_ = nullptr;
  finds_.clear();
  kinds_ = model::kIoKinds;
}

FakeWire& FakeBench::prepare() {
  const std::lock_guard lock(mutex_);
  return *prepared_.emplace_back(std::make_shared<FakeWire>());
}

void FakeBench::on_open(std::function<Status(Call&)> hook) {
  const std::lock_guard lock(mutex_);
  on_open_ = std::move(hook);
}

void FakeBench::on_identify(Identify hook) {
  const std::lock_guard lock(mutex_);
  identify_ = std::move(hook);
}

FakeBench::Identify FakeBench::identify() const {
  const std::lock_guard lock(mutex_);
  return identify_;
}

void FakeBench::on_find(model::Interface interface, Find hook) {
  const std::lock_guard lock(mutex_);
  finds_.emplace_back(interface, std::move(hook));
}

void FakeBench::serve(model::KindSet kinds) {
  const std::lock_guard lock(mutex_);
  kinds_ = kinds;
}

std::vector<Opened> FakeBench::opened() const {
  const std::lock_guard lock(mutex_);
  return opened_;
}

std::shared_ptr<FakeWire> FakeBench::wire(std::size_t index) const {
  const std::lock_guard lock(mutex_);
  if (index < wires_.size()) return wires_[index];
  ADD_FAILURE() << "no wire number " << index << ": " << wires_.size() << " were opened";
  return std::make_shared<FakeWire>();
}

model::KindSet FakeBench::kinds() const {
  const std::lock_guard lock(mutex_);
  return kinds_;
}

Result<std::unique_ptr<spi::Channel>> FakeBench::open(const spi::OpenRequest& request, Call& call) {
  std::function<Status(Call&)> hook;
  {
    const std::lock_guard lock(mutex_);
    opened_.push_back({request.name.canonical(), std::chrono::steady_clock::now(), call.deadline,
                       request.settings, request.initial_attributes,
                       request.credential != nullptr ? request.credential->name : "",
                       request.boards != nullptr ? *request.boards : spi::BoardSettings()});
    hook = on_open_;
  }
  if (hook) {
    if (const Status status = hook(call); failed(status)) return status;
  }
  const std::lock_guard lock(mutex_);
  std::shared_ptr<FakeWire> wire;
  if (prepared_.empty()) {
    wire = std::make_shared<FakeWire>();
  } else {
    wire = std::move(prepared_.front());
    prepared_.erase(prepared_.begin());
  }
  wires_.push_back(wire);
  const bool serial = request.name.kind == model::Kind::asrl_instr;
  const bool stream = serial || request.name.kind == model::Kind::tcpip_socket;
  return make_fake_channel(std::move(wire), {.stream = stream, .flush_through = serial});
}

void FakeBench::find(model::Interface interface, const model::FindExpression& expression,
                     Call& call, spi::DescriptorSink& sink) {
  std::vector<Find> hooks;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [covers, hook] : finds_) {
      if (covers == interface) hooks.push_back(hook);
    }
  }
  for (const auto& hook : hooks) hook(expression, call, sink);
}

namespace {

class FakeDriver final : public spi::Driver {
 public:
  std::string_view name() const noexcept override { return "fake"; }
  model::KindSet kinds() const noexcept override { return FakeBench::instance().kinds(); }
  std::vector<std::string_view> setting_keys() const override { return {"colour"}; }
  Result<spi::Identity> identify(const spi::OpenRequest& request, Call& call) override {
    if (const auto hook = FakeBench::instance().identify()) return hook(request, call);
    return Driver::identify(request, call);
  }
  Result<std::unique_ptr<spi::Channel>> open(const spi::OpenRequest& request, Call& call) override {
    return FakeBench::instance().open(request, call);
  }
};

class FakeFinder final : public spi::Finder {
 public:
  FakeFinder(std::string_view name, model::Interface covers) : name_(name), covers_(covers) {}
  std::string_view name() const noexcept override { return name_; }
  model::Interface covers() const noexcept override { return covers_; }
  void find(const spi::FindScope& scope, Call& call, spi::DescriptorSink& sink) override {
    FakeBench::instance().find(covers_, scope.expression, call, sink);
  }

 private:
  const std::string_view name_;
  const model::Interface covers_;
};

}  // namespace
}  // namespace visa::test

namespace visa::spi {

std::vector<std::unique_ptr<Driver>> make_builtin_drivers() {
  std::vector<std::unique_ptr<Driver>> drivers;
  drivers.push_back(std::make_unique<test::FakeDriver>());
  return drivers;
}

std::vector<std::unique_ptr<Finder>> make_builtin_finders() {
  std::vector<std::unique_ptr<Finder>> finders;
  finders.push_back(std::make_unique<test::FakeFinder>("serial", model::Interface::asrl));
  finders.push_back(std::make_unique<test::FakeFinder>("lan", model::Interface::tcpip));
  finders.push_back(std::make_unique<test::FakeFinder>("usb", model::Interface::usb));
  return finders;
}

}  // namespace visa::spi
