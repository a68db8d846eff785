// SPDX-License-Identifier: MIT
// Files that are not what they should be, and the places looked at.
#include "lib/config/config_source.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "conformance/unit/support/child_process.h"

namespace visa::config {
namespace {

using testing::HasSubstr;

/// Root may read everything: for its life the process is another user, the owner of `paths`.
class NotRoot {
 public:
  explicit NotRoot(const std::vector<std::string>& paths) : root_(::geteuid() == 0) {
    if (!root_) return;
    for (const auto& path : paths) EXPECT_EQ(::chown(path.c_str(), kNobody, kNobody), 0);
    EXPECT_EQ(::seteuid(kNobody), 0);
  }
  ~NotRoot() {
    if (root_) {
      EXPECT_EQ(::seteuid(0), 0);
    }
  }

 private:
  static constexpr uid_t kNobody = 65534;
  const bool root_;
};

class ConfigSource : public testing::Test {
 protected:
  ConfigSource() {
    char name[] = "/tmp/freevisa_config_test_XXXXXX";
    folder_ = ::mkdtemp(name);
  }
  ~ConfigSource() override {
    std::error_code ignored;
    std::filesystem::permissions(folder_, std::filesystem::perms::owner_all, ignored);
    std::filesystem::remove_all(folder_, ignored);
  }
  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::binary) << text;
    return path(name);
  }
  std::optional<std::string> read(const std::string& file,
                                  Source::Kind kind = Source::Kind::system) {
    ProblemLog log;
    auto text = read_source({file, kind}, log);
    complete = log.complete();
    problem = log.lines().empty() ? "" : log.lines()[0];
    return text;
  }
  void refused(const std::string& file, const std::string& why) {
    EXPECT_EQ(read(file), std::nullopt);
    EXPECT_FALSE(complete);
    EXPECT_THAT(problem, HasSubstr(why));
    EXPECT_THAT(problem, HasSubstr(file));
  }

  std::string folder_;
  bool complete = true;
  std::string problem;
};

TEST_F(ConfigSource, RegularFileIsReadWhole) {
  EXPECT_EQ(read(write("a", std::string("x = 1\n\0y", 8))), std::string("x = 1\n\0y", 8));
  EXPECT_EQ(read(write("empty", "")), "");
  EXPECT_TRUE(complete);
}

TEST_F(ConfigSource, MissingFileIsFineUnlessNamedByTheUser) {
  EXPECT_EQ(read(path("none")), std::nullopt);
  EXPECT_TRUE(complete);
  EXPECT_EQ(problem, "");
  EXPECT_EQ(read(write("file", "") + "/below", Source::Kind::user), std::nullopt);
  EXPECT_EQ(problem, "");
  EXPECT_EQ(read(path("none"), Source::Kind::explicit_), std::nullopt);
  EXPECT_FALSE(complete);
  EXPECT_THAT(problem, HasSubstr("none: cannot be read"));
}

TEST_F(ConfigSource, FolderIsRefused) {
  refused(folder_, "not a regular file");
}

TEST_F(ConfigSource, DeviceIsRefused) {
  refused("/dev/zero", "not a regular file");
}

TEST_F(ConfigSource, PipeIsRefusedWithoutWaitingForAWriter) {
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  refused(path("pipe"), "not a regular file");
}

TEST_F(ConfigSource, LinkIsFollowed) {
  std::filesystem::create_symlink(write("a", "x"), path("link"));
  EXPECT_EQ(read(path("link")), "x");
}

TEST_F(ConfigSource, LinksToNothingToAFolderAndInACircleAreRefused) {
  std::filesystem::create_symlink(path("none"), path("dangling"));
  refused(path("dangling"), "leads nowhere");
  std::filesystem::create_symlink(folder_, path("folder"));
  refused(path("folder"), "not a regular file");
  std::filesystem::create_symlink(path("circle"), path("circle"));
  refused(path("circle"), "cannot be read");
}

TEST_F(ConfigSource, FileOfOneMebibyteIsReadAndALargerOneRefused) {
  EXPECT_EQ(read(write("limit", std::string(kLargestFile, '#')))->size(), kLargestFile);
  refused(write("large", std::string(kLargestFile + 1, '#')), "larger than 1 MiB");
  const auto sparse = write("sparse", "");
  std::filesystem::resize_file(sparse, std::uintmax_t{1} << 40);
  refused(sparse, "larger than 1 MiB");
}

