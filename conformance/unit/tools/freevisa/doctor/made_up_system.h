// SPDX-License-Identifier: MIT
// For the tests of the checks: a system in a folder, as the kernel shows one.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <string>
#include <utility>

#include "tools/freevisa/doctor/system_view.h"

namespace visa::tool {

class MadeUpSystem : public ::testing::Test {
 protected:
  void SetUp() override {
    system.root = ::testing::TempDir() + "system_" + std::to_string(::getpid());
    system.user = "ann";
    system.may_use = [this](const std::string&) { return permitted; };
    std::filesystem::create_directories(system.root);
  }
  void TearDown() override { std::filesystem::remove_all(system.root); }
  void make(const std::string& path, const std::string& text = "") const {
    std::filesystem::create_directories(std::filesystem::path(system.root + path).parent_path());
    std::ofstream(system.root + path) << text << "\n";
  }
  void link(const std::string& path, const std::string& target) const {
    std::filesystem::create_directories(std::filesystem::path(system.root + path).parent_path());
    std::filesystem::create_symlink(target, system.root + path);
  }
  /// A device at /dev/bus/usb/001/009 with an interface of `interface_class`.
  void plug(const std::string& vendor, const std::string& product,
            const std::string& interface_class, const std::string& name = "") const {
    const std::string device = "/sys/bus/usb/devices/1-4";
    for (const auto& [file, text] : std::initializer_list<std::pair<const char*, std::string>>{
             {"idVendor", vendor}, {"idProduct", product}, {"busnum", "1"}, {"devnum", "9"}}) {
      make(device + "/" + file, text);
    }
    if (!name.empty()) make(device + "/product", name);
    make(device + ":1.0/bInterfaceClass", interface_class);
    make(device + ":1.0/bInterfaceSubClass", "03");
    make(device + ":1.1/bInterfaceClass", "08");
    make("/dev/bus/usb/001/009");
  }
  /// A process that has `file` open.
  void run_process(const std::string& name, const std::string& file) const {
    make("/proc/4711/comm", name);
    link("/proc/4711/fd/5", file);
  }
  SystemView system;
  bool permitted = true;
};

}  // namespace visa::tool
