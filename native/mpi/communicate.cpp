#include "mpi/communicate.h"

#include <cstring>

namespace vitreous::mpi {

Task send(Engine& engine, int group, View bytes, int to, int tag, Settle settle) {
  try {
    Requests requests = engine.requests(engine.group(group).points);
    requests.send(bytes.data, bytes.bytes, to, tag);
    co_await engine.wait(std::move(requests));
  } catch (const MpiError& error) {
    settle(error.what());
    co_return;
  }
  settle({});
}

Task receive(Engine& engine, int group, View bytes, int from, int tag, Settle settle) {
  try {
    Requests requests = engine.requests(engine.group(group).points);
    requests.receive(bytes.data, bytes.bytes, from, tag);
    co_await engine.wait(std::move(requests));
  } catch (const MpiError& error) {
    settle(error.what());
    co_return;
  }
  settle({});
}

Task shift(Engine& engine, int group, View outgoing, View incoming, Settle settle) {
  try {
    Group& ring = engine.group(group);
    const int tag = ring.next_tag();
    Requests requests = engine.requests(ring.collectives);
    requests.receive(incoming.data, incoming.bytes, (ring.rank + ring.size - 1) % ring.size, tag);
    requests.send(outgoing.data, outgoing.bytes, (ring.rank + 1) % ring.size, tag);
    co_await engine.wait(std::move(requests));
  } catch (const MpiError& error) {
    settle(error.what());
    co_return;
  }
  settle({});
}

Task all_gather(Engine& engine, int group, View own, View all, Counts byte_counts, Settle settle) {
  try {
    Group& ranks = engine.group(group);
    const int tag = ranks.next_tag();
    Requests requests = engine.requests(ranks.collectives);
    char* place = all.data;
    for (int rank = 0; rank < ranks.size; ++rank) {
      const std::int64_t bytes = byte_counts[static_cast<std::size_t>(rank)];
      if (rank == ranks.rank) {
        if (bytes > 0) std::memcpy(place, own.data, static_cast<std::size_t>(bytes));
      } else {
        requests.receive(place, bytes, rank, tag);
      }
      place += bytes;
    }
    // Every rank begins with its neighbour, so that not all send to the same one.
    for (int step = 1; step < ranks.size; ++step) {
      requests.send(own.data, own.bytes, (ranks.rank + step) % ranks.size, tag);
    }
    co_await engine.wait(std::move(requests));
  } catch (const MpiError& error) {
    settle(error.what());
    co_return;
  }
  settle({});
}

Task all_to_all(Engine& engine, int group, View outgoing, Counts send_counts, View incoming, Counts receive_counts,
                Settle settle) {
  try {
    Group& ranks = engine.group(group);
    const int tag = ranks.next_tag();
    Requests requests = engine.requests(ranks.collectives);
    Counts send_at(send_counts.size());
    char* place = incoming.data;
    std::int64_t offset = 0;
    for (int rank = 0; rank < ranks.size; ++rank) {
      const auto r = static_cast<std::size_t>(rank);
      send_at[r] = offset;
      offset += send_counts[r];
      if (rank == ranks.rank) {
        if (receive_counts[r] != send_counts[r]) throw MpiError("allToAll: a rank sends itself what it receives.");
        if (send_counts[r] > 0) {
          std::memcpy(place, outgoing.data + send_at[r], static_cast<std::size_t>(send_counts[r]));
        }
      } else {
        requests.receive(place, receive_counts[r], rank, tag);
      }
      place += receive_counts[r];
    }
    for (int step = 1; step < ranks.size; ++step) {
      const int to = (ranks.rank + step) % ranks.size;
      const auto r = static_cast<std::size_t>(to);
      requests.send(outgoing.data + send_at[r], send_counts[r], to, tag);
    }
    co_await engine.wait(std::move(requests));
  } catch (const MpiError& error) {
    settle(error.what());
    co_return;
  }
  settle({});
}

// Binomial tree: a rank hears from the one whose number (counted from the root) lacks its lowest bit.
Task broadcast(Engine& engine, int group, View bytes, int root, Settle settle) {
  try {
    Group& ranks = engine.group(group);
    const int tag = ranks.next_tag();
    const int size = ranks.size;
    const int place = (ranks.rank - root + size) % size;
    int bit = 1;
    for (; bit < size; bit <<= 1) {
      if ((place & bit) == 0) continue;
      Requests requests = engine.requests(ranks.collectives);
      requests.receive(bytes.data, bytes.bytes, (place - bit + root) % size, tag);
      co_await engine.wait(std::move(requests));
      break;
    }
    Requests requests = engine.requests(ranks.collectives);
    for (bit >>= 1; bit > 0; bit >>= 1) {
      if (place + bit < size) requests.send(bytes.data, bytes.bytes, (place + bit + root) % size, tag);
    }
    co_await engine.wait(std::move(requests));
  } catch (const MpiError& error) {
    settle(error.what());
    co_return;
  }
  settle({});
}

// Dissemination: after step k a rank has heard, through others, of the 2^k ranks before it.
Task barrier(Engine& engine, int group, Settle settle) {
  try {
    Group& ranks = engine.group(group);
    const int tag = ranks.next_tag();
    for (int reach = 1; reach < ranks.size; reach <<= 1) {
      Requests requests = engine.requests(ranks.collectives);
      requests.receive(nullptr, 0, (ranks.rank - reach + ranks.size) % ranks.size, tag);
      requests.send(nullptr, 0, (ranks.rank + reach) % ranks.size, tag);
      co_await engine.wait(std::move(requests));
    }
  } catch (const MpiError& error) {
    settle(error.what());
    co_return;
  }
  settle({});
}

Task split(Engine& engine, int group, int colour, int key, int id, View facts, Settle settle) {
  try {
    Group& ranks = engine.group(group);
    MPI_Comm parent = ranks.collectives;
    // MPI_Comm_split blocks the engine: all ranks are here first, so that it does so for an instant only.
    const int tag = ranks.next_tag();
    for (int reach = 1; reach < ranks.size; reach <<= 1) {
      Requests requests = engine.requests(parent);
      requests.receive(nullptr, 0, (ranks.rank - reach + ranks.size) % ranks.size, tag);
      requests.send(nullptr, 0, (ranks.rank + reach) % ranks.size, tag);
      co_await engine.wait(std::move(requests));
    }
    Group part;
    check(MPI_Comm_split(parent, colour, key, &part.points), "MPI_Comm_split");
    check(MPI_Comm_dup(part.points, &part.collectives), "MPI_Comm_dup");
    MPI_Comm_set_errhandler(part.points, MPI_ERRORS_RETURN);
    MPI_Comm_set_errhandler(part.collectives, MPI_ERRORS_RETURN);
    MPI_Comm_rank(part.points, &part.rank);
    MPI_Comm_size(part.points, &part.size);
    const std::int32_t place[2] = {part.rank, part.size};
    std::memcpy(facts.data, place, sizeof place);
    engine.add_group(id, part);
  } catch (const MpiError& error) {
    settle(error.what());
    co_return;
  }
  settle({});
}

Task finalize(Engine& engine, Settle settle) {
  try {
    Group& ranks = engine.group(-1);
    const int tag = ranks.next_tag();
    for (int reach = 1; reach < ranks.size; reach <<= 1) {
      Requests requests = engine.requests(ranks.collectives);
      requests.receive(nullptr, 0, (ranks.rank - reach + ranks.size) % ranks.size, tag);
      requests.send(nullptr, 0, (ranks.rank + reach) % ranks.size, tag);
      co_await engine.wait(std::move(requests));
    }
    engine.say_goodbye();
    engine.finish();
  } catch (const MpiError& error) {
    settle(error.what());
    co_return;
  }
  settle({});
}

}  // namespace vitreous::mpi