TEST_F(ConfigSource, UnreadableFileIsAProblemAndUnreachableHomeIsNot) {
  const auto file = write("secret", "x");
  const NotRoot user({folder_, file});
  std::filesystem::permissions(file, std::filesystem::perms::none);
  refused(file, "Permission denied");
  std::filesystem::permissions(folder_, std::filesystem::perms::none);
  EXPECT_EQ(read(file, Source::Kind::user), std::nullopt);
  EXPECT_TRUE(complete);
  EXPECT_THAT(problem, HasSubstr("not looked at"));
  refused(file, "Permission denied");  // the system's file
}

TEST_F(ConfigSource, NoDescriptorIsLeftOpen) {
  const auto file = write("a", "x");
  const int before = ::dup(0);
  ::close(before);
  for (int i = 0; i < 10; ++i) {
    read(file);
    read(folder_);
    read(path("none"));
  }
  const int after = ::dup(0);
  ::close(after);
  EXPECT_EQ(before, after);
}

/// Puts a variable and takes it back.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* old = ::getenv(name)) old_ = old;
    value != nullptr ? ::setenv(name, value, 1) : ::unsetenv(name);
  }
  ~Variable() { old_ ? ::setenv(name_, old_->c_str(), 1) : ::unsetenv(name_); }

 private:
  const char* name_;
  std::optional<std::string> old_;
};

/// The default sources without the system's file.
Sources of_this_user() {
  Sources sources = default_sources();
  std::erase_if(sources, [](const Source& one) { return one.kind == Source::Kind::system; });
  return sources;
}

TEST(DefaultSources, AreSystemUserAndTheNamedFile) {
  const Variable home("HOME", "/home/me"), xdg("XDG_CONFIG_HOME", nullptr),
      named("FREEVISA_CONFIG", "bench.toml");
  const Sources sources = of_this_user();
  ASSERT_EQ(sources.size(), 2u);
  EXPECT_EQ(sources[0].path, "/home/me/.config/freevisa/freevisa.toml");
  EXPECT_EQ(sources[0].kind, Source::Kind::user);
  EXPECT_EQ(sources[1].path, "bench.toml");
  EXPECT_EQ(sources[1].kind, Source::Kind::explicit_);
}

// What the README promises, whatever the prefix; the installation's own folder overrides it.
TEST(DefaultSources, EtcIsAlwaysReadAndReadFirst) {
  const Variable home("HOME", nullptr), xdg("XDG_CONFIG_HOME", ""), named("FREEVISA_CONFIG", "");
  const Sources sources = default_sources();
  ASSERT_FALSE(sources.empty());
  EXPECT_EQ(sources[0].path, "/etc/freevisa/freevisa.toml");
  EXPECT_EQ(sources[0].kind, Source::Kind::system);
  const std::string installation = FREEVISA_SYSCONFDIR;
  ASSERT_EQ(sources.size(), installation == "/etc" ? 1u : 2u);
  EXPECT_EQ(sources.back().path, installation + "/freevisa/freevisa.toml");
  EXPECT_EQ(sources.back().kind, Source::Kind::system);
}

TEST(DefaultSources, XdgFolderGoesBeforeHomeIfAbsolute) {
  const Variable home("HOME", "/home/me"), named("FREEVISA_CONFIG", nullptr);
  {
    const Variable xdg("XDG_CONFIG_HOME", "/xdg");
    EXPECT_EQ(of_this_user().at(0).path, "/xdg/freevisa/freevisa.toml");
  }
  const Variable xdg("XDG_CONFIG_HOME", "relative");
  EXPECT_EQ(of_this_user().at(0).path, "/home/me/.config/freevisa/freevisa.toml");
}

TEST(DefaultSources, NothingSetLeavesTheSystemFiles) {
  const Variable home("HOME", nullptr), xdg("XDG_CONFIG_HOME", ""), named("FREEVISA_CONFIG", "");
  EXPECT_TRUE(of_this_user().empty());
}

TEST(DefaultSources, RightsOfAnotherLeaveTheSystemsOnly) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give rights away";
  const Variable home("HOME", "/home/me"), xdg("XDG_CONFIG_HOME", "/xdg"),
      named("FREEVISA_CONFIG", "bench.toml");
  EXPECT_EQ(test::in_child([] {
              if (::setresuid(65534, 0, 0) != 0) return 1;
              for (const Source& source : default_sources()) {
                if (source.kind != Source::Kind::system) return 2;
              }
              return 0;
            }),
            "");
}

}  // namespace
}  // namespace visa::config
