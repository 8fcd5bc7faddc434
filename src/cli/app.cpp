#include "cli/app.h"

#include <memory>
#include <string>
#include <string_view>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include <easel/easel.h>

#include "cli/commands.h"
#include "cli/help_formatter.h"

namespace easel::cli {
namespace {

constexpr std::string_view app_examples = R"(Examples:
  easel "cat face"                      draw with the model that ships
  easel "a red fox" -m my.safetensors -W 512 -H 768 --steps 25 --seed 7
  easel "in oil" -i photo.jpg --strength 0.6
  easel "a bench" -i photo.jpg --mask mask.png -o bench.png
  easel inspect cat-face.png            show the settings stored in a picture
  easel help generate                   show all flags for drawing
The word after easel is a prompt unless it is "help" or one of the sub-commands
above: `easel generate -p inspect` draws that word.)";

}  // namespace

void make_command_line(CLI::App& app, std::stop_token stop) {
    app.name("easel");
    app.description("Draw pictures from words, with Stable Diffusion on the OpenVINO runtime");
    app.set_version_flag("--version", fmt::format("easel {}", version()), "Print the version");
    app.set_help_flag("-h,--help", "Print this help");
    app.require_subcommand(1);
    app.formatter(std::make_shared<HelpFormatter>());
    add_generate(app, stop);
    add_run(app, stop);
    add_serve(app, stop);
    add_mask(app, stop);
    add_annotate(app);
    add_upscale(app, stop);
    add_explain(app, stop);
    add_pull(app, stop);
    add_models(app);
    add_tokenize(app, stop);
    add_inspect(app);
    add_devices(app);
    add_convert(app, stop);
    add_bench(app, stop);
    add_train(app);
    app.footer(std::string(app_examples));  // last: sub-commands would take it over
}

}  // namespace easel::cli
