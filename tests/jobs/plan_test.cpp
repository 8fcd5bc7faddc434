// Plans are made without a model: those named here do not exist.

#include "jobs/plan.h"

#include <gtest/gtest.h>

#include "pictures/write.h"
#include "support/files.h"

namespace easel::jobs {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;
using testing::expect_says;
using testing::sentence_of;

class Plans : public ::testing::Test {
  protected:
    Plan plan(const std::string& text, PlanOptions options = {}) const {
        // Outputs lie in the test's folder.
        std::vector<JobPicture> asked = parse_job(text, "job.toml", job_keys());
        for (JobPicture& picture : asked)
            for (auto& [key, value] : picture.settings)
                if (key == "output" || key == "init-image" || key == "save-latents") value = (folder / value).string();
        options.standard.outputs.output = folder / "standard.png";
        return plan_job(std::move(asked), options, [this](const std::string& note) { notes.push_back(note); });
    }

    std::string refusal(const std::string& text) const {
        return sentence_of([&] { plan(text); });
    }

    /// A picture with that settings text.
    void write(const std::string& name, const std::string& parameters) const {
        const Picture picture{.width = 8, .height = 8, .pixels = std::vector<std::uint8_t>(3 * 8 * 8)};
        write_picture(folder / name, picture, parameters, OutputFile::IfExists::replace);
    }

