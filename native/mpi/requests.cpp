#include "mpi/requests.h"

#include <algorithm>

namespace vitreous::mpi {

void check(int code, const char* call) {
  if (code == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING] = {};
  int length = 0;
  MPI_Error_string(code, text, &length);
  throw MpiError(std::string(call) + ": " + std::string(text, static_cast<std::size_t>(length)));
}

void Requests::send(const void* data, std::int64_t bytes, int to, int tag) {
  const auto* place = static_cast<const char*>(data);
  std::int64_t done = 0;
  do {
    const int count = static_cast<int>(std::min(cut_bytes_, bytes - done));
    MPI_Request request = MPI_REQUEST_NULL;
    check(MPI_Isend(place + done, count, MPI_BYTE, to, tag, comm_, &request), "send");
    requests_.push_back(request);
    expected_.push_back({-1, to});
    done += count;
  } while (done < bytes);
}

void Requests::receive(void* data, std::int64_t bytes, int from, int tag) {
  auto* place = static_cast<char*>(data);
  std::int64_t done = 0;
  do {
    const int count = static_cast<int>(std::min(cut_bytes_, bytes - done));
    MPI_Request request = MPI_REQUEST_NULL;
    check(MPI_Irecv(place + done, count, MPI_BYTE, from, tag, comm_, &request), "receive");
    requests_.push_back(request);
    expected_.push_back({count, from});
    done += count;
  } while (done < bytes);
}

bool Requests::test() {
  if (requests_.empty()) return true;
  std::vector<MPI_Status> statuses(requests_.size());
  int is_done = 0;
  const int code = MPI_Testall(static_cast<int>(requests_.size()), requests_.data(), &is_done, statuses.data());
  if (code == MPI_SUCCESS && is_done == 0) return false;
  for (std::size_t i = 0; i < statuses.size(); ++i) {
    const std::string peer = "rank " + std::to_string(expected_[i].peer);
    if (code != MPI_SUCCESS) {
      const int error = code == MPI_ERR_IN_STATUS ? statuses[i].MPI_ERROR : code;
      if (error == MPI_ERR_PENDING) continue;
      if (error == MPI_ERR_TRUNCATE) {
        throw MpiError("receive: expected " + std::to_string(expected_[i].bytes) + " bytes from " + peer + ", got more.");
      }
      check(error, ("message with " + peer).c_str());
      continue;
    }
    if (expected_[i].bytes < 0) continue;
    int bytes = 0;
    MPI_Get_count(&statuses[i], MPI_BYTE, &bytes);
    if (bytes != expected_[i].bytes) {
      throw MpiError("receive: expected " + std::to_string(expected_[i].bytes) + " bytes from " + peer + ", got " +
                     std::to_string(bytes) + ".");
    }
  }
  requests_.clear();
  return true;
}

}  // namespace vitreous::mpi
