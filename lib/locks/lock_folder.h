// SPDX-License-Identifier: MIT
// Where the lock file may be, and how to open it without trusting what another user may have put
// in its place. Free functions: any thread.
#pragma once

#include <string>
#include <vector>

#include "lib/base/child_closed_fd.h"

namespace visa::locks {

/// A place where the file may be. `own`: a folder of this user alone, made if its parent exists;
/// otherwise a folder that the administrator of the computer has made for several users.
struct LockFolder {
  std::string path;
  bool own = false;
};

/// The folders to try, best first: the one for all users of the group that tmpfiles.d names; then,
/// for the processes of this user alone, the run-time folder that the login makes; then folders
/// where every user may make one (for a service, a container, root). If another user has taken a
/// name there first, the next name is used, the same for all processes of this user. The
/// environment never chooses: a cron job and a desktop program must find the same file.
std::vector<LockFolder> default_lock_folders();

/// Opens the lock file in `folder` for reading, writing and locking; makes a missing one if `make`
/// is set. Empty with the reason in `why` if the folder or the file is missing, cannot be used, or
/// is not to be trusted: a link, not a regular file, a folder of another user.
ChildClosedFd open_lock_file(const LockFolder& folder, bool make, std::string& why);

}  // namespace visa::locks
