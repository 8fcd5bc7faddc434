#include "runtime/ir_networks.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <system_error>

#include <fmt/format.h>
#include <openvino/core/except.hpp>
#include <openvino/op/concat.hpp>
#include <openvino/op/constant.hpp>
#include <openvino/op/convert.hpp>
#include <openvino/op/divide.hpp>
#include <openvino/op/multiply.hpp>
#include <openvino/op/parameter.hpp>
#include <openvino/op/reshape.hpp>
#include <openvino/op/result.hpp>
#include <openvino/op/slice.hpp>
#include <openvino/op/util/gather_base.hpp>
#include <openvino/runtime/core.hpp>
#include <openvino/runtime/properties.hpp>

#include "base/error.h"
#include "runtime/ir_inputs.h"
#include "runtime/reason.h"
#include "weights/ir_check.h"

namespace easel {
namespace {

using Port = ov::Output<ov::Node>;
using Type = WantedInput::Type;
using std::make_shared;

constexpr int token_count = 77;
constexpr double usual_scaling_factor = 0.18215;
/// The UNet's has 2 to 5 MB.
constexpr std::size_t largest_xml = 32u << 20;
/// Elements of a tensor: more would be more memory than any machine has.
constexpr std::size_t most_elements = std::size_t{1} << 40;

/// A network as it was read, and where from.
struct IrNetwork {
    std::shared_ptr<ov::Model> model;
    std::string where;
    std::shared_ptr<const MappedFile> weights;
};

void check_shapes(const ov::Model& model, const std::string& where) {
    for (const auto& node : model.get_ops())
        for (const Port& output : node->outputs()) {
            if (output.get_partial_shape().is_dynamic()) continue;
            std::size_t elements = 1;
            for (const std::size_t side : output.get_shape()) {
                if (side != 0 && elements > most_elements / side)
                    fail("{}: the tensor {} has the impossible shape {}", where, node->get_friendly_name(),
                         output.get_partial_shape().to_string());
                elements *= side;
            }
        }
}

IrNetwork read(const IrFiles& files) {
    const std::string where = files.xml.string();
    const std::string xml = read_text_file(files.xml, largest_xml);
    auto weights = make_shared<const MappedFile>(files.bin);
    const auto bytes = weights->bytes();
    check_ir(xml, bytes.size(), where);
    // The bytes that were checked, not the file again, which could be another by now.
    const ov::Tensor tensor =
        bytes.empty() ? ov::Tensor(ov::element::u8, ov::Shape{0})
                      : ov::Tensor(ov::element::u8, ov::Shape{bytes.size()}, static_cast<const void*>(bytes.data()));
    std::shared_ptr<ov::Model> model;
    try {
        model = ov::Core().read_model(xml, tensor);
    } catch (const std::exception& error) {
        fail("{}: OpenVINO cannot read it ({})", where, reason(error));
    }
    check_shapes(*model, where);
    return {std::move(model), where, std::move(weights)};
}

/// The output of that name, else the first of that rank.
Port find_output(const ov::Model& model, std::string_view name, int rank, const std::string& where) {
    const auto outputs = model.outputs();
    const auto of_rank = [&](const auto& output) { return output.get_partial_shape().rank().compatible(rank); };
    auto found = std::ranges::find_if(
        outputs, [&](const auto& output) { return of_rank(output) && output.get_names().contains(std::string(name)); });
    if (found == outputs.end()) found = std::ranges::find_if(outputs, of_rank);
    if (found == outputs.end()) fail("{}: none of its outputs has {} dimensions", where, rank);
    return found->get_node()->input_value(0);
}

/// The one network with its inputs and the output that is used, found in a copy that may be changed.
struct Graph {
    std::shared_ptr<ov::Model> model;
    std::vector<Port> inputs;
    std::string where;

    Graph(const IrNetwork& network, const std::vector<WantedInput>& wanted)
        : model(network.model->clone()), inputs(find_inputs(*model, wanted, network.where)), where(network.where) {}

