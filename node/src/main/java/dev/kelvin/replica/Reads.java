package dev.kelvin.replica;

import dev.kelvin.raft.Effects.ReadState;
import dev.kelvin.raft.Raft;
import dev.kelvin.replica.Replica.Barrier;
import dev.kelvin.replica.Replica.Failure;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Linearizable reads on their way: waiting to be asked about, asked about, and waiting until the
 * index they were given is applied. Reads that wait together share one question. The raft loop's
 * alone, except for the credit.
 */
final class Reads {
  /** Questions on their way at once; while they are, further reads gather for the next. */
  private static final int MAX_ASKED = 2;

  record Read(Executor lane, Barrier barrier, long deadline) {}

  private record Ready(long index, List<Read> reads) {}

  private final AtomicInteger credit;
  private final ReplicaMeter meter;
  private final PriorityQueue<Ready> ready =
      new PriorityQueue<>((a, b) -> Long.compare(a.index, b.index));
  private final Map<Long, List<Read>> asked = new HashMap<>();
  private List<Read> waiting = new ArrayList<>();
  private long nextContext;

  /**
   * @param firstContext contexts count up from here; random per start, so that none is used twice
   */
  Reads(int credit, long firstContext, ReplicaMeter meter) {
    this.meter = meter;
    this.credit = new AtomicInteger(credit);
    this.nextContext = firstContext;
  }

  /** Any thread; false when too many reads are waiting. */
  boolean admit() {
    if (credit.decrementAndGet() < 0) {
      credit.incrementAndGet();
      return false;
    }
    return true;
  }

  /** Returns what {@link #admit} took, for a read that was not added. */
  void giveBack() {
    credit.incrementAndGet();
  }

  void add(Read read) {
    waiting.add(read);
  }

  /** Asks the core about the waiting reads. */
  void ask(Raft raft) {
    if (waiting.isEmpty() || asked.size() >= MAX_ASKED || raft.leader() == 0) {
      return;
    }
    long context = nextContext++;
    asked.put(context, waiting);
    waiting = new ArrayList<>();
    raft.readIndex(context);
  }

  void decided(ReadState state, long applied, LaneBatch batch) {
    var reads = asked.remove(state.context());
    if (reads == null) {
      return;
    }
    if (state.index() < 0) {
      meter.readIndexesFailed.increment();
      // A read may be asked about again at will: it changes nothing.
      waiting.addAll(reads);
    } else if (state.index() <= applied) {
      release(reads, batch);
    } else {
      ready.add(new Ready(state.index(), reads));
    }
  }

  void applied(long index, LaneBatch batch) {
    while (!ready.isEmpty() && ready.peek().index <= index) {
      release(ready.poll().reads, batch);
    }
  }

  /** Fails what is past its deadline. */
  void expire(long now, boolean leaderKnown, LaneBatch batch) {
    var failure = leaderKnown ? Failure.TIMEOUT : Failure.NO_LEADER;
    if (!waiting.isEmpty()) {
      var kept = new ArrayList<Read>(waiting.size());
      for (var read : waiting) {
        if (read.deadline <= now) {
          meter.slowReadIndexes.increment();
          fail(read, failure, batch);
        } else {
          kept.add(read);
        }
      }
      waiting = kept;
    }
    for (var reads : asked.values()) {
      reads.removeIf(
          read -> {
            boolean expired = expired(read, now, batch);
            if (expired) {
              meter.slowReadIndexes.increment();
            }
            return expired;
          });
    }
    for (var entry : ready) {
      entry.reads.removeIf(read -> expired(read, now, batch));
    }
  }

  void failAll(Failure failure, LaneBatch batch) {
    for (var read : waiting) {
      fail(read, failure, batch);
    }
    waiting.clear();
    asked.values().forEach(reads -> reads.forEach(read -> fail(read, failure, batch)));
    asked.clear();
    ready.forEach(entry -> entry.reads.forEach(read -> fail(read, failure, batch)));
    ready.clear();
  }

  private boolean expired(Read read, long now, LaneBatch batch) {
    if (read.deadline > now) {
      return false;
    }
    fail(read, Failure.TIMEOUT, batch);
    return true;
  }

  private void release(List<Read> reads, LaneBatch batch) {
    credit.addAndGet(reads.size());
    for (var read : reads) {
      batch.add(read.lane, read.barrier::reached);
    }
  }

  private void fail(Read read, Failure failure, LaneBatch batch) {
    credit.incrementAndGet();
    batch.add(read.lane, () -> read.barrier.failed(failure));
  }
}
