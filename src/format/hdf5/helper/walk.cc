#include "format/hdf5/helper/walk.h"

#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "format/hdf5/helper/describe.h"
#include "format/hdf5/helper/handle.h"

namespace tare {
namespace {

struct Link {
  std::string name;
  H5L_type_t type;
};

herr_t CollectLink(hid_t /*group*/, const char* name, const H5L_info_t* info, void* links) {
  static_cast<std::vector<Link>*>(links)->push_back({name, info->type});
  return 0;
}

class Walker {
 public:
  explicit Walker(Hdf5Channel& channel) : channel_(channel) {}

  void Walk(hid_t group, const std::string& path, size_t depth) {
    if (depth > kHdf5MaxDepth) channel_.Fail(Hdf5Problem::kTooDeep, path);
    MarkSeen(group, path);
    std::vector<Link> links;
    if (H5Literate(group, H5_INDEX_NAME, H5_ITER_NATIVE, nullptr, CollectLink, &links) < 0) {
      channel_.Fail(Hdf5Problem::kUnreadable, path);
    }
    for (const Link& link : links) {
      std::string child = path.empty() ? link.name : path + "/" + link.name;
      if (link.name.empty() || child.size() > kHdf5MaxName ||
          link.name.find('/') != link.name.npos) {
        channel_.Fail(Hdf5Problem::kBadName, child);
      }
      CheckLink(link, child);
      Visit(group, link.name, child, depth);
    }
  }

  uint32_t datasets() const { return datasets_; }

 private:
  void CheckLink(const Link& link, const std::string& path) {
    if (link.type == H5L_TYPE_SOFT) channel_.Fail(Hdf5Problem::kSoftLink, path);
    if (link.type == H5L_TYPE_EXTERNAL) channel_.Fail(Hdf5Problem::kExternalLink, path);
    if (link.type != H5L_TYPE_HARD) channel_.Fail(Hdf5Problem::kOtherLink, path);
  }

  void Visit(hid_t group, const std::string& name, const std::string& path, size_t depth) {
    const Hdf5Handle object(H5Oopen(group, name.c_str(), H5P_DEFAULT), H5Oclose);
    if (!object.ok()) channel_.Fail(Hdf5Problem::kUnreadable, path);
    switch (H5Iget_type(object.get())) {
      case H5I_GROUP:
        Walk(object.get(), path, depth + 1);
        break;
      case H5I_DATASET:
        MarkSeen(object.get(), path);
        if (++datasets_ > kHdf5MaxDatasets) channel_.Fail(Hdf5Problem::kTooMany, path);
        SendDataset(object.get(), path);
        break;
      default:
        channel_.Fail(Hdf5Problem::kNamedType, path);
    }
  }

  void MarkSeen(hid_t object, const std::string& path) {
    H5O_info_t info;
    if (H5Oget_info2(object, &info, H5O_INFO_BASIC) < 0) {
      channel_.Fail(Hdf5Problem::kUnreadable, path);
    }
    if (!seen_.insert(info.addr).second) channel_.Fail(Hdf5Problem::kReachedTwice, path);
  }

  void SendDataset(hid_t dataset, const std::string& path) {
    const DatasetFacts facts = DescribeDataset(dataset, path, channel_);
    Hdf5WireWriter record;
    record.Put(Hdf5Record::kDataset).Put(facts.element).Put(facts.place).Text(path);
    record.Put(static_cast<uint8_t>(facts.dims.size()));
    for (const hsize_t dim : facts.dims) record.Put(static_cast<uint64_t>(dim));
    channel_.Send(record.Put(facts.offset).Put(facts.bytes).bytes());
  }

  Hdf5Channel& channel_;
  std::unordered_set<haddr_t> seen_;
  uint32_t datasets_ = 0;
};

}  // namespace

void SendDatasets(hid_t file, Hdf5Channel& channel) {
  const Hdf5Handle root(H5Gopen2(file, "/", H5P_DEFAULT), H5Gclose);
  if (!root.ok()) channel.Fail(Hdf5Problem::kUnreadable, "/");
  Walker walker(channel);
  walker.Walk(root.get(), "", 0);
  channel.SendEnd(walker.datasets());
}

}  // namespace tare