    /// Fixes the shapes. Throws Error where the network cannot have them, advising sizes that are multiples of `step`.
    void reshape(const std::vector<ov::PartialShape>& shapes, int step) const {
        std::map<Port, ov::PartialShape> wanted;
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            if (!inputs[i].get_partial_shape().compatible(shapes[i]))
                fail("{}: its input is {}, but this job needs the shape {}", where, shown(inputs[i]),
                     shapes[i].to_string());
            wanted[inputs[i]] = shapes[i];
        }
        if (!model->is_dynamic()) return;
        try {
            model->reshape(wanted);
        } catch (const ov::Exception&) {  // it names a layer, which helps nobody
            fail_usage(
                "{}: this network cannot be computed at this size, for its input would have the shape {}; give --width "
                "and --height that are multiples of {}",
                where, shapes.front().to_string(), step);
        }
    }
};

std::shared_ptr<ov::op::v0::Parameter> parameter(const ov::element::Type& type, const ov::PartialShape& shape,
                                                 const char* name) {
    auto input = make_shared<ov::op::v0::Parameter>(type, shape);
    input->set_friendly_name(name);
    return input;
}

Port converted(Port values, const ov::element::Type& type) {
    if (values.get_element_type() == type) return values;
    return make_shared<ov::op::v0::Convert>(values, type);
}

Port integers(const std::vector<std::int64_t>& values) {
    return ov::op::v0::Constant::create(ov::element::i64, ov::Shape{values.size()}, values);
}

/// `x` over and over along its first axis, until there are `rows` of it.
Port repeated(Port x, std::int64_t rows) {
    const auto own = x.get_partial_shape()[0].get_length();
    if (own == rows) return x;
    const ov::OutputVector copies(static_cast<std::size_t>(rows / own), x);
    return make_shared<ov::op::v0::Concat>(copies, 0);
}

Port first_rows(Port x, std::int64_t rows) {
    if (x.get_partial_shape()[0].compatible(rows)) return x;
    return make_shared<ov::op::v8::Slice>(x, integers({0}), integers({rows}), integers({1}), integers({0}));
}

/// The constant behind `value` where it is a single number.
std::optional<double> single_number(const Port& value) {
    const ov::Node* node = value.get_node();
    if (ov::is_type<ov::op::v0::Convert>(node)) node = node->get_input_node_ptr(0);
    const auto* constant = ov::as_type<const ov::op::v0::Constant>(node);
    if (!constant || ov::shape_size(constant->get_shape()) != 1) return std::nullopt;
    return constant->cast_vector<double>().front();
}

/// By what a network multiplies its input before doing anything else with it.
double leading_factor(Port values) {
    double factor = 1.0;
    while (values.get_target_inputs().size() == 1) {
        const ov::Input<ov::Node> consumer = *values.get_target_inputs().begin();
        ov::Node* const node = consumer.get_node();
        if (ov::is_type<ov::op::v1::Multiply>(node)) {
            const auto number = single_number(node->input_value(1 - consumer.get_index()));
            if (!number) break;
            factor *= *number;
        } else if (ov::is_type<ov::op::v1::Divide>(node) && consumer.get_index() == 0) {
            const auto number = single_number(node->input_value(1));
            if (!number) break;
            factor /= *number;
        } else if (!ov::is_type<ov::op::v0::Convert>(node)) {
            break;
        }
        values = node->output(0);
    }
    return factor;
}

/// Rows of the largest table that is looked up in: the token table.
std::optional<int> vocabulary_size(const ov::Model& model) {
    std::int64_t largest = 0;
    for (const auto& node : model.get_ops()) {
        if (!ov::is_type<ov::op::util::GatherBase>(node)) continue;
        const ov::PartialShape& table = node->get_input_partial_shape(0);
        if (table.rank().compatible(2) && table.rank().is_static() && table[0].is_static())
            largest = std::max(largest, table[0].get_length());
    }
    return largest > token_count ? std::optional(static_cast<int>(largest)) : std::nullopt;
}

/// A picture with smooth and sharp parts, [3, height, width] in -1..1.
std::vector<float> test_picture(std::size_t height, std::size_t width) {
    std::vector<float> values;
    for (std::size_t channel = 0; channel < 3; ++channel)
        for (std::size_t y = 0; y < height; ++y)
            for (std::size_t x = 0; x < width; ++x) {
                const double u = static_cast<double>(x) / static_cast<double>(width);
                const double v = static_cast<double>(y) / static_cast<double>(height);
                const bool inside = std::hypot(u - 0.5, v - 0.4) < 0.2;
                values.push_back(static_cast<float>(inside ? 0.8 - 0.6 * static_cast<double>(channel)
                                                           : (channel == 1 ? v : u) * 1.2 - 0.6));
            }
    return values;
}

std::vector<float> run_once(const std::shared_ptr<ov::Model>& model, std::vector<float> input) {
    ov::Core core;
    auto request =
        core.compile_model(model, "CPU", ov::hint::inference_precision(ov::element::f32)).create_infer_request();
    request.set_input_tensor(ov::Tensor(ov::element::f32, model->input().get_shape(), input.data()));
    request.infer();
    const ov::Tensor output = request.get_output_tensor(0);
    return {output.data<const float>(), output.data<const float>() + output.get_size()};
}

double mean_distance(std::span<const float> a, std::span<const float> b) {
    return std::transform_reduce(a.begin(), a.end(), b.begin(), 0.0, std::plus(),
                                 [](float x, float y) { return std::abs(static_cast<double>(x) - y); }) /
           static_cast<double>(a.size());
}

class IrNetworks : public NetworkSource {
  public:
    explicit IrNetworks(const IrFolder& folder)
        : encoder_files_(folder.vae_encoder),
          text_encoder_(read(folder.text_encoder)),
          unet_(read(folder.unet)),
          decoder_(read(folder.vae_decoder)) {
        std::error_code ignored;
        if (std::filesystem::exists(encoder_files_.xml, ignored)) encoder_ = read(encoder_files_);
        for (const IrNetwork* network : {&text_encoder_, &unet_, &decoder_, &encoder_})
            if (network->weights) files_.push_back(network->weights);
        learn(folder);
    }