    testing::TemporaryFolder folder;
    mutable Names notes;
};

Names files_of(const Plan& plan) {
    Names names;
    for (const PlannedPicture& picture : plan.pictures) names.push_back(picture.files.picture.filename().string());
    return names;
}

TEST_F(Plans, HaveAllThatDecidesAPicture) {
    const Plan made = plan(
        "model = \"owner/name\"\nprompt = \"a fox\"\nnegative-prompt = \"blurry\"\ncfg-scale = 2.5\nsampler = "
        "\"Euler\"\n"
        "precision = \"f32\"\nmax-memory = \"4GB\"\nno-composite = true\nno-metadata = true\noutput = \"a.png\"\n"
        "save-latents = \"a.safetensors\"\nseed = \"0042\"\n");
    ASSERT_EQ(made.pictures.size(), 1u);
    const PlannedPicture& picture = made.pictures.front();
    EXPECT_EQ(picture.drawing.request.prompt, "a fox");
    EXPECT_EQ(picture.drawing.request.negative_prompt, "blurry");
    EXPECT_EQ(picture.drawing.request.guidance_scale, 2.5);
    EXPECT_EQ(picture.drawing.request.sampler, "euler");
    EXPECT_EQ(picture.drawing.request.seed, 42u);
    EXPECT_FALSE(picture.drawing.request.composite);
    EXPECT_EQ(picture.drawing.engine.model, "owner/name");
    EXPECT_EQ(picture.drawing.engine.precision, "f32");
    EXPECT_EQ(picture.drawing.engine.max_memory, 4'000'000'000u);
    EXPECT_FALSE(picture.files.metadata);
    EXPECT_EQ(picture.files.latents, folder / "a.safetensors");
    EXPECT_FALSE(made.sheet);
}

TEST_F(Plans, BeginWithTheStandardThatPicturesOverride) {
    PlanOptions options;
    options.standard.request = {.prompt = "a castle", .num_inference_steps = 5, .guidance_scale = 3.0};
    options.standard.engine.threads = 2;
    const Plan made = plan("[[picture]]\n[[picture]]\nsteps = 6\nthreads = 1\noutput = \"b.png\"\n", options);
    EXPECT_EQ(made.pictures[0].drawing.request.prompt, "a castle");
    EXPECT_EQ(made.pictures[0].drawing.request.num_inference_steps, 5);
    EXPECT_EQ(made.pictures[0].drawing.engine.threads, 2);
    EXPECT_EQ(made.pictures[1].drawing.request.num_inference_steps, 6);
    EXPECT_EQ(made.pictures[1].drawing.request.guidance_scale, 3.0);
    EXPECT_EQ(made.pictures[1].drawing.engine.threads, 1);
}

TEST_F(Plans, NumberBatchesAndGridsAndOrderThemByModelAndSize) {
    const Plan made = plan(
        "[defaults]\nprompt = \"x\"\n[[picture]]\nmodel = [\"a/a\", \"b/b\"]\nwidth = [64, 128]\noutput = \"g.png\"\n"
        "[[picture]]\nmodel = \"a/a\"\nwidth = 64\nbatch-count = 2\nseed = 7\noutput = \"n-%02d.png\"\n");
    EXPECT_EQ(files_of(made), (Names{"g-1.png", "g-2.png", "g-3.png", "g-4.png", "n-01.png", "n-02.png"}));
    EXPECT_EQ(made.order, (std::vector<std::size_t>{0, 4, 5, 1, 2, 3}));
    EXPECT_EQ(made.pictures[5].drawing.request.seed, 8u);
    EXPECT_EQ(label_of(made, made.pictures[2]), (Names{"model b/b", "width 64", "a random seed"}));
    EXPECT_EQ(label_of(made, made.pictures[4]), (Names{"model a/a", "width 64", "seed 7"}));
    EXPECT_EQ(made.sheet, folder / "job-sheet.png");
}

TEST_F(Plans, AreRefusedByTheLineThatAsksForNonsense) {
    expect_says(refusal("prompt = \"x\"\n[[picture]]\nmask-grow = 3"), {"job.toml:2: mask-grow", "auto-mask"});
    expect_says(refusal("prompt = \"x\"\nauto-mask = \"person\""), {"job.toml:1: auto-mask", "init-image"});
    expect_says(refusal("prompt = \"x\"\nauto-mask = \"cat\""), {"auto-mask cat: use one of person, background"});
    expect_says(refusal("prompt = \"x\"\nmask = \"m.png\""), {"job.toml:1: mask", "init-image"});
    expect_says(refusal("prompt = \"x\"\ninit-image = \"i.png\"\nmask = \"m.png\"\nauto-mask = \"person\""),
                {"auto-mask", "mask"});
    expect_says(refusal("prompt = \"x\"\nbatch-count = 0"), {"job.toml:1: batch-count 0"});
    expect_says(refusal("prompt = \"x\"\nno-metadata = 1"), {"job.toml:2", "true or false"});
    expect_says(refusal("prompt = \"x\"\noutput = \"a.gif\""), {"job.toml:1", ".png"});
    expect_says(refusal("prompt = \"x\"\nsave-latents = \"a.bin\""), {"save-latents", ".safetensors"});
    expect_says(refusal("steps = 3"), {"job.toml:1: there is no prompt"});
    for (const std::string key : {"quiet", "json", "show", "help"})
        expect_says(refusal("prompt = \"x\"\n" + key + " = true"), {"job.toml:2: there is no setting \"" + key + "\""});
}

TEST_F(Plans, AreMadeFromStoredSettingsToo) {
    write("a.png",
          "a fox\nSteps: 3, Sampler: Euler, Schedule type: Karras, CFG scale: 2, Seed: 4, Size: 64x72, "
          "Denoising strength: 0.5, Magic: 3, Version: v1");
    const std::string from = "params-from = \"" + (folder / "a.png").string() + "\"\noutput = \"b.png\"\n";
    const Request as_stored = plan(from).pictures.front().drawing.request;
    EXPECT_EQ(as_stored.prompt, "a fox");
    EXPECT_EQ(as_stored.num_inference_steps, 3);
    EXPECT_EQ(as_stored.schedule, "karras");
    EXPECT_EQ(as_stored.strength, std::nullopt);
    EXPECT_EQ(std::ranges::count_if(notes, [](const std::string& note) { return note.find("Magic") != note.npos; }), 1);
    const Request changed = plan(from + "seed = 5\nsampler = \"lms\"").pictures.front().drawing.request;
    EXPECT_EQ(changed.seed, 5u);
    EXPECT_EQ(changed.height, 72);
    EXPECT_EQ(changed.schedule, std::nullopt) << "is the stored sampler's";
    expect_says(refusal("params-from = \"nowhere.png\""), {"job.toml:1", "nowhere.png"});
}

TEST_F(Plans, LookAtWhatIsThereWithoutAModel) {
    const std::string version_and_more = ", RNG: CPU, Version: easel " + std::string(easel::version());
    const std::string text =
        "a fox\nSteps: 3, Sampler: Euler, Schedule type: Normal, CFG scale: 2, Size: 64x64, Seed: ";
    write("f-1.png", text + "1" + version_and_more);
    write("f-2.png", text + "9" + version_and_more);
    write("f-3.png", text + "3" + version_and_more);
    const std::string whole = testing::read_file(folder / "f-3.png");
    testing::write_file(folder / "f-3.png", whole.substr(0, whole.size() - 20));
    testing::write_file(folder / "f-4.png", "a text");
    Plan made =
        plan("model = \"owner/name\"\nprompt = \"a fox\"\nsteps = 3\noutput = \"f.png\"\nseed = [1, 2, 3, 4, 5]\n");
    find_states(made);
    std::vector<State> states;
    for (const PlannedPicture& picture : made.pictures) states.push_back(picture.state);
    EXPECT_EQ(states, (std::vector{State::alike, State::other, State::damaged, State::other, State::missing}));
    EXPECT_EQ(made.pictures[1].difference, "it has another `seed`");
    EXPECT_EQ(made.pictures[3].difference, "it has no settings stored in it");
}

TEST_F(Plans, LookForWhatPicturesAreDrawnFrom) {
    Plan without_model = plan("prompt = \"x\"\n[[picture]]\nmodel = \"nowhere\"\n");
    expect_says(sentence_of([&] { find_states(without_model); }), {"job.toml:2: model nowhere: does not exist"});
    Plan without_picture = plan("prompt = \"x\"\ninit-image = \"nowhere.png\"\n");
    expect_says(sentence_of([&] { find_states(without_picture); }),
                {"job.toml:1: init-image", "nowhere.png: does not exist"});
}

TEST_F(Plans, AreCutIntoSharesThatHaveEachPictureOnceAndKeepSizesTogether) {
    const std::string text =
        "prompt = \"x\"\noutput = \"s.png\"\nsteps = 1\n[[picture]]\nheight = 64\nwidth = [64, 128]\nseed = "
        "[1,2,3,4,5,6,7,8]\n";
    const Plan whole = plan(text);
    for (const std::size_t count : {1, 2, 3, 5, 40}) {
        std::vector<std::size_t> drawn;
        for (std::size_t index = 0; index < count; ++index) {
            Plan part = plan(text);
            take_share(part, {index, count});
            EXPECT_FALSE(part.sheet);
            drawn.insert(drawn.end(), part.order.begin(), part.order.end());
        }
        EXPECT_EQ(drawn, whole.order) << count;
    }
    Plan heavy = plan(text);
    take_share(heavy, {2, 3});  // the last third of the work: half of the large ones
    EXPECT_EQ(heavy.order.size(), 4u);
    for (const std::size_t index : heavy.order) EXPECT_EQ(heavy.pictures[index].drawing.request.width, 128);
}

TEST_F(Plans, LookAgainAtPicturesThatOthersDraw) {
    const std::string stored =
        "a fox\nSteps: 3, Sampler: Euler, Schedule type: Normal, CFG scale: 2, Size: 64x64, Seed: 9"
        ", RNG: CPU, Version: easel " +
        std::string(easel::version());
    Plan made = plan("model = \"owner/name\"\nprompt = [\"a fox\", \"a cat\", \"x\"]\nsteps = 3\noutput = \"f.png\"\n");
    find_states(made);
    write("f-1.png", stored);
    write("f-2.png", stored);
    std::vector<State> states;
    for (PlannedPicture& picture : made.pictures) {
        look_again(picture);
        states.push_back(picture.state);
    }
    EXPECT_EQ(states, (std::vector{State::done, State::other, State::missing}));
    EXPECT_EQ(made.pictures[0].drawing.request.seed, 9u) << "the random seed of the picture that is there";
    made.pictures[1].state = State::damaged;
    look_again(made.pictures[1]);
    EXPECT_EQ(made.pictures[1].state, State::damaged) << "is the file that was judged already";
}

}  // namespace
}  // namespace easel::jobs
