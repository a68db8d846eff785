// SPDX-License-Identifier: MIT
// Where the lock file may be, and opening it there without trusting what somebody else has put in
// its place. Free functions: any thread.
#pragma once

#include <string>
#include <vector>

#include "lib/base/child_closed_fd.h"

namespace visa::locks {

/// A place where the file may be. `own`: a folder of this user alone, made when its parent is
/// there; else one that the computer's administrator has made for several users.
struct LockFolder {
  std::string path;
  bool own = false;
};

/// Where the computer's locks are, best first: for all users of the group that tmpfiles.d names,
/// else for the processes of this user, in the run-time folder that the login makes, or where
/// everybody may make a folder (a service, a container, root). A stranger who takes a name there
/// first is passed over: there are further names, the same for all processes of the user. Never
/// chosen by the environment: a cron job and a desktop must meet in one place.
std::vector<LockFolder> default_lock_folders();

/// The lock file in `folder`, open for reading, writing and locking; made where it is missing and
/// `make` is set. Empty with the reason in `why` where the folder or the file is missing, cannot be
/// used, or is not to be trusted: links, other kinds of files, folders of other users.
ChildClosedFd open_lock_file(const LockFolder& folder, bool make, std::string& why);

}  // namespace visa::locks