    std::shared_ptr<ov::Model> text_encoder(int clip_skip) const override {
        if (clip_skip != 1)
            fail_usage("--clip-skip {}: an OpenVINO IR gives the text encoder's last layer alone; leave the flag out",
                       clip_skip);
        Graph graph(text_encoder_, text_inputs());
        graph.reshape({{1, token_count}}, size_step());
        const auto ids = parameter(ov::element::i32, {1, token_count}, "ids");
        graph.inputs[0].replace(converted(ids, graph.inputs[0].get_element_type()));
        const Port state = find_output(*graph.model, "last_hidden_state", 3, graph.where);
        return finished(graph, state, {1, token_count, text_width_}, {ids}, "text encoder");
    }

    UNet unet(const LatentSize& size, int rows, NetworkForm /*form*/) const override {
        Graph graph(unet_, unet_inputs());
        const Port sample = graph.inputs[0], timestep = graph.inputs[1], text = graph.inputs[2];
        // Where the batch is fixed, rows that nobody asked for are computed too.
        const ov::Dimension fixed_batch = text.get_partial_shape()[0];
        const std::int64_t batch = fixed_batch.is_static() ? fixed_batch.get_length() : rows;
        if (batch < rows || batch % rows != 0)
            fail_usage("{}: this UNet takes {} rows of text, but guidance needs 2; draw with --guidance-scale 1",
                       graph.where, batch);
        const ov::PartialShape times =
            timestep.get_partial_shape().is_static() ? timestep.get_partial_shape() : ov::PartialShape{1};
        graph.reshape(
            {{batch, facts_.latent_channels, size.height, size.width}, times, {batch, token_count, text_width_}},
            size_step());

        const auto new_sample =
            parameter(ov::element::f32, {1, facts_.latent_channels, size.height, size.width}, "sample");
        const auto new_timestep = parameter(ov::element::f32, {1, 1}, "timestep");
        const auto new_text = parameter(ov::element::f32, {rows, token_count, text_width_}, "encoder_hidden_states");
        const bool whole_timesteps = timestep.get_element_type().is_integral_number();
        const auto times_shape = times.to_shape();
        const Port of_each_row = repeated(new_timestep, static_cast<std::int64_t>(ov::shape_size(times_shape)));
        Port all_times = make_shared<ov::op::v1::Reshape>(
            of_each_row, integers({times_shape.begin(), times_shape.end()}), /*special_zero=*/false);

        graph.inputs[1].replace(converted(all_times, timestep.get_element_type()));
        graph.inputs[0].replace(converted(repeated(new_sample, batch), sample.get_element_type()));
        graph.inputs[2].replace(converted(repeated(new_text, batch), text.get_element_type()));
        const Port prediction = first_rows(find_output(*graph.model, "out_sample", 4, graph.where), rows);
        return {finished(graph, prediction, {rows, facts_.latent_channels, size.height, size.width},
                         {new_sample, new_timestep, new_text}, "UNet"),
                [whole_timesteps](double t) {
                    return std::vector{static_cast<float>(whole_timesteps ? std::nearbyint(t) : t)};
                }};
    }

