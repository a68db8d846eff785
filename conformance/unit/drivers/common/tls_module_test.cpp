// SPDX-License-Identifier: MIT
// The module is found beside the library, and its absence is explained.
#include "drivers/common/tls_module.h"

#include <gtest/gtest.h>

#ifdef FREEVISA_TLS_MODULE

#include <cstdlib>
#include <filesystem>

#include "conformance/unit/drivers/support/tls_wire.h"

namespace visa::test {
namespace {

TEST(TlsModules, AMissingModuleIsNamedAndLookedForAgain) {
  // In a program of its own: this one has opened the module already.
  const TempFolder folder;
  static std::string place;
  place = folder.file("tls.so");
  EXPECT_EXIT(
      {
        drivers::TlsModule::path = [] { return place; };
        Call call(Deadline::after(kLong));
        const bool missing =
            drivers::TlsModule::get(call).status() == Status::error_library_nfound &&
            call.detail.find(place) != std::string::npos;
        use_module_of_this_build();
        const bool found = drivers::TlsModule::get(call).has_value();
        std::_Exit(missing && found ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

TEST(TlsModules, LieBesideTheFileOfTheLibrary) {
  const std::string folder = drivers::own_folder();
  EXPECT_EQ(folder.front(), '/') << "here the library is part of the test program";
  EXPECT_TRUE(std::filesystem::exists(folder + "/unit_drivers_common")) << folder;
}

TEST(TlsModules, OfAnotherVersionOrKindAreRefused) {
  // A library of every system that is not our module.
  EXPECT_EXIT(
      {
        drivers::TlsModule::path = [] { return std::string("libc.so.6"); };
        Call call(Deadline::after(kLong));
        const auto module = drivers::TlsModule::get(call);
        const bool named = call.detail.find("no TLS module of FreeVISA") != std::string::npos;
        std::_Exit(module.status() == Status::error_library_nfound && named ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace visa::test

#else

TEST(TlsModules, NeedsOpenSsl) {
  GTEST_SKIP() << "this build has no TLS module: install libssl-dev";
}

#endif
