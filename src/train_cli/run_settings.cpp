#include "train_cli/run_settings.h"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "base/error.h"
#include "base/files.h"
#include "cli/console.h"
#include "train/devices.h"

namespace easel::train_cli {
namespace {

DType dtype_of(const std::string& precision) {
    if (precision == "f32") return DType::F32;
    if (precision == "f16") return DType::F16;
    refuse_value("precision", precision, "weights are written as f32 or f16");
}

class Display {
  public:
    Display(std::int64_t steps, std::int64_t batch) : steps_(steps), batch_(batch) {}

    void show(const train::LogRow& row) {
        if (first_.step == 0) first_ = row;
        loss_ = loss_ == 0 ? row.loss : 0.98 * loss_ + 0.02 * row.loss;
        const bool live = cli::has_live_line();
        if (row.seconds - shown_ < (live ? 0.2 : 10.0) && row.step != steps_) return;
        shown_ = row.seconds;
        const double rate = static_cast<double>(row.step - first_.step) / std::max(1e-9, row.seconds - first_.seconds);
        const std::string left = rate > 0 ? cli::duration_text(static_cast<double>(steps_ - row.step) / rate) : "?";
        const std::string line =
            fmt::format("step {} of {}, {:.1f} pictures/s, loss {:.4f}, rate {:.1e}, {} left", row.step, steps_,
                        rate * static_cast<double>(batch_), loss_, row.learning_rate, left);
        if (live && row.step != steps_)
            cli::show_live(cli::bar(static_cast<double>(row.step), static_cast<double>(steps_)) + " " + line);
        else
            cli::print_err("{}\n", line);
    }

  private:
    std::int64_t steps_, batch_;
    train::LogRow first_;
    double loss_ = 0, shown_ = 0;
};

}  // namespace

void add_run_flags(CLI::App& command, RunSettings& settings) {
    command.add_option("--config", settings.config, "TOML: these flags as keys, and tables for new networks");
    const AddFlag add{command};
    add("data", settings.data, "the data file, from easel-train data");
    add("output", settings.output, "the run's folder");
    add("checkpoint_minutes", settings.checkpoint_minutes, "between two checkpoints");
    add("samples", settings.samples, "pictures in the report at each checkpoint; 0: none");
    add("precision", settings.precision, "of the written weights: f16 or f32");
    add("device", settings.device, "cpu or cuda");
    add("threads", settings.threads, "processor threads; 0: as LibTorch chooses");
    add("ranks", settings.ranks, "processes that divide each batch; each is started with its own rank");
    add("rank", settings.rank, "the number of this process, from 0");
    add("rendezvous", settings.rendezvous, "host:port where the process of rank 0 meets the others");
    command.add_flag("--resume", settings.resume, "go on where the run in the output folder was stopped");
}

train::RunFolder prepare_run(const RunSettings& settings) {
    if (settings.data.empty()) refuse("data", "give the data file to learn from; easel-train data makes one");
    if (!(settings.checkpoint_minutes > 0))
        refuse_value("checkpoint_minutes", settings.checkpoint_minutes, "give a number above 0");
    if (settings.samples < 0) refuse_value("samples", settings.samples, "give a number of 0 or more");
    const train::RunFolder folder{.path = settings.output,
                                  .checkpoint_minutes = settings.checkpoint_minutes,
                                  .dtype = dtype_of(settings.precision)};
    if (!settings.resume && path_exists(folder.checkpoint()))
        fail_usage("{}: holds a run already; go on with `resume`, or give another `output`", settings.output);
    std::error_code error;
    std::filesystem::create_directories(folder.path, error);
    if (error) fail_with_system_error(folder.path, "cannot be created", error.value());
    train::set_threads(settings.threads);
    return folder;
}

void run_and_show(train::Trainer& trainer, std::int64_t batch, const train::RunFolder& folder,
                  const std::string& identity, const std::function<void(std::int64_t step)>& on_checkpoint,
                  std::stop_token stop) {
    Display display(trainer.steps(), batch);
    const train::RunCallbacks callbacks{.on_step = [&](const train::LogRow& row) { display.show(row); },
                                        .on_checkpoint = on_checkpoint};
    train::run(trainer, folder, identity, callbacks, std::move(stop));
}

}  // namespace easel::train_cli