    std::shared_ptr<ov::Model> vae_decoder(const LatentSize& size) const override {
        return picture_network(decoder_, decoder_inputs(), latents(size, facts_.latent_channels), "sample",
                               picture(size), "VAE decoder");
    }

    std::shared_ptr<ov::Model> vae_encoder(const LatentSize& size) const override {
        if (!encoder_.model)
            fail("{}: is missing, and without the VAE's encoder no picture can be begun from",
                 encoder_files_.xml.string());
        return picture_network(encoder_, encoder_inputs(), picture(size), "latent_parameters",
                               latents(size, 2 * facts_.latent_channels), "VAE encoder");
    }

    const std::vector<std::shared_ptr<const MappedFile>>& files() const override { return files_; }

  private:
    static std::vector<WantedInput> text_inputs() {
        return {{{"input_ids", "tokens"}, {{-1, token_count}}, Type::integer}};
    }
    static std::vector<WantedInput> unet_inputs() {
        return {{{"sample", "latent_model_input"}, {{-1, -1, -1, -1}}, Type::real},
                {{"timestep", "t"}, {{1}, {}, {2}}, Type::number},
                {{"encoder_hidden_states"}, {{-1, token_count, -1}}, Type::real}};
    }
    std::vector<WantedInput> decoder_inputs() const {
        return {{{"latent_sample", "latents"}, {{1, facts_.latent_channels, -1, -1}}, Type::real}};
    }
    static std::vector<WantedInput> encoder_inputs() {
        return {{{"sample", "init_image"}, {{1, 3, -1, -1}}, Type::real}};
    }

    /// The changed graph as a network of its own, whose output is used as an array of that `shape`.
    static std::shared_ptr<ov::Model> finished(const Graph& graph, const Port& output, const ov::PartialShape& shape,
                                               const ov::ParameterVector& inputs, const std::string& name) {
        auto model = make_shared<ov::Model>(ov::OutputVector{converted(output, ov::element::f32)}, inputs, name);
        if (model->output().get_partial_shape() != shape)
            fail("{}: its output is {}, but {} is needed", graph.where, shown(output), shape.to_string());
        return model;
    }

    /// In pixels.
    int size_step() const { return facts_.scale * facts_.size_step; }

    static ov::PartialShape latents(const LatentSize& size, int channels) {
        return {1, channels, size.height, size.width};
    }
    ov::PartialShape picture(const LatentSize& size) const {
        return {1, 3, facts_.scale * size.height, facts_.scale * size.width};
    }

    std::shared_ptr<ov::Model> picture_network(const IrNetwork& network, const std::vector<WantedInput>& inputs,
                                               const ov::PartialShape& from, const char* output_name,
                                               const ov::PartialShape& to, const char* name) const {
        Graph graph(network, inputs);
        graph.reshape({from}, size_step());
        const auto values = parameter(ov::element::f32, from, "values");
        graph.inputs[0].replace(converted(values, graph.inputs[0].get_element_type()));
        return finished(graph, find_output(*graph.model, output_name, 4, graph.where), to, {values}, name);
    }

    void learn(const IrFolder& folder) {
        facts_.path = folder.path;
        facts_.name = folder.name;
        facts_.scheduler_config = folder.scheduler_config;
        facts_.easel_json = folder.easel_json;
        facts_.token_count = token_count;
        facts_.vocabulary_size = vocabulary_size(*text_encoder_.model);
        learn_sizes(folder);
        learn_scaling(folder);
        learn_text_width();

        std::uint64_t bytes = 0;
        for (const auto& file : files_) bytes += file->bytes().size();
        const std::string size = facts_.fixed_size
                                     ? fmt::format("{}x{} pixels only", facts_.scale * facts_.native_size.width,
                                                   facts_.scale * facts_.native_size.height)
                                     : "any size";
        facts_.description =
            fmt::format("Stable Diffusion 1.x, OpenVINO IR ({}), {}, {:.1f} MB",
                        folder.kind == IrFolder::Kind::optimum ? "optimum-intel's layout" : "the layout of 2022", size,
                        static_cast<double>(bytes) / 1e6);
    }

