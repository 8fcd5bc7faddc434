#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include "base/error.h"
#include "base/files.h"
#include "base/process.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/model_options.h"
#include "server/server.h"

namespace easel::cli {
namespace {

constexpr std::string_view examples = R"(Examples:
  easel serve --open                         opens a page to draw with
  easel serve -m sd15/ --models ~/models     clients choose among these
  easel serve --host 0.0.0.0 --auth me:word  for others, with a password)";

struct ServeOptions {
    ModelOptions model;
    server::ServerOptions server;
    std::vector<std::string> folders;
    std::string password;
    bool is_open = false, opens_browser = false;
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

void serve(ServeOptions& options, const std::stop_token& stop) {
    server::ServerOptions server = options.server;
    if (!options.password.empty()) {
        if (options.password.find(':') == std::string::npos)
            refuse("auth", "give a user and a password with a colon between them");
        server.guard.password = options.password;
    }
    if (options.opens_browser) check_viewer();
    check_folders(options.folders);
    server.find_models = [folders = std::vector<std::filesystem::path>(
                              options.folders.begin(), options.folders.end())] { return server::models_in(folders); };
    server.drain_timeout = std::chrono::seconds(options.drain_timeout);
    server.engine = options.model.engine_options(stop);
    if (!path_exists(server.engine.model))
        fail(ErrorKind::not_found, "`model` {}: there is no such file or folder", server.engine.model.string());

    server::Server running(server, options.is_open);
    const std::string address = address_of(server.host, running.port());
    print_err("easel: {} (loading {}; Ctrl+C ends it)\n", address, server.engine.model.filename().string());
    running.run(stop, [&](const ModelInfo& model) {
        print_err("easel: ready to draw with {}\n", model.name);
        if (options.opens_browser) open_with_viewer(address);
    });
    print_err("easel: ended\n");
}

}  // namespace

void add_serve(CLI::App& app, std::stop_token stop) {
    CLI::App* command = app.add_subcommand("serve", "Serve a page to draw with, and HTTP APIs for other programs");
    command->footer(std::string(examples));
    const auto options = std::make_shared<ServeOptions>();
    server::ServerOptions& server = options->server;
    command->add_option("--host", server.host, "The address to be reached at; others can reach 0.0.0.0")
        ->capture_default_str();
    command->add_option("--port", server.port, "0 for any that is free")->capture_default_str();
    options->model.add_model_to(*command);
    command->add_option("--models", options->folders, "Folders with more models for clients to choose");
    options->model.add_runtime_to(*command);
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
        ->add_option("--drain-timeout", options->drain_timeout,
                     "Seconds that jobs may still take once the server is to end")
        ->check(CLI::Range(0, 86400))
        ->capture_default_str();
    command->add_flag("--open", options->opens_browser, "Open the page in the browser");
    command->callback([options, stop] { serve(*options, stop); });
}

}  // namespace easel::cli
