#pragma once

#include <mpi.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace vitreous::mpi {

struct MpiError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Throws MpiError with the library's own words unless `code` is MPI_SUCCESS.
void check(int code, const char* call);

// Messages under way together. A message longer than `cut_bytes` travels in several pieces, so that no count exceeds an
// int; pieces of one (peer, tag) keep their order. An empty message is one empty piece.
class Requests {
 public:
  Requests(MPI_Comm comm, std::int64_t cut_bytes) : comm_(comm), cut_bytes_(cut_bytes) {}

  void send(const void* data, std::int64_t bytes, int to, int tag);
  void receive(void* data, std::int64_t bytes, int from, int tag);
  // True once all are complete. Throws where one failed or a message came with another length than was expected.
  bool test();

 private:
  struct Expected {
    int bytes;  // −1 for a send
    int peer;
  };

  MPI_Comm comm_;
  std::int64_t cut_bytes_;
  std::vector<MPI_Request> requests_;
  std::vector<Expected> expected_;
};

}  // namespace vitreous::mpi
