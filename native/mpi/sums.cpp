#include <algorithm>

#include "mpi/communicate.h"

namespace vitreous::mpi {

namespace {

// Fixed-point sums wrap like the accumulators they add, instead of being undefined beyond 2^63.
struct AddFixed {
  void operator()(std::int64_t& sum, std::int64_t value) const {
    sum = static_cast<std::int64_t>(static_cast<std::uint64_t>(sum) + static_cast<std::uint64_t>(value));
  }
};
struct Add {
  void operator()(double& sum, double value) const { sum += value; }
};
struct Larger {
  void operator()(double& sum, double value) const {
    if (value > sum || value != value) sum = value;
  }
};

struct Stretch {
  std::int64_t first;
  std::int64_t count;
};

// Rank's part of elements [first, first + count).
Stretch part_of(std::int64_t first, std::int64_t count, int rank, int size) {
  const std::int64_t from = count * rank / size;
  const std::int64_t to = count * (rank + 1) / size;
  return {first + from, to - from};
}

template <typename T>
constexpr std::int64_t width = sizeof(T);

// own += what the other ranks sent, in rank order, own among them.
template <typename T, typename Combine>
void combine_in_rank_order(T* own, const std::vector<T>& arrived, std::int64_t count, int rank, int size,
                           Combine combine) {
  for (std::int64_t i = 0; i < count; ++i) {
    T sum = rank == 0 ? own[i] : arrived[static_cast<std::size_t>(i)];
    for (int other = 1; other < size; ++other) {
      combine(sum, other == rank ? own[i] : arrived[static_cast<std::size_t>(other * count + i)]);
    }
    own[i] = sum;
  }
}

template <typename T, typename Combine>
Task all_reduce(Engine& engine, int group, View view, Combine combine, Settle settle) {
  try {
    Group& ranks = engine.group(group);
    const int tag = ranks.next_tag();
    const int size = ranks.size;
    T* values = reinterpret_cast<T*>(view.data);
    const std::int64_t total = view.bytes / width<T>;
    const std::int64_t stretch = engine.settings().sum_elements;
    std::vector<T> arrived;
    for (std::int64_t first = 0; size > 1 && first < total; first += stretch) {
      const std::int64_t length = std::min(stretch, total - first);
      const Stretch own = part_of(first, length, ranks.rank, size);
      arrived.resize(static_cast<std::size_t>(own.count * size));
      Requests parts = engine.requests(ranks.collectives);
      for (int step = 1; step < size; ++step) {
        const int from = (ranks.rank - step + size) % size;
        parts.receive(arrived.data() + from * own.count, own.count * width<T>, from, tag);
      }
      for (int step = 1; step < size; ++step) {
        const int to = (ranks.rank + step) % size;
        const Stretch theirs = part_of(first, length, to, size);
        parts.send(values + theirs.first, theirs.count * width<T>, to, tag);
      }
      co_await engine.wait(std::move(parts));
      combine_in_rank_order(values + own.first, arrived, own.count, ranks.rank, size, combine);
      Requests results = engine.requests(ranks.collectives);
      for (int step = 1; step < size; ++step) {
        const int from = (ranks.rank - step + size) % size;
        const Stretch theirs = part_of(first, length, from, size);
        results.receive(values + theirs.first, theirs.count * width<T>, from, tag);
      }
      for (int step = 1; step < size; ++step) {
        results.send(values + own.first, own.count * width<T>, (ranks.rank + step) % size, tag);
      }
      co_await engine.wait(std::move(results));
    }
  } catch (const MpiError& error) {
    settle(error.what());
    co_return;
  }
  settle({});
}

}  // namespace

Task all_reduce_sum(Engine& engine, int group, View doubles, Settle settle) {
  return all_reduce<double>(engine, group, doubles, Add{}, std::move(settle));
}

Task all_reduce_max(Engine& engine, int group, View doubles, Settle settle) {
  return all_reduce<double>(engine, group, doubles, Larger{}, std::move(settle));
}

Task all_reduce_sum_fixed(Engine& engine, int group, View integers, Settle settle) {
  return all_reduce<std::int64_t>(engine, group, integers, AddFixed{}, std::move(settle));
}

Task reduce_scatter_fixed(Engine& engine, int group, View integers, View own, Counts counts, Settle settle) {
  try {
    Group& ranks = engine.group(group);
    const int tag = ranks.next_tag();
    const int size = ranks.size;
    const auto* values = reinterpret_cast<const std::int64_t*>(integers.data);
    auto* sum = reinterpret_cast<std::int64_t*>(own.data);
    const std::int64_t stretch = engine.settings().sum_elements;
    Counts begin(counts.size() + 1);
    for (std::size_t r = 0; r < counts.size(); ++r) begin[r + 1] = begin[r] + counts[r];
    const auto mine = static_cast<std::size_t>(ranks.rank);
    std::copy_n(values + begin[mine], counts[mine], sum);
    const std::int64_t longest = *std::max_element(counts.begin(), counts.end());
    std::vector<std::int64_t> arrived;
    for (std::int64_t first = 0; size > 1 && first < longest; first += stretch) {
      const auto length = [&](int rank) {
        return std::clamp<std::int64_t>(counts[static_cast<std::size_t>(rank)] - first, 0, stretch);
      };
      const std::int64_t count = length(ranks.rank);
      arrived.resize(static_cast<std::size_t>(count * size));
      Requests requests = engine.requests(ranks.collectives);
      for (int step = 1; step < size; ++step) {
        const int from = (ranks.rank - step + size) % size;
        if (count > 0) requests.receive(arrived.data() + from * count, count * width<std::int64_t>, from, tag);
      }
      for (int step = 1; step < size; ++step) {
        const int to = (ranks.rank + step) % size;
        if (length(to) == 0) continue;
        requests.send(values + begin[static_cast<std::size_t>(to)] + first, length(to) * width<std::int64_t>, to, tag);
      }
      co_await engine.wait(std::move(requests));
      for (int other = 0; other < size; ++other) {
        if (other == ranks.rank) continue;
        const std::int64_t* part = arrived.data() + other * count;
        for (std::int64_t i = 0; i < count; ++i) AddFixed{}(sum[first + i], part[i]);
      }
    }
  } catch (const MpiError& error) {
    settle(error.what());
    co_return;
  }
  settle({});
}

}  // namespace vitreous::mpi
