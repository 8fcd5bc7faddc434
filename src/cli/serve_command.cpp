#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include "base/error.h"
#include "base/files.h"
#include "base/output_file.h"
#include "base/process.h"
#include "cli/commands.h"
#include "cli/config_file.h"
#include "cli/console.h"
#include "cli/model_options.h"
#include "cli/setting_options.h"
#include "server/server.h"

namespace easel::cli {
namespace {

constexpr std::string_view serve_examples = R"(Examples:
  easel serve --open                         opens a page to draw with
  easel serve -m sd15/ --models ~/models     clients choose among these
  easel serve --host 0.0.0.0 --auth me:word  for others, with a password)";

struct ServeOptions {
    ModelOptions model;
    /// The fields of the collection that flags gave, over the configuration file's.
    Collection collection;
    std::vector<const Setting<Collection>*> given;
    server::ServerOptions server;
    std::vector<std::string> folders;
    std::string password;
    bool is_open = false, opens_browser = false, is_fixed = false;
    double drain_delay = 0.0;
    int drain_timeout = 60;
};

/// The address for a browser on this machine.
std::string address_of(const std::string& host, std::uint16_t port) {
    const std::string name = host == "0.0.0.0" || host == "::" ? "127.0.0.1" : host;
    const bool is_ipv6 = name.find(':') != std::string::npos;
    return is_ipv6 ? fmt::format("http://[{}]:{}", name, port) : fmt::format("http://{}:{}", name, port);
}

void check_folders(const std::vector<std::string>& folders) {
    for (const std::string& folder : folders)
        if (std::error_code ignored; !std::filesystem::is_directory(folder, ignored))
            fail(ErrorKind::not_found, "`models` {}: is no folder", folder);
}

void check_server_id(const std::string& id) {
    const auto is_fit = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
    };
    if (!std::ranges::all_of(id, is_fit)) refuse_value("server_id", id, "give letters, digits, - and _");
}

/// What pictures are to be saved in, made if need be.
void make_save_dir(const std::filesystem::path& folder) {
    if (folder.empty()) return;
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (!std::filesystem::is_directory(folder, error))
        fail(ErrorKind::failed, "`save_dir` {}: this folder cannot be made", folder.string());
    check_writable(folder / "picture.png", OutputFile::IfExists::replace);
}

/// Of the configuration file, and over it of the flags.
Collection collection_of(const ServeOptions& options) {
    Collection collection;
    apply_config(read_config(), collection);
    for (const Setting<Collection>* setting : options.given)
        set(collection, *setting, get(options.collection, *setting));
    for (const Setting<Collection>& setting : collection_table()) {
        const auto folder = text_of(setting, get(collection, setting)).value_or("");
        if (std::error_code ignored; !folder.empty() && !std::filesystem::is_directory(folder, ignored))
            fail(ErrorKind::not_found, "`{}` {}: is no folder", setting.field, folder);
    }
    return collection;
}

/// The models of the folders that were named, and those that were downloaded.
std::vector<server::NamedModel> models_of(const std::vector<std::filesystem::path>& folders) {
    std::vector<server::NamedModel> models = server::models_in(folders);
    for (DownloadedModel& downloaded : downloaded_models())
        models.push_back({.title = std::move(downloaded.name), .path = std::move(downloaded.path)});
    return models;
}

