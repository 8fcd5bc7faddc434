#include "jobs/run.h"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/error.h"
#include "base/files.h"
#include "jobs/inputs.h"
#include "jobs/outputs.h"
#include "jobs/sheet.h"

namespace easel::jobs {
namespace {

/// The pictures that one opened model draws.
struct Group {
    std::vector<PlannedPicture*> pictures;
    EngineOptions engine;
};

std::vector<Group> groups_of(Plan& plan) {
    std::vector<Group> groups;
    for (const std::size_t index : plan.order) {
        PlannedPicture& picture = plan.pictures[index];
        if (groups.empty() || groups.back().pictures.back()->work.engine != picture.work.engine)
            groups.push_back({.pictures = {}, .engine = picture.drawing.engine});
        groups.back().pictures.push_back(&picture);
    }
    return groups;
}

/// Draws one plan.
class JobRun {
  public:
    JobRun(Plan& plan, const RunCallbacks& callbacks, std::stop_token stop)
        : plan_(plan), callbacks_(callbacks), stop_(std::move(stop)), inputs_(callbacks.drawing.note, stop_) {}

    void run() {
        std::vector<Group> groups = groups_of(plan_);
        find_states(plan_);
        for (const Group& group : groups) refuse_pictures_in_the_way(group);
        if (callbacks_.find_model)
            for (Group& group : groups)
                at(*group.pictures.front(), [&] { group.engine = callbacks_.find_model(group.engine); });
        for (const Group& group : groups) draw(group);
        if (plan_.sheet && (drawn_any_ || !path_exists(*plan_.sheet)) && write_sheet(plan_, callbacks_.drawing.note) &&
            callbacks_.sheet_written)
            callbacks_.sheet_written(*plan_.sheet);
    }

  private:
    template <typename Action>
    void at(const PlannedPicture& picture, Action action) const {
        jobs::at(plan_.asked[picture.asked], action);
    }

    void note(const std::string& sentence) const {
        if (callbacks_.drawing.note) callbacks_.drawing.note(sentence);
    }

    static void refuse_pictures_in_the_way(const Group& group) {
        for (const PlannedPicture* picture : group.pictures)
            if (picture->state == State::other && !picture->drawing.outputs.overwrite)
                fail(ErrorKind::already_exists,
                     "{}: is in the way: it is not the picture that the job asks for ({}); move it, or use `overwrite`",
                     picture->files.picture.string(), with_job_keys(picture->difference));
    }

    void draw(const Group& group) {
        Engine* engine = nullptr;
        at(*group.pictures.front(), [&] { engine = &callbacks_.open(group.engine); });
        for (PlannedPicture* picture : group.pictures)
            at(*picture, [&] { find_state(*picture, inputs_.request_of(picture->drawing), *engine); });
        refuse_pictures_in_the_way(group);
        for (PlannedPicture* picture : group.pictures) draw(*picture, *engine);
    }

    void draw(PlannedPicture& picture, Engine& engine) {
        const std::string name = picture.files.picture.string();
        if (picture.state == State::done) return note(fmt::format("{}: is there already", name));
        if (picture.state == State::damaged) note(fmt::format("{}: is damaged and is drawn again", name));
        OutputFiles files = picture.files;
        // Nothing was in the way when the job began; what has come since is not the job's.
        if (picture.state == State::missing && !picture.drawing.outputs.overwrite)
            files.if_exists = OutputFile::IfExists::refuse;
        at(picture, [&] {
            const Request request = inputs_.request_of(picture.drawing);
            const Result drawn = jobs::draw(engine, request, files, callbacks_.drawing, stop_);
            picture.drawing.request.seed = drawn.seed;
            if (callbacks_.drawn) callbacks_.drawn(picture, drawn);
        });
        picture.state = State::done;
        drawn_any_ = true;
    }

    Plan& plan_;
    const RunCallbacks& callbacks_;
    std::stop_token stop_;
    InputReader inputs_;
    bool drawn_any_ = false;
};

}  // namespace

void run_job(Plan& plan, const RunCallbacks& callbacks, std::stop_token stop) {
    JobRun(plan, callbacks, std::move(stop)).run();
}

}  // namespace easel::jobs
