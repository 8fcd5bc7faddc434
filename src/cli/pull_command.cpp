#include <memory>
#include <string>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/download_progress.h"
#include "hub/pull.h"

namespace easel::cli {
namespace {

constexpr std::string_view pull_examples = R"(Examples:
  easel pull owner/name                       the files that easel needs
  easel pull owner/name@fp16                  another branch, tag or commit
  easel pull owner/name --variant fp16        smaller weights, if there are two
  easel pull owner/name --include 'a.safetensors'
Environment: HF_HOME, HF_HUB_CACHE, HF_TOKEN, HF_ENDPOINT and https_proxy as in
the Python library; EASEL_OFFLINE=1 downloads nothing.)";

struct PullOptions {
    std::string model;
    hub::Wanted wanted;
    bool quiet = false, json = false;
};

void pull(const PullOptions& options, std::stop_token stop) {
    const auto name = hub::parse_model_name(options.model);
    if (!name) fail_usage("pull: a model's name is owner/name or owner/name@revision");
    const Reporting reporting = options.quiet ? Reporting::quiet : options.json ? Reporting::json : Reporting::human;
    const hub::PulledModel pulled =
        hub::pull(*name, options.wanted, hub::options_from_environment(), report_downloads(reporting), std::move(stop));
    if (reporting == Reporting::json)
        print_json({{"event", "model"},
                    {"path", pulled.path.string()},
                    {"commit", pulled.commit},
                    {"downloaded_bytes", pulled.downloaded}});
    else
        print_out("{}\n", pulled.path.string());
}

}  // namespace

void add_pull(CLI::App& app, std::stop_token stop) {
    CLI::App* command = app.add_subcommand("pull", "Download or update a model from a Hugging Face hub");
    command->footer(std::string(pull_examples));
    const auto options = std::make_shared<PullOptions>();
    command->add_option("name", options->model, "owner/name or owner/name@revision")->required();
    command
        ->add_option(
            "--include", options->wanted.include,
            "Download the files that match this glob, instead of easel's own choice; may be given more than once")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    command->add_option("--variant", options->wanted.variant, "Weights of this variant: fp16, bf16, ...");
    command->add_flag("--quiet", options->quiet, "Print the path only");
    command->add_flag("--json", options->json, "Report on standard output as JSON, one object a line");
    command->callback([options, stop] { pull(*options, stop); });
}

}  // namespace easel::cli
