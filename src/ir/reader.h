#pragma once

#include <memory>
#include <string>

#include <openvino/core/model.hpp>

#include "base/files.h"
#include "ir/folder.h"

namespace easel {

/// A network as it was read, and its origin.
struct IrNetwork {
    std::shared_ptr<ov::Model> model;
    /// The path of its .xml, for errors.
    std::string where;
    /// What its constants point into.
    std::shared_ptr<const MappedFile> weights;
};

/// Reads a network, after check_ir and from the very bytes that were checked. Throws Error, naming the file, when it is
/// missing or broken, when the runtime cannot read it, or when one of its tensors has more than 2^40 elements.
IrNetwork read_ir(const IrFiles& files);

}  // namespace easel
