// `easel run`: what is drawn, what is refused, and what a second run finds.

#include <gtest/gtest.h>

#include "cli/program.h"
#include "pictures/contact_sheet.h"
#include "pictures/parameters.h"
#include "pictures/read.h"

namespace easel::testing {
namespace {

using Names = std::vector<std::string>;

class RunCommand : public ProgramTest {
  protected:
    void job(const std::string& text) const {
        std::ofstream(folder / "job.toml") << "model = \"" << tiny_model() << "\"\nsteps = 2\n" << text;
    }

    Ended run(Names more = {}) const {
        more.insert(more.begin(), {"run", "job.toml"});
        const Ended ended = easel(more);
        EXPECT_EQ(ended.exit_code, 0) << ended.err;
        return ended;
    }

    /// The job is refused without a trace.
    void refuse(int exit_code, const std::string& text, const Names& parts) const {
        write_file(folder / "bad.toml", text);
        const auto before = files();
        expect_refused(easel({"run", "bad.toml"}), exit_code, parts);
        EXPECT_EQ(files(), before);
    }

    std::string parameters(const std::string& name) const { return read_parameters(folder / name).value_or(""); }
};

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
    return found;
}

const std::string grid =
    "[defaults]\nprompt = \"a fox\"\n[[picture]]\nseed = [1, 2]\nguidance-scale = [5, 7.5]\noutput = \"fox.png\"\n"
    "[[picture]]\nprompt = \"a cat\"\nseed = 9\n";

TEST_F(RunCommand, ListsMakeAGridAndOneLoadedModelDrawsAll) {
    job(grid);
    const Ended ended = run({"--json"});
    EXPECT_EQ(files(),
              (Names{"a-cat.png", "fox-1.png", "fox-2.png", "fox-3.png", "fox-4.png", "job-sheet.png", "job.toml"}));
    EXPECT_EQ(count(ended.out, "\"stage\":\"load\",\"step\":1"), 1u);
    EXPECT_EQ(count(ended.out, "\"stage\":\"compile\",\"step\":1"), 1u);
    expect_says(parameters("fox-2.png"), {"a fox\nSteps: 2,", "CFG scale: 7.5, Seed: 1,"});
    expect_says(parameters("fox-3.png"), {"CFG scale: 5, Seed: 2,"});
    expect_says(parameters("a-cat.png"), {"a cat\nSteps: 2,", "Seed: 9,"});
}

TEST_F(RunCommand, EachModelIsOpenedOnceAndDrawsAllItsPictures) {
    link_tiny_model(folder / "other");
    job("prompt = \"a fox\"\noutput = \"fox.png\"\nseed = [1, 2]\nmodel = [\"other\", \"" + tiny_model() + "\"]\n");
    std::string text = read_file(folder / "job.toml");
    write_file(folder / "job.toml", text.substr(text.find('\n') + 1));  // without the model that job() names
    EXPECT_EQ(count(run({"--json"}).out, "\"stage\":\"load\",\"step\":1"), 2u);
    EXPECT_EQ(count(run({"--json"}).out, "\"stage\":\"load\",\"step\":1"), 2u);
    std::filesystem::remove(folder / "fox-1.png");
    EXPECT_EQ(count(run({"--json"}).out, "\"stage\":\"load\",\"step\":1"), 2u);
}

TEST_F(RunCommand, APictureInTheWayIsFoundBeforeAnyModelIsOpened) {
    job("prompt = \"a fox\"\noutput = \"fox.png\"\nseed = 1\nnegative-prompt = \"blurry\"\n");
    run();
    for (const std::string change : {"seed = 2", "negative-prompt = \"ugly\"", "clip-skip = 2", "eta = 0.5",
                                     "guidance-scale = 2", "sampler = \"lms\"", "rng = \"numpy\""}) {
        std::string asked = "prompt = \"a fox\"\noutput = \"fox.png\"\n" + change + "\n";
        if (change.find("seed") == std::string::npos) asked += "seed = 1\n";
        if (change.find("negative") == std::string::npos) asked += "negative-prompt = \"blurry\"\n";
        // The first picture could be drawn; the model of the second is found nowhere.
        write_file(folder / "job.toml", "[defaults]\nsteps = 2\n[[picture]]\nprompt = \"x\"\nmodel = \"" +
                                            tiny_model() + "\"\n[[picture]]\nmodel = \"no/where\"\n" + asked);
        expect_refused(easel({"run", "job.toml"}), 1, {"fox.png", "in the way", change.substr(0, change.find(' '))});
        expect_says(run({"--dry-run"}).out,
                    {"x.png: would be drawn", "fox.png: is another picture, in the way (it has"});
    }
    EXPECT_EQ(files(), (Names{"fox.png", "job.toml"}));
}

TEST_F(RunCommand, APictureInTheWayThatOnlyTheModelTellsIsFoundBeforeItsFirstIsDrawn) {
    job("prompt = \"a fox\"\noutput = \"fox.png\"\nseed = 1\n");
    run();
    link_tiny_model(folder / "other");
    write_file(folder / "job.toml",
               "model = \"other\"\nsteps = 2\nprompt = \"a fox\"\nseed = 1\n[[picture]]\noutput = \"new.png\"\n"
               "[[picture]]\noutput = \"fox.png\"\n");
    expect_says(run({"--dry-run"}).out, {"fox.png: is there already, if the model's own settings are those in it"});
    const Ended ended = easel({"run", "job.toml"});
    EXPECT_EQ(ended.exit_code, 1);
    expect_says(ended.err, {"fox.png", "in the way", "the model"});
    EXPECT_EQ(files(), (Names{"fox.png", "job.toml", "other"}));
}

TEST_F(RunCommand, PromptsMayBeInFilesAndPipes) {
    write_file(folder / "prompt.txt", "a fox,\nby night\n");
    job("prompt = [\"@prompt.txt\", \"@@home\"]\nseed = 1\noutput = \"p.png\"\n");
    run();
    EXPECT_TRUE(parameters("p-1.png").starts_with("a fox,\nby night\nSteps: 2,"));
    EXPECT_TRUE(parameters("p-2.png").starts_with("@home\nSteps: 2,"));
}

TEST_F(RunCommand, PicturesAreThoseOfGenerate) {
    job("prompt = \"a fox\"\nseed = [4]\nnegative-prompt = \"\"\noutput = \"job.png\"\n");
    run();
    EXPECT_EQ(easel({"a fox", "--seed", "4", "-m", tiny_model(), "--steps", "2", "-o", "alone.png"}).exit_code, 0);
    EXPECT_EQ(read_file(folder / "job.png"), read_file(folder / "alone.png"));
    EXPECT_EQ(files(), (Names{"alone.png", "job.png", "job.toml"})) << "no sheet of one picture";
}

TEST_F(RunCommand, SecondRunDrawsWhatIsMissing) {
    job(grid + "[[picture]]\nprompt = \"by chance\"\n");
    run();
    std::filesystem::remove(folder / "fox-3.png");
    const std::string chance = read_file(folder / "by-chance.png");
    EXPECT_EQ(count(run({"--dry-run"}).out, "would be drawn"), 1u);
    const Ended again = run();
    EXPECT_EQ(count(again.out, "(seed "), 1u) << again.out;
    expect_says(again.out, {"fox-3.png (seed 2)"});
    EXPECT_EQ(read_file(folder / "by-chance.png"), chance);
    EXPECT_EQ(run().out, "");
}

TEST_F(RunCommand, DrawsADamagedPictureAgain) {
    job("prompt = \"a fox\"\noutput = \"fox.png\"\nseed = [1, 2]\n");
    run();
    const std::string whole = read_file(folder / "fox-2.png");
    for (const std::size_t size : {whole.size() - 1, whole.size() - 12, whole.size() / 2, whole.size() - 40}) {
        write_file(folder / "fox-2.png", whole.substr(0, size));
        EXPECT_EQ(count(run({"--dry-run"}).out, "fox-1.png: would be drawn"), 0u);
        const Ended again = run();
        expect_says(again.err, {"fox-2.png: is damaged and is drawn again", "fox-1.png: is there already"});
        EXPECT_EQ(read_file(folder / "fox-2.png"), whole);
    }
}

TEST_F(RunCommand, PicturesDoNotReplaceWhatOthersAreDrawnFrom) {
    std::filesystem::copy(golden("inputs/init_64x64.png"), folder / "init.png");
    job("");
    refuse(2,
           "prompt = \"x\"\noverwrite = true\n[[picture]]\ninit-image = \"init.png\"\noutput = \"a.png\"\n"
           "[[picture]]\noutput = \"./init.png\"\n",
           {"bad.toml:6", "init.png", "init-image"});
    refuse(2, "prompt = \"x\"\ninit-image = \"-\"\n", {"bad.toml:1", "init-image -", "give a file"});
}

TEST_F(RunCommand, AnotherPictureInTheWayIsAnErrorUnlessOverwritten) {
    job("prompt = \"a fox\"\nseed = 1\noutput = \"fox.png\"\n");
    run();
    job("prompt = \"a fox\"\nseed = 2\noutput = \"fox.png\"\n");
    const Ended ended = easel({"run", "job.toml"});
    EXPECT_EQ(ended.exit_code, 1);
    expect_says(ended.err, {"fox.png", "in the way", "--overwrite"});
    expect_says(parameters("fox.png"), {"Seed: 1,"});
    run({"--overwrite"});
    expect_says(parameters("fox.png"), {"Seed: 2,"});
}

TEST_F(RunCommand, DryRunListsAndWritesNothing) {
    job(grid);
    const Ended ended = run({"--dry-run"});
    EXPECT_EQ(files(), Names{"job.toml"});
    expect_says(ended.out, {"fox-4.png: would be drawn: ", "guidance-scale 7.5", "seed 2", "a-cat.png"});
    EXPECT_EQ(ended.err, "");
}

TEST_F(RunCommand, SheetHasAllPicturesInTheGridsRows) {
    if (!can_write_labels()) GTEST_SKIP() << "no font is installed";
    job("prompt = \"a fox\"\noutput = \"fox.png\"\nseed = [1, 2]\nguidance-scale = [3, 5, 7]\n");
    run({"--sheet", "all.png"});
    const Picture sheet = read_picture(folder / "all.png"), second = read_picture(folder / "fox-2.png");
    EXPECT_GT(sheet.width, 3 * 64);
    EXPECT_LT(sheet.width, 4 * 130);
    bool found = false;  // the second picture in the first row
    for (int left = 64; left + 64 <= sheet.width && !found; ++left)
        for (int top = 0; top < 16 && !found; ++top) {
            found = true;
            for (int y = 0; y < 64 && found; ++y)
                found = std::equal(second.pixels.begin() + 192 * y, second.pixels.begin() + 192 * (y + 1),
                                   sheet.pixels.begin() + 3 * ((top + y) * sheet.width + left));
        }
    EXPECT_TRUE(found);
}

TEST_F(RunCommand, WithoutAFontThereIsNoSheetAndANote) {
    write_file(folder / "fonts.conf", "<?xml version=\"1.0\"?><fontconfig></fontconfig>");
    job("prompt = \"a fox\"\nseed = [1, 2]\n");
    const Ended ended =
        easel({"run", "job.toml"}, {.environment = {{"FONTCONFIG_FILE", (folder / "fonts.conf").string()}}});
    EXPECT_EQ(ended.exit_code, 0);
    expect_says(ended.err, {"no contact sheet", "font"});
    EXPECT_EQ(files(), (Names{"a-fox-1.png", "a-fox-2.png", "fonts.conf", "job.toml"}));
}

TEST_F(RunCommand, WhatMakesNoSenseIsRefusedWithItsLine) {
    refuse(2, "prompt = \"x\"\nstpes = 3", {"bad.toml:2", "\"stpes\"", "did you mean steps?"});
    refuse(2, "guidance_scale = 3", {"bad.toml:1", "guidance-scale"});
    refuse(2, "prompt = \"x\"\n\n[[picture]]\nsteps = 0", {"bad.toml:3", "num-inference-steps 0"});
    refuse(2, "prompt = \"x\"\nwidth = \"wide\"", {"bad.toml", "width", "wide"});
    refuse(2, "prompt = \"x\"\nsteps = []", {"bad.toml:2", "steps", "empty"});
    refuse(2, "prompt = \"x\"\nno-composite = 1", {"bad.toml:2", "no-composite", "true or false"});
    refuse(2, "prompt = \"x\"\nseed = {a = 1}", {"bad.toml:2", "seed"});
    refuse(2, "steps = 3\nnum-inference-steps = 4", {"bad.toml", "already"});
    refuse(2, "seed = 3", {"bad.toml:1", "no prompt"});
    refuse(2, "help = true", {"bad.toml:1: there is no setting \"help\"; the long flags"});
    refuse(2, "[[pictures]]\nprompt = \"x\"", {"bad.toml:1", "\"pictures\"", "[[picture]]"});
    refuse(2, "prompt = \"-\"", {"bad.toml:1", "standard input"});
    refuse(2, "prompt = \"x\"\n[[picture]]\noutput=\"x-1.png\"\n[[picture]]\noutput=\"x.png\"\nseed=[1,2]",
           {"two pictures", "x-1.png"});
    refuse(1, "prompt = \"x", {"bad.toml:1", "TOML"});
}

TEST_F(RunCommand, NothingIsDrawnBeforeTheModelAcceptsAllPictures) {
    const std::string job = "model = \"" + tiny_model() + "\"\nsteps = 2\nprompt = \"x\"\n[[picture]]\nseed = [1, 2]\n";
    refuse(2, job + "[[picture]]\nwidth = 100", {"bad.toml:6", "width 100", "96 and 104"});
    refuse(2, job + "[[picture]]\nclip-skip = 9", {"bad.toml:6", "clip-skip 9"});
    refuse(1, "prompt = \"x\"\n[[picture]]\nmodel = \"nowhere\"\n[[picture]]\nseed = 1\n", {"bad.toml:2", "nowhere"});
    refuse(1, job + "[[picture]]\ninit-image = \"nowhere.png\"", {"bad.toml:6", "nowhere.png"});
}

TEST_F(RunCommand, NothingIsDrawnBeforeAllModelsAreFound) {
    job("prompt = \"x\"\n[[picture]]\nseed = 1\n[[picture]]\nmodel = \"no/where\"\n");
    expect_refused(easel({"run", "job.toml"}, {.environment = {{"EASEL_OFFLINE", "1"}}}), 1,
                   {"job.toml:6", "no/where", "EASEL_OFFLINE"});
    EXPECT_EQ(files(), Names{"job.toml"});
}

TEST_F(RunCommand, HostileFilesAreRefused) {
    refuse(1, std::string("a = ").append(50'000, '['), {"bad.toml:1", "TOML"});
    std::string dots = "a";
    for (int i = 0; i < 50'000; ++i) dots += ".a";
    refuse(1, dots + " = 1", {"bad.toml:1", "dots"});
    refuse(1, std::string(2u << 20, '\n'), {"bad.toml"});
    refuse(1, "prompt = \"\xff\"", {"bad.toml:1"});
    std::string list = "[0";
    for (int i = 1; i < 400; ++i) list.append(",").append(std::to_string(i));
    list += "]\n";
    refuse(2, std::string("prompt = \"x\"\nseed = ").append(list).append("steps = ").append(list),
           {"more than 10000 pictures"});
}

}  // namespace
}  // namespace easel::testing
