// Whatever names and shapes a file's header holds: what it is can be said, and what it says of its training is a
// configuration.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

#include "weights/contents.h"

namespace {

using namespace easel;

/// A line for each tensor: its name, and after spaces the sides of its shape. A count after "*" repeats the line with
/// numbers at the end of the name, so that a short text stands for hundreds of tensors.
std::map<std::string, TensorView> tensors_of(std::string_view text) {
    std::map<std::string, TensorView> tensors;
    while (!text.empty() && tensors.size() < 2000) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        int copies = 1;
        if (const std::size_t star = line.rfind('*'); star != std::string_view::npos) {
            copies = std::atoi(std::string(line.substr(star + 1)).c_str()) % 1000;
            line = line.substr(0, star);
        }
        TensorView tensor;
        const std::size_t space = std::min(line.find(' '), line.size());
        for (const char c : line.substr(space))
            if (c >= '0' && c <= '9' && tensor.shape.size() < 8) tensor.shape.push_back(c - '0');
        for (int i = 0; i < copies; ++i) {
            std::string name(line.substr(0, space));
            if (copies > 1) name += std::to_string(i);
            tensor.name = name;
            tensors.insert_or_assign(std::move(name), tensor);
        }
    }
    return tensors;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto tensors = tensors_of({reinterpret_cast<const char*>(data), size});
    const Contents contents = contents_of(tensors);
    if (contents.name.empty()) std::abort();
    if (!contents.model) return 0;
    const WholeModel& model = *contents.model;
    if (model.text_encoder_prefixes.size() != row_of(model.family).text_encoders.size()) std::abort();
    // Each network that it is said to have is there.
    auto prefixes = model.text_encoder_prefixes;
    prefixes.insert(prefixes.end(), {model.unet_prefix, model.vae_prefix});
    for (const std::string_view prefix : prefixes) {
        const auto first = tensors.lower_bound(std::string(prefix));
        if (first == tensors.end() || !first->first.starts_with(prefix)) std::abort();
    }
    // A stray tensor changes nothing in a file of hundreds.
    if (tensors.size() < 100 || !contents.left_over.empty()) return 0;
    auto with_a_stray = tensors;
    with_a_stray["emb_params"] = {};
    const Contents again = contents_of(with_a_stray);
    if (!again.model || again.model->family != model.family) std::abort();
    return 0;
}
