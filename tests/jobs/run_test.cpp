// Jobs that other processes draw too, with the tests' small model. The others are claims that the tests write.

#include "jobs/run.h"

#include <memory>

#include <gtest/gtest.h>

#include "support/files.h"

namespace easel::jobs {
namespace {

using namespace std::chrono_literals;
using testing::expect_says;
using testing::read_file;
using testing::sentence_of;
using testing::write_file;
using Names = std::vector<std::string>;

class RunJob : public ::testing::Test {
  protected:
    static void TearDownTestSuite() { engine.reset(); }

    Plan plan(const std::string& text) const {
        std::vector<JobPicture> asked = parse_job("prompt = \"a fox\"\nsteps = 2\n" + text, "job.toml", job_keys());
        PlanOptions options;
        options.standard.engine.model = std::filesystem::absolute("golden/tiny/diffusers");
        for (JobPicture& picture : asked)
            for (auto& [key, value] : picture.settings)
                if (key == "output") value = (folder / value).string();
        return plan_job(std::move(asked), options, {});
    }

    void run(Plan made, RunOptions options = {.together = true}) {
        drawn.clear();
        notes.clear();
        const RunCallbacks callbacks{
            .open = [&](const EngineOptions& asked) -> Engine& {
                ++opened;
                if (!engine) engine = std::make_unique<Engine>(asked);
                return *engine;
            },
            .drawn = [&](const PlannedPicture& picture,
                         const Result&) { drawn.push_back(picture.files.picture.filename().string()); },
            .sheet_written = [&](const std::filesystem::path&) { ++sheets; },
            .drawing = {.progress =
                            [&](const Progress& progress) {
                                if (on_progress) on_progress(progress);
                            },
                        .note =
                            [&](const std::string& note) {
                                notes += note + "\n";
                                if (on_note) on_note(note);
                            }}};
        run_job(made, callbacks, {}, options);
    }

    /// A process on another machine.
    static Claimant elsewhere() {
        Claimant other = this_process();
        other.host = "elsewhere";
        other.precision = "f16";
        return other;
    }

