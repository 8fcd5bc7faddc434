// easel_reference FOLDER: writes easel's manual pages and completion scripts into FOLDER/man and FOLDER/completions.

#include <cstdio>
#include <exception>
#include <filesystem>
#include <string_view>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include "base/output_file.h"
#include "cli/app.h"
#include "cli/reference/command_reference.h"
#include "cli/reference/completions.h"
#include "cli/reference/manual_page.h"

namespace {

using namespace easel;
using namespace easel::cli;
namespace fs = std::filesystem;

void write(const fs::path& path, std::string_view text) {
    fs::create_directories(path.parent_path());
    OutputFile file(path, OutputFile::IfExists::replace);
    file.write(text);
    file.commit();
}

void write_reference(const fs::path& folder) {
    CLI::App app;
    make_command_line(app, {});
    const CommandReference easel = reference_of(app);
    write(folder / "man" / manual_page_name(easel), manual_page(easel, easel));
    for (const CommandReference& command : easel.commands)
        write(folder / "man" / manual_page_name(command), manual_page(command, easel));
    write(folder / "completions" / "easel.bash", bash_completion(easel));
    write(folder / "completions" / "_easel", zsh_completion(easel));
    write(folder / "completions" / "easel.fish", fish_completion(easel));
}

}  // namespace

int main(int argc, char** argv) {
    try {
        if (argc != 2) throw std::runtime_error("call it with the folder to write to");
        write_reference(argv[1]);
        return 0;
    } catch (const std::exception& error) {
        fmt::print(stderr, "easel_reference: {}\n", error.what());
        return 1;
    }
}
