#include "train/ranks.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/error.h"

#ifdef EASEL_GLOO
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#endif

namespace easel::train {

LostProcess::LostProcess()
    : Error(ErrorKind::failed,
            "another process of the run is gone; the weights are saved, and `resume` goes on from there") {}

#ifdef EASEL_GLOO

struct Ranks::Group {
    c10::intrusive_ptr<c10d::ProcessGroupGloo> gloo;
};

namespace {

struct Place {
    std::string host;
    std::uint16_t port = 0;
};

Place place_of(const std::string& rendezvous) {
    Place place;
    const std::size_t colon = std::min(rendezvous.rfind(':'), rendezvous.size());
    place.host = rendezvous.substr(0, colon);
    const char* const end = rendezvous.data() + rendezvous.size();
    const char* const begin = std::min(rendezvous.data() + colon + 1, end);
    const auto [stop, error] = std::from_chars(begin, end, place.port);
    if (place.host.empty() || error != std::errc() || stop != end || place.port == 0)
        refuse_value("rendezvous", rendezvous, "give host:port, such as 127.0.0.1:29500");
    return place;
}

}  // namespace

Ranks::Ranks(int rank, int count, const std::string& rendezvous) : rank_(rank), count_(count) {
    if (count < 1) refuse_value("ranks", count, "give a number of 1 or more");
    if (rank < 0 || rank >= count) refuse_value("rank", rank, "give a number from 0 to {}", count - 1);
    if (count == 1) return;
    const Place place = place_of(rendezvous);
    try {
        c10d::TCPStoreOptions meeting;
        meeting.port = place.port;
        meeting.isServer = rank == 0;
        meeting.numWorkers = static_cast<std::size_t>(count);
        const auto store = c10::make_intrusive<c10d::TCPStore>(place.host, meeting);
        const auto options = c10d::ProcessGroupGloo::Options::create();
        const bool is_local = place.host == "127.0.0.1" || place.host == "localhost";
        options->devices.push_back(is_local ? c10d::ProcessGroupGloo::createDeviceForHostname("127.0.0.1")
                                            : c10d::ProcessGroupGloo::createDefaultDevice());
        group_ = std::make_shared<Group>();
        group_->gloo = c10::make_intrusive<c10d::ProcessGroupGloo>(store, rank, count, options);
    } catch (const std::exception& error) {
        fail("`rendezvous` {}: the processes do not meet there ({:.200})", rendezvous, error.what());
    }
}

void Ranks::sum(torch::Tensor& values) const {
    if (!group_) return;
    try {
        std::vector<torch::Tensor> one = {values.to(torch::kCPU)};
        group_->gloo->allreduce(one)->wait();
        values.copy_(one[0]);
    } catch (const std::exception&) {
        throw LostProcess();
    }
}

#else

struct Ranks::Group {};

Ranks::Ranks(int /*rank*/, int count, const std::string& /*rendezvous*/) {
    if (count != 1) refuse_value("ranks", count, "this easel-train was built without Gloo, so give 1");
}

void Ranks::sum(torch::Tensor& /*values*/) const {}

#endif

bool Ranks::any(bool is_so) const {
    if (count_ == 1) return is_so;
    torch::Tensor count = torch::full({1}, is_so ? 1.0F : 0.0F);
    sum(count);
    return count.item<float>() > 0;
}

}  // namespace easel::train
