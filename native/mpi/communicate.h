#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "mpi/engine.h"
#include "mpi/task.h"

namespace vitreous::mpi {

// Called once on the engine's thread; an empty error is success.
using Settle = std::function<void(const std::string& error)>;

// Bytes that JavaScript holds until the call has settled.
struct View {
  char* data = nullptr;
  std::int64_t bytes = 0;
};

using Counts = std::vector<std::int64_t>;  // per rank, in rank order

// All of src/comm/types.ts, from point-to-point messages alone, so that several calls may be under way and a sum has the
// order of the ranks. `group` is an id of the engine; -1 is the world.
Task send(Engine& engine, int group, View bytes, int to, int tag, Settle settle);
Task receive(Engine& engine, int group, View bytes, int from, int tag, Settle settle);
Task shift(Engine& engine, int group, View outgoing, View incoming, Settle settle);
Task all_gather(Engine& engine, int group, View own, View all, Counts byte_counts, Settle settle);
Task all_to_all(Engine& engine, int group, View outgoing, Counts send_counts, View incoming, Counts receive_counts,
                Settle settle);
Task broadcast(Engine& engine, int group, View bytes, int root, Settle settle);
Task barrier(Engine& engine, int group, Settle settle);
// Writes rank and size within the new group into `facts`, two 32-bit integers.
Task split(Engine& engine, int group, int colour, int key, int id, View facts, Settle settle);
// Ends this process' part in the job: nothing may be under way.
Task finalize(Engine& engine, Settle settle);

// Sums (sums.cpp). Each rank owns a part of every stretch of `sum_elements`, adds what the others send for it in rank order,
// and sends the result round: every rank gets the same bytes.
Task all_reduce_sum(Engine& engine, int group, View doubles, Settle settle);
Task all_reduce_max(Engine& engine, int group, View doubles, Settle settle);
Task all_reduce_sum_fixed(Engine& engine, int group, View integers, Settle settle);
Task reduce_scatter_fixed(Engine& engine, int group, View integers, View own, Counts counts, Settle settle);

}  // namespace vitreous::mpi
