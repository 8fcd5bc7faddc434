#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <easel/error.h>
#include <easel/picture.h>
#include <easel/version.h>

// What libeasel.so shows to programs.
#pragma GCC visibility push(default)

/// Stable Diffusion 1.x on the OpenVINO runtime. An Engine is opened once and draws any number of pictures:
///
///     easel::Engine engine({.model = "models/emoji"});
///     easel::Result drawn = engine.generate({.prompt = "cat face", .seed = 42});
///
/// The library prints nothing and throws only easel::Error.
namespace easel {

/// The source of the starting noise: the sequence of `torch.randn` with a CPU generator, or of `numpy.random.randn`.
/// Other random numbers (of stochastic samplers and of the VAE's encoder) are torch's in both cases.
enum class Rng { torch, numpy };

/// How much of a picture's exactness is given up for speed; see Request::preset.
enum class Preset { exact, balanced, fast };

/// What the repainted area holds before noise is added to it; AUTOMATIC1111's "Masked content". Of no effect at a
/// strength of 1, which begins with noise alone.
enum class MaskedContent {
    /// The init picture.
    original,
    /// The colours around it, blurred in.
    fill,
    /// In place of latents the starting noise.
    latent_noise,
    /// In place of latents zeros.
    latent_nothing
};

/// How a prompt is read.
enum class PromptSyntax {
    /// As AUTOMATIC1111's web UI does: (a:1.2) and [a] weigh words, [a:b:0.5] and [a|b] change them from step to step,
    /// BREAK and AND divide them, \( is a bracket, and what is longer than 75 tokens is encoded in several chunks.
    webui,
    /// As text: every character is a part of it, and tokens beyond the 75th are cut off.
    plain
};

/// What the weights of words do to the text encoder's output, in the web UI's reading.
enum class Emphasis {
    /// Multiply it, and restore the mean of each chunk.
    original,
    /// Multiply it.
    no_norm,
    /// Nothing.
    ignore
};

/// What happens when the prompt and the negative prompt have different numbers of chunks.
enum class NegativePadding {
    /// Each is seen by the UNet as long as it is.
    none,
    /// The shorter one is lengthened by chunks of the empty prompt.
    empty_chunks
};

/// When a change such as [a:b:3] shows.
enum class StepRule {
    /// One prediction late, as in the web UI: predictions 0 to 3 see a.
    webui,
    /// After the third prediction.
    plain
};

/// How much ControlNets have to say beside the prompt; the control modes of the web UI's extension.
enum class ControlMode {
    /// As much as the prompt.
    balanced,
    /// Less: what they add to the UNet's outer layers is weakened, 0.825^12 to 1.
    prompt,
    /// More: weakened likewise, but added for the prompt alone and not for the negative prompt.
    control
};

/// What the number of steps of a second pass means.
enum class HiresStepCount {
    /// All of them are taken, from the noise that the strength asks for.
    webui,
    /// As in image to image: of a schedule of that many the last ones are taken, as many as the strength asks for.
    diffusers
};

/// What to open, and how to run it.
struct EngineOptions {
    /// A diffusers folder, an original single file (.safetensors), or a folder of OpenVINO IR.
    std::filesystem::path model;
    /// A device that OpenVINO names: "CPU", "GPU", "GPU.1", ... (see devices()).
    std::string device = "CPU";
    /// "f32", "bf16", "f16", or "auto" for what is fastest on the device.
    std::string precision = "auto";
    /// The same for the VAE only; "auto" for the precision of the other networks. Some VAEs overflow in f16.
    std::string vae_precision = "auto";
    /// Processor threads; 0 for as many as the process may use.
    int threads = 0;
    /// A folder with another tokenizer vocabulary; if empty, the model's own, else the standard one.
    std::filesystem::path tokenizer;
    /// Instead of the model's own VAE another: a folder with its config.json, or a file that holds it alone.
    std::filesystem::path vae;
    /// A tiny autoencoder (TAESD) in place of the VAE: quick, and a little less exact. Its decoder's file, beside which
    /// the encoder's is found, or diffusers' AutoencoderTiny.
    std::filesystem::path taesd;
    /// A tiny autoencoder as for `taesd` that decodes previews alone (Preview::picture), and changes nothing else.
    std::filesystem::path preview_taesd;
    /// A second model that draws the last steps, from Request::refiner_at on: the refiner of Stable Diffusion XL, or
    /// any model whose latents are those of `model`. Empty: none.
    std::filesystem::path refiner;
    /// A folder of text files with one choice a line, for __name__ in prompts; see docs/prompts.md.
    std::filesystem::path wildcard_dir;
    /// The most memory in bytes that the process may take, as far as can be estimated; 0 for no limit. With a limit,
    /// networks that do not fit together are dropped and compiled again when they are needed, and a request is refused
    /// if one of its networks alone does not fit.
    std::uint64_t max_memory = 0;
    /// Computes networks exactly as described, without the changes that save time and alter numbers by rounding only.
    /// For comparisons.
    bool plain_networks = false;
};

/// A file of changes to a model's weights (LoRA, LyCORIS, DoRA), and how much of them is added.
struct Lora {
    /// A .safetensors file.
    std::filesystem::path file;
    /// Of the UNet's changes; 1 is all of them, a negative number the opposite, 0 none.
    double weight = 1.0;
    /// The same of the text encoder's; empty: `weight`.
    std::optional<double> text_encoder_weight;
    /// Whether all of it is equal.
    bool operator==(const Lora&) const = default;
};

/// A file of learned words (textual inversion).
struct Embedding {
    /// A .safetensors file, or a pickle of torch's (.pt, .bin), of which nothing is executed.
    std::filesystem::path file;
    /// What stands for it in prompts; empty: the name of the file without its extension, or, where prompts are plain
    /// text, the token that the file names.
    std::string token;
    /// Whether both are equal.
    bool operator==(const Embedding&) const = default;
};

/// A ControlNet, and the picture that it follows: edges, a depth map, a pose, ...
struct Control {
    /// A diffusers folder or a .safetensors file.
    std::filesystem::path model;
    /// The picture's file; "inpaint" makes it of init_image and mask. Not read if `picture` is there.
    std::filesystem::path file;
    /// The picture, resized to the size that is drawn.
    std::optional<Picture> picture = {};
    /// What the network's results are multiplied by, 0 to 100.
    double scale = 1.0;
    /// The part of the steps in which it is used, 0 to 1.
    double start = 0.0;
    /// See start.
    double end = 1.0;
    /// Whether all of it is equal.
    bool operator==(const Control&) const = default;
};

/// A picture that prompts as words do (IP-Adapter, Ye et al. 2023, https://arxiv.org/abs/2308.06721).
struct IpAdapter {
    /// A .safetensors file of the base form, which gives the picture a few tokens beside those of the prompt.
    std::filesystem::path file;
    /// A .safetensors file of one tensor: what CLIP's image encoder has made of the picture, [1, n] or [n].
    std::filesystem::path image_embeds;
    /// How much the picture counts, -10 to 10.
    double scale = 1.0;
    /// Whether all of it is equal.
    bool operator==(const IpAdapter&) const = default;
};

/// FreeU (Si et al. 2023, https://arxiv.org/abs/2309.11497), 0 to 10 each: in the UNet's first two up blocks half the
/// backbone's channels are multiplied by b1 and b2, and the low frequencies of the skip connections by s1 and s2.
struct FreeU {
    /// Of the first up block's backbone.
    double b1 = 1.0;
    /// Of the second one's.
    double b2 = 1.0;
    /// Of the first up block's skip connections.
    double s1 = 1.0;
    /// Of the second one's.
    double s2 = 1.0;
    /// Whether all are equal.
    bool operator==(const FreeU&) const = default;
};

/// What to draw. An empty field takes the model's own default, else easel's.
struct Request {
    /// What to draw. Unless `prompt_syntax` is plain, {red|blue} and __name__ (of EngineOptions::wildcard_dir) are
    /// choices, which the seed makes.
    std::string prompt;
    /// What guidance leads away from; of no effect without guidance.
    std::string negative_prompt;
    /// The same for the second text encoder of Stable Diffusion XL; empty: `prompt` and `negative_prompt`.
    std::string prompt_2;
    /// See prompt_2.
    std::string negative_prompt_2;
    /// What an empty negative prompt means in Stable Diffusion XL: "zeros", as if there were no text, or "encoded";
    /// empty: what the model was made for.
    std::optional<std::string> empty_negative;
    /// How both are read. Empty: as PromptSyntax::webui, but where both readings give the same tokens, the picture is
    /// that of PromptSyntax::plain, which applies `clip_skip` to the prompt alone.
    std::optional<PromptSyntax> prompt_syntax;
    /// See Emphasis.
    Emphasis emphasis = Emphasis::original;
    /// See NegativePadding.
    NegativePadding negative_padding = NegativePadding::none;
    /// See StepRule.
    StepRule step_rule = StepRule::webui;