    /// One for all tests, as it takes seconds to open.
    static inline std::unique_ptr<Engine> engine;
    testing::TemporaryFolder folder;
    Names drawn;
    std::string notes;
    int opened = 0, sheets = 0;
    std::function<void(const Progress&)> on_progress;
    std::function<void(const std::string&)> on_note;
};

const std::string four = "output = \"f.png\"\nseed = [1, 2, 3, 4]\n";

TEST_F(RunJob, LeavesNoClaims) {
    run(plan(four));
    EXPECT_EQ(drawn, (Names{"f-1.png", "f-2.png", "f-3.png", "f-4.png"}));
    EXPECT_EQ(folder.entries(), 5);
    EXPECT_EQ(sheets, 1);
}

TEST_F(RunJob, BeginsWhereItIsToldToAndGoesRound) {
    run(plan(four), {.together = true, .begin = 0.5});
    EXPECT_EQ(drawn, (Names{"f-3.png", "f-4.png", "f-1.png", "f-2.png"}));
    std::filesystem::remove(folder / "f-2.png");
    std::filesystem::remove(folder / "f-4.png");
    run(plan(four), {.together = true, .begin = 0.5});
    EXPECT_EQ(drawn, (Names{"f-4.png", "f-2.png"})) << "half of what is left";
}

TEST_F(RunJob, OpensNoModelWhereNothingIsToBeDrawn) {
    run(plan(four));
    opened = 0;
    run(plan(four));
    EXPECT_EQ(opened, 0);
    EXPECT_EQ(sheets, 1) << "is there";
    std::filesystem::remove(folder / "job-sheet.png");
    run(plan(four));
    EXPECT_EQ(opened, 0);
    EXPECT_EQ(sheets, 2);
}

TEST_F(RunJob, LeavesToOthersWhatTheyDrawAndTakesOverWhatTheyLeave) {
    Claims others(claims_folder(plan(four)), {}, elsewhere(), {});
    ASSERT_EQ(others.take("1").standing, Standing::ours);
    on_note = [&](const std::string& note) {
        if (note.find("being drawn by another process") == note.npos) return;
        EXPECT_EQ(drawn, (Names{"f-1.png", "f-3.png", "f-4.png"}));
        others.give_up("1");
    };
    run(plan(four));
    EXPECT_EQ(drawn, (Names{"f-1.png", "f-3.png", "f-4.png", "f-2.png"}));
    expect_says(notes, {"one picture is being drawn by another process: ", "f-2.png by process", "on elsewhere",
                        "elsewhere draws in f16 with", "may differ by rounding"});
    EXPECT_EQ(folder.entries(), 5);
    EXPECT_EQ(opened, 1);
}

TEST_F(RunJob, GivesUpAPictureThatThreeProcessesDiedOf) {
    for (const std::string name : {"1.0", "1.1", "1.2"}) {
        write_file(claims_folder(plan(four)) / name, text_of(elsewhere()));
        std::filesystem::last_write_time(claims_folder(plan(four)) / name,
                                         std::filesystem::file_time_type::clock::now() - 10min);
    }
    expect_says(sentence_of([&] { run(plan(four)); }),
                {"1 of 4 pictures were not drawn", "f-2.png: was claimed 3 times", "on elsewhere"});
    EXPECT_EQ(drawn, (Names{"f-1.png", "f-3.png", "f-4.png"}));
    EXPECT_EQ(sheets, 0);
    expect_says(sentence_of([&] { run(plan(four)); }), {"1 of 4", "f-2.png"});
    run(plan(four), {});  // a person who calls again wants it tried again
    EXPECT_EQ(drawn, (Names{"f-2.png"}));
    EXPECT_EQ(sheets, 1);
    EXPECT_EQ(folder.entries(), 5);
}

TEST_F(RunJob, DropsAPictureThatAnotherProcessHasPublishedMeanwhile) {
    run(plan("output = \"f.png\"\nseed = 7\n"));
    const std::string published = read_file(folder / "f.png");
    std::filesystem::remove(folder / "f.png");
    on_progress = [&](const Progress& progress) {
        if (progress.stage == Stage::denoise) write_file(folder / "f.png", published);
    };
    Plan by_chance = plan("output = \"f.png\"\n");  // of a random seed
    run(by_chance);
    EXPECT_EQ(drawn, Names{});
    EXPECT_EQ(read_file(folder / "f.png"), published);
    expect_says(notes, {"f.png: another process was faster"});
    EXPECT_EQ(folder.entries(), 1);
}

TEST_F(RunJob, KeepsWhatCameInTheWayMeanwhileAndItsOwnElsewhere) {
    on_progress = [&](const Progress& progress) {
        if (progress.stage == Stage::denoise) write_file(folder / "unusual-name.png", "not a picture");
    };
    const std::string said = sentence_of([&] { run(plan("output = \"unusual-name.png\"\n"), {}); });
    expect_says(said, {"unusual-name.png: came into being meanwhile", "no settings", "kept as "});
    EXPECT_EQ(read_file(folder / "unusual-name.png"), "not a picture");
    const std::filesystem::path kept = said.substr(said.rfind("kept as ") + 8);
    EXPECT_TRUE(std::filesystem::remove(kept)) << kept;
}

TEST_F(RunJob, GoesOnAfterAPictureThatCannotBePublished) {
    Claims others(claims_folder(plan(four)), {}, elsewhere(), {});
    ASSERT_EQ(others.take("1").standing, Standing::ours);
    on_progress = [&](const Progress& progress) {
        if (progress.stage == Stage::denoise && drawn.empty()) write_file(folder / "f-1.png", "not a picture");
    };
    on_note = [&](const std::string& note) {
        if (note.find("being drawn by another process") != note.npos) others.give_up("1");
    };
    const std::string said = sentence_of([&] { run(plan(four)); });
    expect_says(said, {"1 of 4 pictures were not drawn: ", "f-1.png: came into being meanwhile"});
    EXPECT_EQ(drawn, (Names{"f-3.png", "f-4.png", "f-2.png"}));
    EXPECT_EQ(sheets, 0);
    EXPECT_TRUE(std::filesystem::remove(said.substr(said.rfind("kept as ") + 8))) << said;
}

TEST_F(RunJob, HasClaimsOfItsOwnAfterAnyChange) {
    const std::filesystem::path before = claims_folder(plan(four));
    EXPECT_EQ(before, claims_folder(plan(four)));
    EXPECT_EQ(before.parent_path(), folder.path());
    EXPECT_TRUE(before.filename().string().starts_with(".easel-job-"));
    EXPECT_NE(before, claims_folder(plan(four + "eta = 0.5\n")));
    EXPECT_NE(before, claims_folder(plan("output = \"f.png\"\nseed = [1, 2, 3, 5]\n")));
    EXPECT_NE(
        claims_folder(plan("output = \"f.png\"\n[[picture]]\nseed = 1\n[[picture]]\neta = 0.5\noutput = \"g.png\"")),
        claims_folder(plan("output = \"f.png\"\n[[picture]]\nseed = 1\neta = 0.5\n[[picture]]\noutput = \"g.png\"")));
}

}  // namespace
}  // namespace easel::jobs
