#include "pipeline/stages.h"

namespace easel {

std::string_view name(Stage stage) {
    switch (stage) {
        case Stage::load:
            return "load";
        case Stage::compile:
            return "compile";
        case Stage::text:
            return "text";
        case Stage::encode:
            return "encode";
        case Stage::denoise:
            return "denoise";
        case Stage::decode:
            return "decode";
        case Stage::enlarge:
            return "enlarge";
    }
    return "";
}

StageReport::StageReport(const Callbacks& callbacks, Stage stage, int steps, int before)
    : callbacks_(callbacks), stage_(stage), steps_(steps) {
    if (before == 0) step(0);
}

void StageReport::step(int step, const Preview* preview) const {
    if (!callbacks_.progress) return;
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin_;
    callbacks_.progress(
        {.stage = stage_, .step = step, .steps = steps_, .seconds = seconds.count(), .preview = preview});
}

}  // namespace easel