    /// Size in pixels, each a multiple of the pixels per latent (8 in SD 1.x), at most 4096. Empty: the model's native
    /// size, or for image to image the picture's own.
    std::optional<int> width;
    /// See width.
    std::optional<int> height;
    /// 1 to 1000.
    std::optional<int> num_inference_steps;
    /// noise = uncond + guidance_scale (cond - uncond); 1 or less leaves the unconditional half out. The UNet of a
    /// latent consistency model takes it itself and needs no unconditional half.
    std::optional<double> guidance_scale;
    /// Of an InstructPix2Pix model: how closely to follow the init picture, which it changes as the prompt says; below
    /// 1 there is no guidance at all. Empty: 1.5.
    std::optional<double> image_guidance_scale;
    /// Only the low 32 bits count, as for torch's generator; empty: a random one, reported in Result::seed.
    std::optional<std::uint64_t> seed;
    /// Where the noise comes from.
    Rng rng = Rng::torch;

    /// A name of sampler_names().
    std::optional<std::string> sampler;
    /// "discrete", "karras", "exponential" or "beta". Lu's sigmas can only come from a scheduler_config.
    std::optional<std::string> schedule;
    /// A diffusers scheduler_config.json to use instead of the model's own. `sampler` and the fields below override
    /// it.
    std::filesystem::path scheduler_config;
    /// The variance of the noise at the first training step.
    std::optional<double> beta_start;
    /// The same at the last training step.
    std::optional<double> beta_end;
    /// "linear", "scaled_linear" or "squaredcos_cap_v2".
    std::optional<std::string> beta_schedule;
    /// What the UNet was trained to predict: "epsilon", "v_prediction" or "sample".
    std::optional<std::string> prediction_type;
    /// Of the samplers lcm and tcd: the steps of the distillation, of which they take some; empty: what the
    /// scheduler_config says, else 50.
    std::optional<int> original_inference_steps;
    /// The part of the steps that guidance acts in, 0 to 1 (Kynkaanniemi et al. 2024); outside of it `guidance_scale`
    /// counts as 1, and a step takes half as long.
    double guidance_start = 0.0;
    /// See guidance_start.
    double guidance_end = 1.0;
    /// How much of the guided prediction is brought to the spread of the prompt's own, 0 to 1 (Lin et al. 2023, section
    /// 3.4): against pictures that guidance makes too bright.
    double guidance_rescale = 0.0;
    /// Saves predictions that are expected to be close to the last one, which is then used again: the change, in parts
    /// of its size, that may add up before the next one is computed, 0 to 3. 0: all are computed. 0.05 leaves out up to
    /// half of 20 steps. The picture differs from the exact one. Empty: what `preset` says.
    std::optional<double> step_cache;
    /// A `step_cache` by name, for where none is set: exact 0, balanced 0.1, fast 0.3.
    Preset preset = Preset::exact;
    /// Of the sampler ddim: 0 is deterministic, 1 adds as much noise as DDPM. Of tcd: 0 to 1 too, what its paper calls
    /// gamma. Empty: 0 with ddim, 0.3 with tcd, unless the model or a LoRA was published with another.
    std::optional<double> eta;

