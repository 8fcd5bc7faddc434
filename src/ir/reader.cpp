#include "ir/reader.h"

#include <cstddef>

#include <openvino/runtime/core.hpp>
#include <openvino/runtime/tensor.hpp>

#include "base/error.h"
#include "ir/check.h"
#include "runtime/reason.h"

namespace easel {
namespace {

void check_shapes(const IrNetwork& network) {
    for (const auto& node : network.model->get_ops())
        for (const auto& output : node->outputs()) {
            if (output.get_partial_shape().is_dynamic()) continue;
            std::size_t elements = 1;
            for (const std::size_t side : output.get_shape()) {
                if (side != 0 && elements > most_elements / side)
                    fail("{}: the tensor {} has the impossible shape {}", network.where, node->get_friendly_name(),
                         output.get_partial_shape().to_string());
                elements *= side;
            }
        }
}

}  // namespace

IrNetwork read_ir(const IrFiles& files) {
    IrNetwork network{.where = files.xml.string(), .weights = std::make_shared<const MappedFile>(files.bin)};
    const std::string xml = read_text_file(files.xml, largest_ir_xml);
    const auto bytes = network.weights->bytes();
    check_ir(xml, bytes.size(), network.where);
    try {
        const ov::Tensor constants =
            bytes.empty() ? ov::Tensor(ov::element::u8, {0})
                          : ov::Tensor(ov::element::u8, {bytes.size()}, static_cast<const void*>(bytes.data()));
        network.model = ov::Core().read_model(xml, constants);
    } catch (const std::exception& error) {
        fail("{}: OpenVINO cannot read it ({})", network.where, reason(error));
    }
    check_shapes(network);
    return network;
}

}  // namespace easel