void serve(ServeOptions& options, const std::stop_token& stop) {
    server::ServerOptions server = options.server;
    if (!options.password.empty()) {
        if (options.password.find(':') == std::string::npos)
            refuse("auth", "give a user and a password with a colon between them");
        server.guard.password = options.password;
    }
    if (options.opens_browser) check_viewer();
    check_folders(options.folders);
    server.collection = collection_of(options);
    check_server_id(server.server_id);
    make_save_dir(server.save_dir);
    if (options.is_fixed && !options.folders.empty()) refuse("fixed_model", "leave `models` out with it");
    if (!options.is_fixed)
        server.find_models = [folders = std::vector<std::filesystem::path>(
                                  options.folders.begin(), options.folders.end())] { return models_of(folders); };
    // A person at a terminal wants to see how it goes, not a line for each request.
    if (!standard_error_is_terminal()) server.log = [](const std::string& line) { print_err("{}\n", line); };
    server.drain_delay = std::chrono::milliseconds(std::llround(options.drain_delay * 1000.0));
    server.drain_timeout = std::chrono::seconds(options.drain_timeout);
    server.engine = options.model.engine_options(stop);
    if (!path_exists(server.engine.model))
        fail(ErrorKind::not_found, "`model` {}: there is no such file or folder", server.engine.model.string());

    server::Server running(server, options.is_open);
    const std::string address = address_of(server.host, running.port());
    print_out("easel: {} (loading {}; Ctrl+C ends it)\n", address, server.engine.model.filename().string());
    running.run(stop, [&](const ModelInfo& model) {
        print_out("easel: ready to draw with {}\n", model.name);
        if (options.opens_browser) open_with_viewer(address);
    });
    print_out("easel: ended\n");
}

}  // namespace

void add_serve(CLI::App& app, std::stop_token stop) {
    CLI::App* command = app.add_subcommand("serve", "Serve a page to draw with, and HTTP APIs for other programs");
    command->footer(std::string(serve_examples));
    const auto options = std::make_shared<ServeOptions>();
    server::ServerOptions& server = options->server;
    command->add_option("--host", server.host, "The address to be reached at; others can reach 0.0.0.0")
        ->capture_default_str();
    command->add_option("--port", server.port, "0 for any that is free")->capture_default_str();
    options->model.add_model_to(*command);
    command->add_option("--models", options->folders, "Folders with more models for clients to choose");
    for (const Setting<Collection>& setting : collection_table())
        add_setting(*command, setting, std::nullopt, [options, &setting](const std::string& text) {
            set_from_text(options->collection, setting, text);
            options->given.push_back(&setting);
        });
    options->model.add_runtime_to(*command);
    options->model.add_refiner_to(*command);
    options->model.add_previews_to(*command);
    command->add_option("--auth", options->password, "user:password that everyone has to give");
    command->add_flag("--no-auth", options->is_open, "Let all who reach a public --host draw without a password");
    command->add_option("--cors-origin", server.guard.cors_origins,
                        "Let pages of this origin use the server, such as https://example.org");
    command->add_option("--allow-host", server.guard.allowed_hosts,
                        "A name by which the server is reached, besides addresses and localhost");
    command->add_option("--queue", server.queue, "How many jobs may wait")
        ->check(CLI::Range(1, 100000))
        ->capture_default_str();
    command
        ->add_option("--max-per-client", server.most_per_client,
                     "How many jobs an address may have waiting or running; 0 for any number")
        ->check(CLI::Range(0, 100000))
        ->capture_default_str();
    command->add_option("--save-dir", server.save_dir,
                        "Save the pictures of requests with \"save_images\": true in this folder");
    command->add_flag("--fixed-model", options->is_fixed, "Draw with this model alone, whatever clients choose");
    command->add_option("--server-id", server.server_id,
                        "What the ids of jobs begin with, for a balancer before several servers");
    command->add_flag("--log-prompts", server.logs_prompts, "Write prompts to the log");
    command
        ->add_option("--drain-delay", options->drain_delay,
                     "Seconds in which new work is still taken once /readyz says that the server is to end")
        ->check(CLI::Range(0.0, 3600.0))
        ->capture_default_str();
    command
        ->add_option("--drain-timeout", options->drain_timeout,
                     "Seconds that jobs may still take once the server is to end")
        ->check(CLI::Range(0, 86400))
        ->capture_default_str();
    command->add_flag("--open", options->opens_browser, "Open the page in the browser");
    command->callback([options, stop] { serve(*options, stop); });
}

}  // namespace easel::cli