    /// What Stable Diffusion XL is told of sizes: "1024x768" (width and height) of the picture before it was cut, where
    /// it was cut ("X,Y"), and of the picture to draw. Empty: the size of the picture, "0,0", the size of the picture.
    std::optional<std::string> original_size;
    /// See original_size.
    std::optional<std::string> crop;
    /// See original_size.
    std::optional<std::string> target_size;
    /// The same for the unconditional half; empty: as the other. In text to image they count only if both sizes are
    /// given; in image to image the crop does not.
    std::optional<std::string> negative_original_size;
    /// See negative_original_size.
    std::optional<std::string> negative_crop;
    /// See negative_original_size.
    std::optional<std::string> negative_target_size;
    /// What Stable Diffusion XL's refiner is told of how beautiful the picture is, where others are told `target_size`;
    /// of the unconditional half `negative_crop` counts there too. Empty: 6.
    std::optional<double> aesthetic_score;
    /// The same for the unconditional half; empty: 2.5.
    std::optional<double> negative_aesthetic_score;

    /// Where drawing ends, above 0 and below 1: of 1000 timesteps 0.8 leaves the last 200 out, and the noise that
    /// belongs to them remains in the latents, which are decoded as they are. Empty: no noise remains.
    std::optional<double> denoising_end;
    /// From where on EngineOptions::refiner draws, counted as denoising_end is; 1 leaves it out. Empty: 0.8.
    std::optional<double> refiner_at;

