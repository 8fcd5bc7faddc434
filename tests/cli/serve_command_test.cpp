#include <csignal>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/program.h"

namespace easel::testing {
namespace {

/// A port of this machine that is taken while this lives.
class TakenPort {
  public:
    TakenPort() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof(address);
        EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), size), 0);
        EXPECT_EQ(::listen(socket_, 1), 0);
        EXPECT_EQ(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size), 0);
        number_ = std::to_string(ntohs(address.sin_port));
    }
    ~TakenPort() { ::close(socket_); }
    TakenPort(const TakenPort&) = delete;
    TakenPort& operator=(const TakenPort&) = delete;

    const std::string& number() const { return number_; }

  private:
    int socket_;
    std::string number_;
};

class ServeCommand : public ProgramTest {};

TEST_F(ServeCommand, TellsItsAddressAndEndsOnATermination) {
    Program program(folder.path(), {"serve", "--port", "0", "-m", tiny_model()});
    ASSERT_TRUE(program.wait_for("ready to draw"));
    program.send(SIGTERM);
    const Ended ended = program.end();
    EXPECT_EQ(ended.exit_code, 0);
    EXPECT_NE(ended.out.find("http://127.0.0.1:"), std::string::npos) << ended.out;
    EXPECT_TRUE(files().empty());
}

TEST_F(ServeCommand, TakesNoPortThatAnotherProgramHas) {
    const TakenPort taken;
    expect_refused(easel({"serve", "--port", taken.number(), "-m", tiny_model()}), 1, {"--port", taken.number()});
}

TEST_F(ServeCommand, WantsAPasswordWhereOthersCanReachIt) {
    expect_refused(easel({"serve", "--host", "0.0.0.0", "--port", "0", "-m", tiny_model()}), 2,
                   {"--host", "0.0.0.0", "--auth", "--no-auth"});
    expect_refused(easel({"serve", "--auth", "word", "--port", "0", "-m", tiny_model()}), 2, {"--auth", "colon"});
}

TEST_F(ServeCommand, RefusesWhatItCannotServe) {
    expect_refused(easel({"serve", "--port", "0", "-m", "none-such"}), 1, {"none-such"});
    expect_refused(easel({"serve", "--port", "70000", "-m", tiny_model()}), 2, {"--port"});
    expect_refused(easel({"serve", "--port", "0", "--models", "none-such", "-m", tiny_model()}), 1,
                   {"--models", "none-such"});
    expect_refused(easel({"serve", "--host", "no.such.name.invalid", "--no-auth", "-m", tiny_model()}), 1, {"--host"});
}

TEST_F(ServeCommand, RefusesSettingsThatCannotBe) {
    const auto serve = [](std::vector<std::string> more) {
        more.insert(more.begin(), {"serve", "--port", "0", "-m", tiny_model()});
        return more;
    };
    write_file(folder / "file", "mine");
    expect_refused(easel(serve({"--save-dir", "file"})), 1, {"--save-dir", "file"});
    expect_refused(easel(serve({"--fixed-model", "--models", "."})), 2, {"--fixed-model", "--models"});
    expect_refused(easel(serve({"--server-id", "a/b"})), 2, {"--server-id", "a/b"});
    expect_refused(easel(serve({"--drain-delay", "-1"})), 2, {"--drain-delay"});
    expect_refused(easel(serve({"--max-per-client", "many"})), 2, {"--max-per-client"});
    EXPECT_EQ(read_file(folder / "file"), "mine");
}

TEST_F(ServeCommand, TakesATinyAutoencoderForPreviews) {
    const std::string decoder = golden("families/taesd/taesd_decoder.safetensors");
    const std::string encoder = golden("families/taesd/taesd_encoder.safetensors");
    const auto with_config = [&](const std::string& file) {
        write_file(folder / "easel/config.toml", "preview-taesd = \"" + file + "\"\n");
        return Surroundings{.environment = {{"XDG_CONFIG_HOME", folder.path().string()}}};
    };
    const std::vector<std::string> serve = {"serve", "--port", "0", "-m", tiny_model()};
    std::vector<std::string> with_flag = serve;
    with_flag.insert(with_flag.end(), {"--preview-taesd", "none-such"});
    // The address is there before the model is.
    const auto expect_not_served = [](Ended run, int exit_code, const std::vector<std::string>& parts) {
        EXPECT_TRUE(std::exchange(run.out, "").starts_with("easel: http://127.0.0.1:"));
        expect_refused(run, exit_code, parts);
    };
    expect_not_served(easel(with_flag), 2, {"--preview-taesd none-such", "no such file or folder"});
    expect_not_served(easel(serve, with_config(encoder)), 1, {"taesd_encoder.safetensors", "give its decoder"});

    with_flag.back() = decoder;
    Program program(folder.path(), with_flag, with_config(encoder));
    EXPECT_TRUE(program.wait_for("ready to draw")) << "the flag counts, not the configuration";
    program.send(SIGTERM);
    EXPECT_EQ(program.end().exit_code, 0);

    // Nobody sees previews of other commands.
    const std::vector<std::string> draw = {"a fox", "-m", tiny_model(), "-o", "fox.png"};
    EXPECT_EQ(easel(draw, with_config(encoder)).exit_code, 0);
    expect_refused(easel({"a fox", "-m", tiny_model(), "--preview-taesd", decoder}), 2, {"--preview-taesd"});
}

TEST_F(ServeCommand, WritesItsAddressToOutputAndItsLogToErrorAsJson) {
    Program program(folder.path(), {"serve", "--port", "0", "-m", tiny_model()});
    ASSERT_TRUE(program.wait_for("ready to draw"));
    program.send(SIGTERM);
    const Ended ended = program.end();
    EXPECT_EQ(ended.err, "");
    EXPECT_NE(ended.out.find("easel: ended"), std::string::npos) << ended.out;
}

}  // namespace
}  // namespace easel::testing
