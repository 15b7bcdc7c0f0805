// The program that reads HDF5 metadata for tare, so that neither a hostile file nor libhdf5's
// memory reaches the process that asks. Format: format/hdf5/hdf5_wire.h.

#include <hdf5.h>
#include <linux/close_range.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <new>
#include <string_view>

#include "format/hdf5/helper/channel.h"
#include "format/hdf5/helper/copy.h"
#include "format/hdf5/helper/handle.h"
#include "format/hdf5/helper/walk.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TARE_SHADOW_MEMORY 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TARE_SHADOW_MEMORY 1
#endif
#endif

namespace tare {
namespace {

constexpr rlim_t kMaxListSeconds = 20;
constexpr rlim_t kMaxReadSeconds = 3600;

void Limit(__rlimit_resource resource, rlim_t most) {
  const rlimit limit = {most, most};
  ::setrlimit(resource, &limit);
}

void GiveUpRights(bool list) {
  ::syscall(SYS_close_range, 3U, ~0U, 0U);
  Limit(RLIMIT_CORE, 0);
  Limit(RLIMIT_FSIZE, 0);
  Limit(RLIMIT_CPU, list ? kMaxListSeconds : kMaxReadSeconds);
#ifndef TARE_SHADOW_MEMORY
  Limit(RLIMIT_AS, rlim_t{1} << 30);
#endif
  for (const char* name : {"HDF5_PLUGIN_PATH", "HDF5_DRIVER", "HDF5_VOL_CONNECTOR", "HDF5_DEBUG"}) {
    ::unsetenv(name);
  }
  ::setenv("HDF5_USE_FILE_LOCKING", "FALSE", 1);  // read-only media refuse locks
}

[[noreturn]] void OutOfMemory() { Hdf5Channel().Fail(Hdf5Problem::kLimit, "", "out of memory"); }

int Serve(bool list, const char* path) {
  GiveUpRights(list);
  std::set_new_handler(OutOfMemory);
  Hdf5Channel channel;
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  H5PLset_loading_state(0);
  const Hdf5Handle file(H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
  if (!file.ok()) channel.Fail(Hdf5Problem::kNotHdf5, "");
  const Hdf5Handle plan(H5Fget_create_plist(file.get()), H5Pclose);
  hsize_t user_block = 0;
  if (H5Pget_userblock(plan.get(), &user_block) < 0 || user_block != 0) {
    channel.Fail(Hdf5Problem::kUserBlock, "");
  }
  list ? SendDatasets(file.get(), channel) : SendWanted(file.get(), channel);
  // Nothing of libhdf5's own ending is needed, and a damaged file may upset it.
  ::_exit(0);
}

}  // namespace
}  // namespace tare

int main(int argc, char** argv) {
  const std::string_view mode = argc == 3 ? argv[1] : "";
  if (mode != "list" && mode != "read") {
    std::fputs("tare starts tare-hdf5 to read HDF5 metadata; it does nothing on its own.\n",
               stderr);
    return 2;
  }
  return tare::Serve(mode == "list", argv[2]);
}