    /// The text encoder's layer to use, counted from the last: 1 is the last one.
    int clip_skip = 1;

    /// Merged into the model's weights in this order. Networks are compiled anew when what changes them changes.
    std::vector<Lora> loras;

    /// Words that prompts may use.
    std::vector<Embedding> embeddings;

    /// Their results are added up.
    std::vector<Control> controls;
    /// See ControlMode.
    ControlMode control_mode = ControlMode::balanced;
    /// The ControlNets act on the prompt alone, and on the UNet's outer layers a tenth as much as on the middle; as in
    /// diffusers. Without a prompt they then decide what is drawn.
    bool guess_mode = false;

    /// Pictures that prompt beside the words; their results are added up.
    std::vector<IpAdapter> ip_adapters;

    /// See FreeU.
    std::optional<FreeU> freeu;

    /// Text to image in two passes (AUTOMATIC1111's "Hires. fix"): the size of the second one, "1024x768", or how many
    /// times larger it is, "2" or "1.5", rounded down to what the model draws. Empty: one pass.
    std::string hires;
    /// What enlarges what the first pass draws: latent_bilinear, latent_bicubic, latent_nearest_exact, ...; lanczos;
    /// or the file of a network. Empty: latent_bilinear.
    std::string hires_upscaler;
    /// Of the second pass; empty: num_inference_steps.
    std::optional<int> hires_steps;
    /// How much the second pass changes, 0 to 1; empty: 0.7.
    std::optional<double> hires_strength;
    /// See HiresStepCount.
    HiresStepCount hires_step_count = HiresStepCount::webui;

    /// Image to image: the picture to start from.
    std::optional<Picture> init_image;
    /// How much to change init_image, 0 (not at all) to 1 (start from pure noise); empty: 0.75.
    std::optional<double> strength;

