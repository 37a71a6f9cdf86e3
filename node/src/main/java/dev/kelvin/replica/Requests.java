package dev.kelvin.replica;

import dev.kelvin.replica.Replica.Completion;
import dev.kelvin.replica.Replica.Failure;
import dev.kelvin.store.Outcome;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;

/**
 * Proposals that clients of this node wait for, by request number. Bounded by count and bytes: that
 * is the credit without which nothing is admitted. Any thread registers, any thread takes.
 */
final class Requests {
  /** How many slots are tried for a new request before the table counts as full. */
  private static final int TRIES = 8;

  /** One proposal. Whoever takes it out of the table completes it; nobody else may. */
  static final class Pending {
    final long request;
    final byte[] command;
    final boolean membership;
    final Executor lane;
    final Completion completion;
    final long deadline;

    /** Term of the leader it was handed to; 0: certainly in no log. The raft loop's alone. */
    long sentTerm;

    private Pending(
        long request,
        byte[] command,
        boolean membership,
        Executor lane,
        Completion completion,
        long deadline) {
      this.request = request;
      this.command = command;
      this.membership = membership;
      this.lane = lane;
      this.completion = completion;
      this.deadline = deadline;
    }

    void done(Outcome outcome, LaneBatch batch) {
      batch.add(lane, () -> completion.done(outcome));
    }

    void fail(Failure failure, LaneBatch batch) {
      batch.add(lane, () -> completion.failed(failure));
    }
  }

  /** Builds the command's bytes once its request number is known. */
  interface Encoder {
    byte[] encode(long request);
  }

  private final AtomicReferenceArray<Pending> slots;
  private final int mask;
  private final long maxBytes;
  private final AtomicLong next = new AtomicLong(1);
  private final AtomicLong bytes = new AtomicLong();

  Requests(int capacity, long maxBytes) {
    if (Integer.bitCount(capacity) != 1) {
      throw new IllegalArgumentException("capacity must be a power of two, not " + capacity);
    }
    this.slots = new AtomicReferenceArray<>(capacity);
    this.mask = capacity - 1;
    this.maxBytes = maxBytes;
  }

  /** Returns null when there is no credit. */
  Pending register(
      Encoder encoder,
      int size,
      boolean membership,
      Executor lane,
      Completion completion,
      long deadline) {
    if (bytes.addAndGet(size) > maxBytes) {
      bytes.addAndGet(-size);
      return null;
    }
    for (int i = 0; i < TRIES; i++) {
      long request = next.getAndIncrement();
      int slot = (int) request & mask;
      if (slots.get(slot) == null) {
        var pending =
            new Pending(request, encoder.encode(request), membership, lane, completion, deadline);
        bytes.addAndGet(pending.command.length - size);
        if (slots.compareAndSet(slot, null, pending)) {
          return pending;
        }
        bytes.addAndGet(size - pending.command.length);
      }
    }
    bytes.addAndGet(-size);
    return null;
  }

  boolean contains(long request) {
    var pending = slots.get((int) request & mask);
    return pending != null && pending.request == request;
  }

  /** Looks without taking. */
  Pending get(long request) {
    var pending = slots.get((int) request & mask);
    return pending != null && pending.request == request ? pending : null;
  }

  /** Takes a request out, to be completed by the caller; null when somebody else did. */
  Pending take(long request) {
    int slot = (int) request & mask;
    var pending = slots.get(slot);
    if (pending == null
        || pending.request != request
        || !slots.compareAndSet(slot, pending, null)) {
      return null;
    }
    bytes.addAndGet(-pending.command.length);
    return pending;
  }

  /** How many are in the table, more or less: looks at every slot. */
  int count() {
    int count = 0;
    for (int i = 0; i < slots.length(); i++) {
      if (slots.get(i) != null) {
        count++;
      }
    }
    return count;
  }

  /** Visits what is in the table now. */
  void forEach(Consumer<Pending> visitor) {
    for (int i = 0; i < slots.length(); i++) {
      var pending = slots.get(i);
      if (pending != null) {
        visitor.accept(pending);
      }
    }
  }
}
