#ifndef TARE_FORMAT_HDF5_HELPER_HANDLE_H_
#define TARE_FORMAT_HDF5_HELPER_HANDLE_H_

#include <hdf5.h>

#include <utility>

namespace tare {

// An HDF5 identifier that is closed with its own function. ok() is false if HDF5 gave none.
class Hdf5Handle {
 public:
  using Close = herr_t (*)(hid_t);
  Hdf5Handle(hid_t id, Close close) : id_(id), close_(close) {}
  Hdf5Handle(Hdf5Handle&& other) noexcept
      : id_(std::exchange(other.id_, H5I_INVALID_HID)), close_(other.close_) {}
  Hdf5Handle& operator=(Hdf5Handle&&) = delete;
  ~Hdf5Handle() {
    if (ok()) close_(id_);
  }

  bool ok() const { return id_ >= 0; }
  hid_t get() const { return id_; }

 private:
  hid_t id_;
  Close close_;
};

}  // namespace tare

#endif  // TARE_FORMAT_HDF5_HELPER_HANDLE_H_