    /// Masked image to image: white is repainted. Resized with init_image.
    std::optional<Mask> mask;
    /// Radius in pixels (standard deviation of the Gaussian) by which the edge of the mask is softened for the paste.
    double mask_blur = 0.0;
    /// What the white of the mask holds when drawing begins.
    MaskedContent masked_content = MaskedContent::original;
    /// Paste the result over the input under the mask, so that black areas keep the input's exact pixels.
    bool composite = true;
};

/// The parts of the work, in their order. `enlarge` is a network's, between two passes.
enum class Stage { load, compile, text, encode, denoise, decode, enlarge };

/// "load", "compile", ...
std::string_view name(Stage stage);

/// Latents, [1, channels, height, width] in row-major order, before the division by the VAE's scaling factor.
struct Latents {
    /// 4 in SD 1.x.
    int channels = 0;
    /// The picture's height divided by the pixels per latent, which are 8 in SD 1.x.
    int height = 0;
    /// The same of its width.
    int width = 0;
    /// channels * height * width values.
    std::vector<float> values;
};

/// What the network expects the picture to become, at one step.
struct Preview {
    /// The clean latents that it predicts (x_0).
    Latents latents;
    /// Their approximate colours, one pixel for each latent; 0 x 0 if the colours of the model's latent space are not
    /// known. With EngineOptions::preview_taesd what that decodes them to, of the size that is drawn.
    Picture picture;
};

/// The progress of the work. Sent when a stage begins (step 0), after each step of Stage::denoise, and when a stage is
/// done (step == steps). Stage::text and Stage::encode are omitted if their input is that of the last picture, and
/// Stage::compile if nothing has to be compiled.
struct Progress {
    /// What is being done.
    Stage stage = Stage::load;
    /// Steps of the stage that are done.
    int step = 0;
    /// All steps of the stage; 1 if its steps are not counted.
    int steps = 1;
    /// Since the stage began.
    double seconds = 0.0;
    /// After the steps that Callbacks::preview_every names, else null. Valid during the call.
    const Preview* preview = nullptr;
};

/// Functions that easel calls while it works, on the caller's thread. Either may be empty.
struct Callbacks {
    /// The progress of the work.
    std::function<void(const Progress&)> progress;
    /// Something the person should know that is not an error: words cut from the prompt, a setting without effect, ...
    std::function<void(const std::string&)> note;
    /// Progress::preview is there after every step whose number is a multiple of this; 0: never. A preview costs far
    /// less than a step and changes nothing in the picture.
    int preview_every = 0;
    /// Once this is requested, drawing ends after the next prediction of the UNet, and the clean picture that it
    /// predicts is decoded and returned. The stop token of generate(), by contrast, makes it throw.
    std::stop_token finish = {};
};

/// A drawn picture and the settings it was made with.
struct Result {
    /// The picture.
    Picture picture;
    /// The seed that was used: a random one unless the request had one.
    std::uint64_t seed = 0;
    /// The settings in the form that other programs read ("prompt\nNegative prompt: ...\nSteps: 20, Sampler: ...").
    std::string parameters;
    /// The latents that the picture was decoded from.
    Latents latents;
    /// Predictions of the UNet that were asked for, of all passes.
    int steps = 0;
    /// Predictions that were made: fewer after Callbacks::finish.
    int steps_run = 0;
};

/// An open model, and its defaults for requests.
struct ModelInfo {
    /// The name of its folder or file.
    std::string name;
    /// "Stable Diffusion 1.x"
    std::string family;
    /// "diffusers folder", "single file", "OpenVINO IR (...)"
    std::string layout;
    /// The name of the VAE, if it is not the model's own.
    std::string vae;
    /// The stored size of all networks' weights together.
    std::uint64_t weight_bytes = 0;
    /// The size in pixels that it was trained on, or that it prefers.
    int native_width = 0;
    /// See native_width.
    int native_height = 0;
    /// Whether it can draw only that size.
    bool fixed_size = false;
    /// "epsilon", "v_prediction" or "sample".
    std::string prediction_type;
    /// A name of sampler_names().
    std::string sampler;
    /// The default of Request::num_inference_steps.
    int num_inference_steps = 0;
    /// The default of Request::guidance_scale.
    double guidance_scale = 0.0;
    /// The precision it is computed in: "f32", "bf16" or "f16".
    std::string precision;
    /// Sentences about what was found in its files and not used.
    std::vector<std::string> notes;
};

/// A loaded model. Must not be used by two threads at the same time.
class Engine {
  public:
    /// Opens the model; throws Error if it is missing, broken, or of a kind that easel cannot run, and Cancelled if
    /// `stop` is requested.
    explicit Engine(const EngineOptions& options, const Callbacks& callbacks = {}, std::stop_token stop = {});
    /// Waits for a network that is still being compiled because generate() was stopped: some seconds for a large model.
    ~Engine();
    /// A moved-from engine can only be destroyed or assigned to.
    Engine(Engine&&) noexcept;
    /// As the move constructor.
    Engine& operator=(Engine&&) noexcept;

    /// Draws one picture. Throws Error if the request makes no sense, before anything is computed, and Cancelled
    /// within a second once `stop` is requested, also while networks are compiled. Networks compiled for a size are
    /// kept until another size is requested, and so are the encoded prompts and init picture.
    Result generate(const Request& request, const Callbacks& callbacks = {}, std::stop_token stop = {});

    /// The settings text that generate() would return (Result::parameters), without drawing. Without a seed it contains
    /// a random one.
    std::string parameters(const Request& request) const;

    /// Facts about the model. Throws Error when its own settings cannot be drawn with.
    ModelInfo info() const;

    /// The precision that the networks really run in: "f32", "bf16" or "f16".
    std::string precision() const;

  private:
    class [[gnu::visibility("hidden")]] Implementation;
    std::unique_ptr<Implementation> implementation_;
};

/// The samplers by name: "ddim", "pndm", ...
std::vector<std::string> sampler_names();

/// A device that OpenVINO found.
struct Device {
    /// The value for EngineOptions::device.
    std::string name;
    /// The manufacturer's name for it.
    std::string full_name;
    /// The precisions it computes in, fastest first.
    std::vector<std::string> precisions;
};

/// The devices that this machine can run on.
std::vector<Device> devices();

/// The folder of a model that ships with easel; none if it is not installed. It is in `models` below $EASEL_HOME, else
/// below share/easel of the prefix where the library (or the program that easel is linked into) is installed, even if
/// the prefix was moved.
std::optional<std::filesystem::path> find_shipped_model(std::string_view name = "emoji");

/// The version of the library that runs, "0.1.0"; easel/version.h has that of the headers.
std::string_view version();

}  // namespace easel

#pragma GCC visibility pop