    void learn_sizes(const IrFolder& folder) {
        const ov::PartialShape sample = find_inputs(*unet_.model, unet_inputs(), unet_.where)[0].get_partial_shape();
        if (sample[1].is_static()) facts_.latent_channels = static_cast<int>(sample[1].get_length());
        if (facts_.latent_channels != 4)
            fail("{}: its UNet takes {} channels, which is not supported; plain models of 4 channels are", unet_.where,
                 facts_.latent_channels);
        if (folder.vae_config) facts_.scale = folder.vae_config->scale();
        if (folder.unet_config) {
            facts_.native_size = {folder.unet_config->sample_size, folder.unet_config->sample_size};
            // A traced UNet doubles on the way up, so each halving on the way down must be even.
            facts_.size_step = 1 << (folder.unet_config->levels() - 1);
        } else {
            facts_.native_size = {64, 64};
        }
        if (sample[2].is_static() && sample[3].is_static()) {
            facts_.native_size = {static_cast<int>(sample[2].get_length()), static_cast<int>(sample[3].get_length())};
            facts_.fixed_size = true;
            facts_.size_step = 1;
        }
        const ov::PartialShape picture = find_output(*decoder_.model, "sample", 4, decoder_.where).get_partial_shape();
        if (facts_.fixed_size && picture[2].is_static())
            facts_.scale = static_cast<int>(picture[2].get_length()) / facts_.native_size.height;
        if (facts_.scale < 1 || facts_.native_size.height < 1 || facts_.native_size.width < 1)
            fail("{}: its pictures of {} do not go with latents of {}", decoder_.where, picture.to_string(),
                 sample.to_string());
    }

    void learn_scaling(const IrFolder& folder) {
        facts_.scaling_factor = folder.vae_config ? folder.vae_config->scaling_factor : usual_scaling_factor;
        facts_.shift_factor = folder.vae_config ? folder.vae_config->shift_factor : 0.0;
        const double factor = leading_factor(find_inputs(*decoder_.model, decoder_inputs(), decoder_.where)[0]);
        if (!(factor > 0.0) || !std::isfinite(factor))
            fail("{}: it multiplies its latents by {}, which makes no sense", decoder_.where, factor);
        facts_.decoder_unscales = factor != 1.0;
        // The factor in the graph may have been rounded to f16.
        if (facts_.decoder_unscales && std::abs(factor * facts_.scaling_factor - 1.0) > 0.01)
            facts_.scaling_factor = 1.0 / factor;
        if (!facts_.decoder_unscales && !folder.vae_config && encoder_.model)
            facts_.decoder_unscales = decodes_better_scaled();
    }

    /// A converter may have merged the factor with the weights after it, where it cannot be seen. Then only a picture
    /// tells, taken through encoder and decoder: with the scaling, or without, it comes back as it was.
    bool decodes_better_scaled() const {
        const LatentSize size = facts_.native_size;
        try {
            const auto encoder = vae_encoder(size);
            const auto decoder = vae_decoder(size);
            const ov::Shape shape = encoder->input().get_shape();
            const std::vector<float> picture = test_picture(shape[2], shape[3]);
            std::vector<float> latents = run_once(encoder, picture);
            latents.resize(latents.size() / 2);
            const double plain = mean_distance(run_once(decoder, latents), picture);
            for (float& value : latents) value *= static_cast<float>(facts_.scaling_factor);
            return mean_distance(run_once(decoder, latents), picture) < plain;
        } catch (const ov::Exception& error) {
            fail("{}: could not be tried out ({})", decoder_.where, reason(error));
        }
    }

    void learn_text_width() {
        const Port text = find_inputs(*unet_.model, unet_inputs(), unet_.where)[2];
        const Port state = find_output(*text_encoder_.model, "last_hidden_state", 3, text_encoder_.where);
        text_width_ = text.get_partial_shape()[2];
        if (!ov::Dimension::merge(text_width_, text_width_, state.get_partial_shape()[2]))
            fail("{}: its input is {}, but the text encoder's output is {}; they do not belong together", unet_.where,
                 shown(text), shown(state));
        if (text_width_.is_dynamic())
            fail("{}: its input {} leaves open how wide the text's embeddings are", unet_.where, shown(text));
    }

    IrFiles encoder_files_;
    IrNetwork text_encoder_, unet_, decoder_, encoder_;
    ov::Dimension text_width_;
    std::vector<std::shared_ptr<const MappedFile>> files_;
};

}  // namespace

std::unique_ptr<const NetworkSource> networks_of(const IrFolder& folder) {
    return std::make_unique<IrNetworks>(folder);
}

std::unique_ptr<const NetworkSource> open_networks(const std::filesystem::path& path) {
    if (const auto folder = IrFolder::find(path)) return networks_of(*folder);
    return networks_of(Checkpoint::open(path));
}

}  // namespace easel
