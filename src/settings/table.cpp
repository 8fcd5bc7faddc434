#include "settings/table.h"

#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.h"
#include "diffusion/sampler_kind.h"

namespace easel {
namespace {

std::vector<Setting<Request>> rows() {
    return {
        {{.field = "prompt",
          .flags = "-p,--prompt",
          .kind = Text{"the prompt"},
          .help =
              "What to draw. @FILE reads it from a file, - from standard input; @@ stands for an @ at the beginning"},
         &Request::prompt},
        {{.field = "negative_prompt",
          .flags = "-n,--negative-prompt",
          .kind = Text{"the negative prompt"},
          .help = "What to avoid; needs a guidance scale above 1. @FILE and - work as in --prompt"},
         &Request::negative_prompt},
        {{.field = "prompt_syntax",
          .flags = "--prompt-syntax",
          .stored_key = "Prompt syntax",
          .kind = one_of_names<PromptSyntax>(),
          .help = "webui reads (a:1.2), [a:b:0.5], [a|b], BREAK and AND as AUTOMATIC1111's web UI does; plain reads "
                  "text (default: webui)"},
         &Request::prompt_syntax},
        {{.field = "emphasis",
          .flags = "--emphasis",
          .stored_key = "Emphasis",
          .kind = one_of_names<Emphasis>(),
          .help = "What weights of words do: original, no_norm (the mean is not restored) or ignore"},
         &Request::emphasis},
        {{.field = "negative_padding",
          .flags = "--negative-padding",
          .kind = one_of_names<NegativePadding>(),
          .help = "Where one prompt is longer than the other: none, or empty_chunks lengthen the shorter one"},
         &Request::negative_padding},
        {{.field = "step_rule",
          .flags = "--step-rule",
          .stored_key = "Step rule",
          .kind = one_of_names<StepRule>(),
          .help = "When [a:b:3] changes: webui, a prediction late as there, or plain, after step 3"},
         &Request::step_rule},
        {{.field = "width",
          .flags = "-W,--width",
          .model_key = "width",
          .kind = WholeNumber{1, largest_side},
          .help = fmt::format("Pixels, a multiple of 8, at most {} (default: the model's native size)", largest_side)},
         &Request::width},
        {{.field = "height",
          .flags = "-H,--height",
          .model_key = "height",
          .kind = WholeNumber{1, largest_side},
          .help = "As --width"},
         &Request::height},
        {{.field = "seed",
          .flags = "--seed",
          .stored_key = "Seed",
          .kind = SeedNumber{},
          .help = "0 to 2^64 - 1, of which the low 32 bits count, as in torch; -1 for a random one"},
         &Request::seed},
        {{.field = "rng",
          .flags = "--rng",
          .kind = one_of_names<Rng>(),
          .help = "The generator of the starting noise: torch or numpy"},
         &Request::rng},
        {{.field = "num_inference_steps",
          .flags = "--num-inference-steps,--steps",
          .stored_key = "Steps",
          .model_key = "steps",
          .kind = WholeNumber{1, most_inference_steps},
          .help = fmt::format("Denoising steps, 1 to {} (default: the model's own, else 32, or 20 for a single file)",
                              most_inference_steps)},
         &Request::num_inference_steps},
        {{.field = "guidance_scale",
          .flags = "--guidance-scale,--cfg-scale",
          .stored_key = "CFG scale",
          .model_key = "guidance",
          .kind = RealNumber{0.0, 100.0},
          .help = fmt::format(
              "How closely to follow the prompt; 1 or less switches guidance off (default: the model's own, else {})",
              usual_guidance_scale)},
         &Request::guidance_scale},
        {{.field = "sampler",
          .flags = "--sampler",
          .model_key = "sampler",
          .kind = OneOf{sampler_names(), [](std::string_view name) { return sampler_by_any_name(name).has_value(); }},
          .help = fmt::format("One of {}", fmt::join(sampler_names(), ", "))},
         &Request::sampler},
        {{.field = "schedule",
          .flags = "--schedule",
          .model_key = "schedule",
          .kind = OneOf{{"discrete", "karras"}},
          .help = "How the steps are spaced: karras (Karras et al. 2022) or discrete"},
         &Request::schedule},
        {{.field = "guidance_rescale",
          .flags = "--guidance-rescale",
          .stored_key = "Guidance rescale",
          .kind = RealNumber{0.0, 1.0},
          .help = "How much of the guided prediction gets the prompt's own contrast back, against glaring pictures"},
         &Request::guidance_rescale},
        {{.field = "original_inference_steps",
          .flags = "--original-steps",
          .stored_key = "Original steps",
          .kind = WholeNumber{1, most_inference_steps},
          .help = "For lcm: the steps of the distillation, of which it takes some (default: the model's own, else 50)"},
         &Request::original_inference_steps},
        {{.field = "eta",
          .flags = "--eta",
          .stored_key = "Eta",
          .kind = RealNumber{0.0, 1.0},
          .help = "For ddim: 0 adds no noise between steps, 1 as much as ddpm"},
         &Request::eta},
        {{.field = "scheduler_config",
          .flags = "--scheduler-config",
          .kind = FilePath{},
          .help = "A diffusers scheduler_config.json to use instead of the model's own"},
         &Request::scheduler_config},
        {{.field = "beta_start",
          .flags = "--beta-start",
          .stored_key = "Beta start",
          .kind = RealNumber{0.0, 1.0},
          .help = "Noise added by the first training step"},
         &Request::beta_start},
        {{.field = "beta_end",
          .flags = "--beta-end",
          .stored_key = "Beta end",
          .kind = RealNumber{0.0, 1.0},
          .help = "Noise added by the last training step"},
         &Request::beta_end},
        {{.field = "beta_schedule",
          .flags = "--beta-schedule",
          .stored_key = "Beta schedule",
          .kind = OneOf{{"linear", "scaled_linear", "squaredcos_cap_v2"}},
          .help = "linear, scaled_linear or squaredcos_cap_v2"},
         &Request::beta_schedule},
        {{.field = "prediction_type",
          .flags = "--prediction-type,--prediction",
          .kind = OneOf{{"epsilon", "v_prediction", "sample"}},
          .help = "What the UNet predicts: epsilon, v_prediction or sample (default: what the model's files say)"},
         &Request::prediction_type},
        {{.field = "clip_skip",
          .flags = "--clip-skip",
          .stored_key = "Clip skip",
          .kind = WholeNumber{1, 100},
          .help = "The text encoder's layer to use, counted from the last, which is 1"},
         &Request::clip_skip},
        {{.field = "loras",
          .flags = "--lora",
          .stored_key = "LoRAs",
          .kind = FileList{.allowed = "give FILE, FILE:WEIGHT or FILE:WEIGHT:TEXT_WEIGHT, the weights numbers from "
                                      "-100 to 100",
                           .is_sound = is_lora_list},
          .help = "Merge a LoRA into the model: FILE[:WEIGHT[:TEXT_WEIGHT]], in --lora-dir too; may be given again"},
         &Request::loras},
        {{.field = "embeddings",
          .flags = "--embedding",
          .kind = FileList{.allowed = "give FILE or FILE:TOKEN", .is_sound = is_embedding_list},
          .help = "Learned words (textual inversion): FILE[:TOKEN], in --embedding-dir too; may be given again"},
         &Request::embeddings},
        {{.field = "strength",
          .flags = "--strength",
          .stored_key = "Denoising strength",
          .kind = RealNumber{0.0, 1.0},
          .help =
              fmt::format("How much to change the init image: 0 not at all, 1 entirely (default: {})", usual_strength)},
         &Request::strength},
        {{.field = "mask_blur",
          .flags = "--mask-blur",
          .stored_key = "Mask blur",
          .kind = RealNumber{0.0, 1000.0},
          .help = "Softens the mask's edge in the paste, in pixels"},
         &Request::mask_blur},
        {{.field = "masked_content",
          .flags = "--masked-content",
          .stored_key = "Masked content",
          .kind = one_of_names<MaskedContent>(),
          .help = "What the mask's white begins with: original, fill (the colours around it), latent noise or "
                  "latent nothing"},
         &Request::masked_content},
        {{.field = "composite",
          .flags = "--no-composite",
          .kind = Truth{},
          .help = "Keep the decoded picture as it is, without pasting it into the init image"},
         &Request::composite},
    };
}

std::vector<Setting<EngineOptions>> engine_rows() {
    return {
        {{.field = "tokenizer",
          .flags = "--tokenizer",
          .kind = FilePath{},
          .help = "A folder with another tokenizer vocabulary, or openai/clip-vit-large-patch14 for the built-in one"},
         &EngineOptions::tokenizer},
        {{.field = "device",
          .flags = "--device",
          .kind = Text{"the device"},
          .help = "The device to run on; `easel devices` lists them"},
         &EngineOptions::device},
        {{.field = "threads",
          .flags = "--threads",
          .kind = WholeNumber{0, 4096},
          .help = "Processor threads; 0 uses all that are available"},
         &EngineOptions::threads},
        {{.field = "precision",
          .flags = "--precision",
          .kind = OneOf{{"auto", "f32", "bf16", "f16"}},
          .help = "auto (the fastest), f32, bf16 or f16"},
         &EngineOptions::precision},
        {{.field = "vae_precision",
          .flags = "--vae-precision",
          .kind = OneOf{{"auto", "f32", "bf16", "f16"}},
          .help = "The same for the VAE only; auto: as the other networks"},
         &EngineOptions::vae_precision},
        {{.field = "vae",
          .flags = "--vae",
          .kind = FilePath{},
          .help = "Another VAE instead of the model's own: a folder with its config.json, or a .safetensors file"},
         &EngineOptions::vae},
        {{.field = "taesd",
          .flags = "--taesd",
          .kind = FilePath{},
          .help = "A tiny autoencoder in place of the VAE, for a hundredth of its work: taesd_decoder.safetensors (the "
                  "encoder lies beside it), or a folder of diffusers' AutoencoderTiny"},
         &EngineOptions::taesd},
        {{.field = "max_memory",
          .flags = "--max-memory",
          .kind = ByteCount{},
          .help = "The most memory that networks may take, such as 4GB or 512MB; those that do not fit together are "
                  "compiled again when needed. 0: no limit"},
         &EngineOptions::max_memory},
    };
}

template <typename Table>
const typename Table::value_type& row(const Table& table, std::string_view field) {
    if (const auto* found = find_field(table, field)) return *found;
    fail("there is no setting {}", field);
}

}  // namespace

std::span<const Setting<Request>> settings_table() {
    static const std::vector<Setting<Request>> table = rows();
    return table;
}

std::span<const Setting<EngineOptions>> engine_settings_table() {
    static const std::vector<Setting<EngineOptions>> table = engine_rows();
    return table;
}

const Setting<Request>& setting(std::string_view field) { return row(settings_table(), field); }

const Setting<EngineOptions>& engine_setting(std::string_view field) { return row(engine_settings_table(), field); }

}  // namespace easel
