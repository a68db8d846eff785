// SPDX-License-Identifier: MIT
// freevisa setup: what only the administrator of the computer can do, for those who installed
// without root.
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <iterator>
#include <string>
#include <vector>

#include "tools/freevisa/command_line.h"
#include "tools/freevisa/system_files.h"

namespace visa::tool {
namespace {

constexpr char kLockFolder[] = "/run/lock/freevisa";
constexpr const char* kRuleFiles[] = {
    "/etc/udev/rules.d/70-freevisa-usb.rules", "/usr/lib/udev/rules.d/70-freevisa-usb.rules",
    "/usr/local/lib/udev/rules.d/70-freevisa-usb.rules", "/lib/udev/rules.d/70-freevisa-usb.rules"};

constexpr Option kOptions[] = {
    {.name = "--print", .help = "print the commands that do it, for a shell of root"},
};

constexpr char kAbout[] =
    R"(A package of the distribution does all of this. After an installation without root, as by pip, the
computer still lacks what no user can do: a folder where the locks of all users meet, and the
permission to use USB instruments. Says what is there; changes nothing.
)";

constexpr char kClosing[] = R"(Examples:
  freevisa setup
  freevisa setup --print | sudo sh

Exit codes: 0 all is there, or printed, 1 something is missing, 2 wrong usage.
)";

std::string script() {
  const std::string group = system_files::kGroup;
  return std::string("set -e\n") +
         "# The folder where the locks of all users meet, now and after each start.\n"
         "cat >/etc/tmpfiles.d/freevisa.conf <<'END_OF_FILE'\n" +
         system_files::kTmpfiles + "END_OF_FILE\n" + "install -d -m 2770 -o root -g " + group +
         " " + kLockFolder + "\n\n" +
         "# Who may use USB instruments.\n"
         "cat >/etc/udev/rules.d/70-freevisa-usb.rules <<'END_OF_FILE'\n" +
         system_files::kRules + "END_OF_FILE\n" +
         "# Who may use GPIB boards.\n"
         "cat >/etc/udev/rules.d/70-freevisa-gpib.rules <<'END_OF_FILE'\n" +
         system_files::kGpibRules + "END_OF_FILE\n" +
         "if command -v udevadm >/dev/null && [ -e /run/udev/control ]; then\n"
         "  udevadm control --reload\n"
         "  udevadm trigger --subsystem-match=usb --action=change\n"
         "  udevadm trigger --subsystem-match=gpib_common --action=change\n"
         "fi\n\n"
         "# Each user of instruments joins the group, and logs in anew:\n"
         "# usermod -aG " +
         group + " USER\n";
}

bool exists(const char* path) {
  struct stat status {};
  return ::stat(path, &status) == 0;
}

bool in_group(const char* name) {
  if (::geteuid() == 0) return true;
  const struct group* const wanted = ::getgrnam(name);  // NOLINT(concurrency-mt-unsafe): one thread
  if (wanted == nullptr) return false;
  if (::getegid() == wanted->gr_gid) return true;
  const int count = ::getgroups(0, nullptr);
  std::vector<gid_t> groups(static_cast<std::size_t>(std::max(count, 0)));
  const int got = ::getgroups(static_cast<int>(groups.size()), groups.data());
  groups.resize(static_cast<std::size_t>(std::max(got, 0)));
  return std::find(groups.begin(), groups.end(), wanted->gr_gid) != groups.end();
}

/// One line; true if it is there.
bool report(bool there, const std::string& what, const std::string& without) {
  std::printf("%-8s %s%s%s\n", there ? "there" : "missing", what.c_str(), there ? "" : ": ",
              there ? "" : without.c_str());
  return there;
}

int run(const CommandLine& line) {
  if (line.has("--print")) {
    std::fputs(script().c_str(), stdout);
    return kDone;
  }
  const std::string group = system_files::kGroup;
  const bool folder = report(exists(kLockFolder), std::string("lock folder ") + kLockFolder,
                             "locks hold among the processes of one user only");
  const bool rules =
      report(std::any_of(std::begin(kRuleFiles), std::end(kRuleFiles), &exists),
             "udev rule 70-freevisa-usb.rules", "USB instruments may be for root only");
  const bool member = report(in_group(group.c_str()), "this user in the group " + group,
                             "sudo usermod -aG " + group + " $USER, then log in anew");
  if (folder && rules && member) return kDone;
  std::puts("freevisa setup --print shows what to do as root.");
  return kFailed;
}

}  // namespace

const Command& setup_command() {
  static constexpr Command kCommand = {.name = "setup",
                                       .topic = Topic::setup,
                                       .summary = "what is left to be done as root",
                                       .about = kAbout,
                                       .options = kOptions,
                                       .operands = "",
                                       .least = 0,
                                       .most = 0,
                                       .closing = kClosing,
                                       .run = &run};
  return kCommand;
}

}  // namespace visa::tool
