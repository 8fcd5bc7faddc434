#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <openvino/core/model.hpp>

#include "ir/reader.h"
#include "weights/model_facts.h"

namespace easel {

/// An input that a network must have.
struct WantedInput {
    /// Its names; errors use the first one.
    std::vector<std::string_view> names;
    /// All acceptable shapes.
    std::vector<ov::PartialShape> shapes;
    enum class Type { real, integer, number } type = Type::real;
};

// What the networks take, by the names in both kinds of folders. `channels` are the latents'.
std::vector<WantedInput> text_encoder_inputs();
/// Behind the text: the guidance scale's embedding, and the pooled text and the size ids, where `facts` say so.
std::vector<WantedInput> unet_inputs(const ModelFacts& facts);
/// Those of the UNet's `sample`: the latents', and those of what it is shown beside them.
int unet_channels(const ModelFacts& facts);
std::vector<WantedInput> vae_decoder_inputs(int channels);
std::vector<WantedInput> vae_encoder_inputs();

/// The inputs of `model` in the order of `wanted`: each by its name, or if no input has that name, the only remaining
/// one with such a shape and type. Throws Error, naming `where`, the existing inputs and the wanted ones, if there is
/// none or it has another shape or type.
std::vector<ov::Output<ov::Node>> find_inputs(const ov::Model& model, const std::vector<WantedInput>& wanted,
                                              std::string_view where);

/// The value of the output with that name, or else of the first one with that rank. Throws Error, naming `where`, if
/// there is none.
ov::Output<ov::Node> find_output(const ov::Model& model, std::string_view name, int rank, std::string_view where);

/// The value of the output with that name. Throws Error, naming `where`, if there is none.
ov::Output<ov::Node> find_output(const ov::Model& model, std::string_view name, std::string_view where);

/// "sample f32 [?,4,?,?]", for errors.
std::string shown(const ov::Output<ov::Node>& port);

}  // namespace easel
