#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "cli/console.h"
#include "pictures/read.h"
#include "train/devices.h"
#include "train/evaluation.h"
#include "train_cli/commands.h"
#include "train_cli/drawing.h"

namespace easel::train_cli {
namespace {

struct EvaluateOptions {
    std::vector<std::string> data;
    std::string output = "evaluation", device = "cpu";
    std::int64_t count = 128;
    int threads = 0;
    bool json = false;
    DrawingSettings drawing;
};

/// A data file, and which of its pictures are meant by what is drawn.
struct Examined {
    train::DataFile data;
    torch::Tensor pictures;
};

torch::Tensor read_drawn(const std::filesystem::path& folder, std::size_t count) {
    std::vector<torch::Tensor> pictures;
    for (std::size_t i = 0; i < count; ++i) {
        const Picture picture = read_picture(drawn_file(folder, i));
        pictures.push_back(train::to_tensor(picture.pixels, picture.height, picture.width));
    }
    return torch::stack(pictures);
}

nlohmann::ordered_json json_of(const train::Likeness& likeness) {
    return {{"top1", likeness.top1}, {"top5", likeness.top5}, {"edges", likeness.edges}};
}

std::string text_of(const nlohmann::ordered_json& scores) {
    const auto& drawn = scores["drawn"];
    const auto& ceiling = scores["ceiling"];
    const auto percent = [](const nlohmann::ordered_json& share) { return 100 * share.get<double>(); };
    return fmt::format(
        "{}\n  autoencoder  {:.2f} dB\n  loss         {:.4f} (tenths of the timesteps, from little noise to much)\n"
        "  drawn right  {:.1f} % of {:.1f} %; among the nearest five {:.1f} % of {:.1f} %\n"
        "  edges        {:.2f} of {:.2f}\n",
        scores["data"].get<std::string>(), scores["psnr"].get<double>(),
        fmt::join(scores["loss"].get<std::vector<double>>(), " "), percent(drawn["top1"]), percent(ceiling["top1"]),
        percent(drawn["top5"]), percent(ceiling["top5"]), drawn["edges"].get<double>(), ceiling["edges"].get<double>());
}

class Evaluation {
  public:
    Evaluation(EvaluateOptions& options, std::stop_token stop)
        : options_(options),
          stop_(std::move(stop)),
          device_(train::device_by_name(options.device)),
          model_(train::open_model(options.drawing.model)) {
        model_.to(device_);
        for (const std::string& path : options.data) {
            train::DataFile data(path);
            if (!examined_.empty() && (data.width() != first().width() || data.height() != first().height()))
                fail("{}: its pictures are not of the size of those in {}", path, first().where());
            torch::Tensor pictures = train::chosen_pictures(data, options.count);
            examined_.push_back({.data = std::move(data), .pictures = std::move(pictures)});
        }
        if (!options.drawing.width) options.drawing.width = static_cast<int>(first().width());
        if (!options.drawing.height) options.drawing.height = static_cast<int>(first().height());
    }

    void run() {
        nlohmann::ordered_json all = nlohmann::ordered_json::array();
        const torch::Tensor thumbnails = all_thumbnails();
        std::int64_t begin = 0;
        for (std::size_t i = 0; i < examined_.size(); ++i) {
            const Examined& examined = examined_[i];
            all.push_back(scores(examined, thumbnails, begin, folder(i)));
            if (!options_.json) cli::print_out("{}", text_of(all.back()));
            begin += examined.data.count();
        }
        if (options_.json) cli::print_out("{}\n", all.dump());
    }

  private:
    const train::DataFile& first() const { return examined_.front().data; }

    std::filesystem::path folder(std::size_t index) const {
        const std::filesystem::path output = options_.output;
        return examined_.size() == 1 ? output : output / fmt::format("{}", index + 1);
    }

    torch::Tensor all_thumbnails() const {
        std::vector<torch::Tensor> thumbnails;
        for (const Examined& examined : examined_)
            for (const torch::Tensor& some : torch::arange(examined.data.count()).split(256))
                thumbnails.push_back(train::thumbnails(examined.data.pictures(some)));
        return torch::cat(thumbnails);
    }

    /// `begin`: the place in `thumbnails` of the data file's first.
    nlohmann::ordered_json scores(const Examined& examined, const torch::Tensor& thumbnails, std::int64_t begin,
                                  const std::filesystem::path& folder) {
        const auto& [data, pictures] = examined;
        nlohmann::ordered_json result = {{"data", data.where()}, {"count", pictures.size(0)}};
        result["psnr"] = train::psnr(model_.vae, data, pictures, device_, stop_);
        result["loss"] = train::losses_by_timestep(model_, data, pictures, device_, stop_);

        const std::vector<std::string> prompts = train::first_captions(data, pictures);
        draw(options_.drawing, prompts, folder, stop_);
        const torch::Tensor meant = data.pictures(pictures), places = pictures + begin;
        result["drawn"] = json_of(train::likeness(read_drawn(folder, prompts.size()), meant, thumbnails, places));
        result["ceiling"] = json_of(train::likeness(
            train::through_autoencoder(model_.vae, data, pictures, device_, stop_), meant, thumbnails, places));
        return result;
    }

    EvaluateOptions& options_;
    std::stop_token stop_;
    torch::Device device_;
    train::Model model_;
    std::vector<Examined> examined_;
};

void evaluate(EvaluateOptions& options, std::stop_token stop) {
    if (options.count < 1) refuse_value("count", options.count, "give a number of 1 or more");
    train::set_threads(options.threads);
    Evaluation(options, std::move(stop)).run();
}

}  // namespace

void add_evaluate_command(CLI::App& app, std::stop_token stop) {
    const auto options = std::make_shared<EvaluateOptions>();
    CLI::App* const command = app.add_subcommand("evaluate", "score a model by captioned pictures");
    command->add_option("model", options->drawing.model, "a diffusers folder or a single file")->required();
    command->add_option("data", options->data, "data files, each scored apart; all their pictures are compared with")
        ->required();
    command->add_option("-o,--output", options->output, "folder for what is drawn")->capture_default_str();
    command->add_option("--count", options->count, "pictures of each data file, or all")->capture_default_str();
    command->add_option("--device", options->device, "cpu or cuda")->capture_default_str();
    command->add_option("--threads", options->threads, "processor threads; 0: as LibTorch chooses")
        ->capture_default_str();
    command->add_flag("--json", options->json, "print the scores as JSON");
    add_drawing_flags(*command, options->drawing);
    command->callback([options, stop] { evaluate(*options, stop); });
}

}  // namespace easel::train_cli
