#include "ir/ports.h"

#include <algorithm>

#include <fmt/ranges.h>

#include "base/error.h"

namespace easel {
namespace {

using Port = ov::Output<ov::Node>;
using Type = WantedInput::Type;

constexpr int token_count = 77;

bool has_name(const Port& port, std::string_view name) {
    return port.get_node()->get_friendly_name() == name || port.get_names().contains(std::string(name));
}

bool fits(const ov::element::Type& type, Type wanted) {
    const bool integer = type == ov::element::i32 || type == ov::element::i64;
    const bool real = type.is_real() && type.bitwidth() >= 16;
    switch (wanted) {
        case Type::integer:
            return integer;
        case Type::real:
            return real;
        case Type::number:
            return integer || real;
    }
    return false;
}

bool fits(const Port& port, const WantedInput& wanted) {
    const ov::PartialShape& own = port.get_partial_shape();
    return fits(port.get_element_type(), wanted.type) && own.rank().is_static() &&
           std::ranges::any_of(wanted.shapes, [&](const ov::PartialShape& shape) { return own.compatible(shape); });
}

std::string shown(const WantedInput& wanted) {
    const char* const type = wanted.type == Type::real      ? "real"
                             : wanted.type == Type::integer ? "i32 or i64"
                                                            : "of any type";
    return fmt::format("{} {} {}", wanted.names.front(), type, wanted.shapes.front().to_string());
}

}  // namespace

std::vector<WantedInput> text_encoder_inputs() {
    return {{{"input_ids", "tokens"}, {{-1, token_count}}, Type::integer}};
}

std::vector<WantedInput> unet_inputs(const ModelFacts& facts) {
    std::vector<WantedInput> wanted = {{{"sample", "latent_model_input"}, {{-1, -1, -1, -1}}, Type::real},
                                       {{"timestep", "t"}, {{1}, {}, {2}}, Type::number},
                                       {{"encoder_hidden_states"}, {{-1, token_count, -1}}, Type::real}};
    if (facts.takes_guidance) wanted.push_back({{"timestep_cond"}, {{-1, -1}}, Type::real});
    if (facts.text.is_pooled) {
        wanted.push_back({{"text_embeds"}, {{-1, -1}}, Type::real});
        wanted.push_back({{"time_ids"}, {{-1, -1}}, Type::real});
    }
    return wanted;
}

int unet_channels(const ModelFacts& facts) {
    const int latents = facts.latents.channels;
    if (facts.edits_pictures()) return 2 * latents;
    return facts.masking == Masking::in_the_unet ? 2 * latents + 1 : latents;
}

std::vector<WantedInput> vae_decoder_inputs(int channels) {
    return {{{"latent_sample", "latents"}, {{1, channels, -1, -1}}, Type::real}};
}

std::vector<WantedInput> vae_encoder_inputs() { return {{{"sample", "init_image"}, {{1, 3, -1, -1}}, Type::real}}; }

std::string shown(const Port& port) {
    const auto& names = port.get_names();
    const std::string name = names.empty() ? port.get_node()->get_friendly_name() : *std::ranges::min_element(names);
    return fmt::format("{} {} {}", name, port.get_element_type().to_string(), port.get_partial_shape().to_string());
}

std::vector<Port> find_inputs(const ov::Model& model, const std::vector<WantedInput>& wanted, std::string_view where) {
    std::vector<Port> left;
    for (const auto& parameter : model.get_parameters()) left.push_back(parameter->output(0));
    const auto all = left;
    const auto mismatch = [&] {
        std::vector<std::string> have, need;
        for (const Port& port : all) have.push_back(shown(port));
        for (const WantedInput& input : wanted) need.push_back(shown(input));
        fail("{}: its inputs are {}, but {} are needed", where, fmt::join(have, "; "), fmt::join(need, "; "));
    };
    if (left.size() != wanted.size()) mismatch();

    std::vector<Port> found(wanted.size());
    const auto take = [&](std::size_t index, std::vector<Port>::iterator port) {
        if (!fits(*port, wanted[index])) mismatch();
        found[index] = *port;
        left.erase(port);
    };
    for (std::size_t i = 0; i < wanted.size(); ++i)
        for (const std::string_view name : wanted[i].names) {
            const auto port =
                std::ranges::find_if(left, [&](const Port& candidate) { return has_name(candidate, name); });
            if (port == left.end()) continue;
            take(i, port);
            break;
        }
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (found[i].get_node_shared_ptr()) continue;
        const auto is_such = [&](const Port& candidate) { return fits(candidate, wanted[i]); };
        if (std::ranges::count_if(left, is_such) != 1) mismatch();
        take(i, std::ranges::find_if(left, is_such));
    }
    return found;
}

Port find_output(const ov::Model& model, std::string_view name, int rank, std::string_view where) {
    const auto outputs = model.outputs();
    const auto of_rank = [&](const auto& output) { return output.get_partial_shape().rank() == ov::Rank(rank); };
    auto found = std::ranges::find_if(
        outputs, [&](const auto& output) { return of_rank(output) && output.get_names().contains(std::string(name)); });
    if (found == outputs.end()) found = std::ranges::find_if(outputs, of_rank);
    if (found == outputs.end()) fail("{}: none of its outputs has {} dimensions", where, rank);
    return found->get_node()->input_value(0);
}

Port find_output(const ov::Model& model, std::string_view name, std::string_view where) {
    for (const auto& output : model.outputs())
        if (output.get_names().contains(std::string(name))) return output.get_node()->input_value(0);
    fail("{}: has no output {}, which is needed; export the model anew", where, name);
}

}  // namespace easel
