#include "train_cli/drawing.h"

#include <sstream>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <toml++/toml.h>

#include <easel/easel.h>

#include "base/error.h"
#include "base/files.h"
#include "base/output_file.h"
#include "base/process.h"

namespace easel::train_cli {
namespace fs = std::filesystem;
namespace {

/// As `easel run` takes a text that begins like the name of a file.
std::string as_prompt(const std::string& text) {
    if (text.starts_with('@')) return "@" + text;
    return text == "-" ? " -" : text;
}

std::string job_text(const DrawingSettings& settings, const std::vector<std::string>& prompts, const fs::path& folder) {
    toml::table defaults{{"model", settings.model}};
    if (!settings.lora.empty()) defaults.insert("lora", settings.lora);
    if (!settings.embedding.empty()) defaults.insert("embedding", settings.embedding);
    if (settings.width) defaults.insert("width", *settings.width);
    if (settings.height) defaults.insert("height", *settings.height);
    if (settings.steps) defaults.insert("steps", *settings.steps);
    if (settings.guidance_scale) defaults.insert("guidance-scale", *settings.guidance_scale);
    toml::array pictures;
    for (std::size_t i = 0; i < prompts.size(); ++i)
        pictures.push_back(toml::table{{"prompt", as_prompt(prompts[i])},
                                       {"seed", static_cast<std::int64_t>(settings.seed + i)},
                                       {"output", drawn_file(folder, i).string()}});
    std::ostringstream text;
    text << toml::table{{"defaults", std::move(defaults)}, {"picture", std::move(pictures)}} << '\n';
    return text.str();
}

}  // namespace

void add_drawing_flags(CLI::App& command, DrawingSettings& settings) {
    command.add_option("-W,--width", settings.width, "of what is drawn, in pixels");
    command.add_option("-H,--height", settings.height, "of what is drawn, in pixels");
    command.add_option("--steps", settings.steps, "of the sampler");
    command.add_option("--guidance-scale", settings.guidance_scale, "how strongly the prompt is followed");
    command.add_option("--seed", settings.seed, "of the first picture; the next has the next")->capture_default_str();
}

fs::path drawn_file(const fs::path& folder, std::size_t index) { return folder / fmt::format("{}.png", index + 1); }

void draw(const DrawingSettings& settings, const std::vector<std::string>& prompts, const fs::path& folder,
          std::stop_token stop) {
    const fs::path program = executable_path().parent_path() / "easel";
    if (!path_exists(program))
        fail(ErrorKind::not_found, "{}: is not there; easel-train needs easel beside it to draw", program.string());
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) fail_with_system_error(folder, "cannot be created", error.value());
    const fs::path job = folder / "job.toml", sheet = folder / "sheet.png";
    write_text_file(job, job_text(settings, prompts, folder));
    const int code = run_program(program, {"run", job.string(), "--overwrite", "--sheet", sheet.string()}, stop);
    if (stop.stop_requested()) throw Cancelled();
    if (code != 0) fail("{}: easel could not draw this job (exit code {})", job.string(), code);
}

}  // namespace easel::train_cli
