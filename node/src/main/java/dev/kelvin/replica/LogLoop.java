package dev.kelvin.replica;

import dev.kelvin.log.DurableLog;
import dev.kelvin.log.LogFullException;
import dev.kelvin.peer.PeerMessage;
import dev.kelvin.peer.Transport;
import dev.kelvin.raft.Effects.Persist;
import dev.kelvin.raft.Message;
import dev.kelvin.raft.SnapshotMeta;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jctools.queues.MpscUnboundedArrayQueue;

/**
 * Writes what the core wants durable: takes everything that waits, appends it, syncs once, and only
 * then lets out the messages that promise it.
 */
final class LogLoop {
  private sealed interface Task {
    record Write(Persist persist) implements Task {}

    record Reset(SnapshotMeta snapshot) implements Task {}
  }

  private final long member;
  private final DurableLog log;
  private final Transport transport;
  private final Mailbox mailbox;
  private final MpscUnboundedArrayQueue<Task> tasks = new MpscUnboundedArrayQueue<>(256);
  private final AtomicInteger writes = new AtomicInteger();
  private final AtomicLong cutTo = new AtomicLong();
  private final List<Message> after = new ArrayList<>();
  private final Runnable grown;
  private final ReplicaEvents events;
  private final SpaceWait space;
  final Wakeup wakeup = new Wakeup();

  /**
   * @param grown called after each write: somebody may find the log too large
   */
  LogLoop(
      long member,
      DurableLog log,
      Transport transport,
      Mailbox mailbox,
      Runnable grown,
      ReplicaEvents events,
      SpaceWait space) {
    this.member = member;
    this.log = log;
    this.transport = transport;
    this.mailbox = mailbox;
    this.grown = grown;
    this.events = events;
    this.space = space;
  }

  /** Whether a write waits or is under way. */
  boolean busy() {
    return writes.get() > 0;
  }

  void write(Persist persist) {
    writes.incrementAndGet();
    tasks.add(new Task.Write(persist));
    wakeup.wake();
  }

  void reset(SnapshotMeta snapshot) {
    tasks.add(new Task.Reset(snapshot));
    wakeup.wake();
  }

  /** Drops what is at or below an index and no longer needed. */
  void truncate(long upTo) {
    cutTo.accumulateAndGet(upTo, Math::max);
    wakeup.wake();
  }

  boolean hasWork() {
    return cutTo.get() > 0 || writable();
  }

  private boolean writable() {
    return !tasks.isEmpty() && !space.on();
  }

  /** Any thread. */
  void spaceMayHaveCome() {
    space.mayEnd();
    wakeup.wake();
  }

  /** One batch; false when there was nothing to do. */
  boolean step() {
    // Beside the order of the writes: what it frees is what a write may wait for.
    long cut = cutTo.getAndSet(0);
    if (cut > 0) {
      truncatePrefix(cut);
    }
    if (!writable()) {
      return cut > 0;
    }
    boolean full = false;
    boolean appended = false;
    long lastIndex = 0;
    long lastTerm = 0;
    int taken = 0;
    // Taken out only when done: what meets a full disk stays first, and all after it waits.
    for (var task = tasks.peek(); task != null && !full; task = tasks.peek()) {
      if (task instanceof Task.Reset(var snapshot)) {
        finish(appended, lastTerm, lastIndex);
        appended = false;
        lastIndex = 0;
        full = !written(() -> log.reset(snapshot.index(), snapshot.term()));
        if (!full) {
          tasks.poll();
          mailbox.put(new Control.LogReset(snapshot));
        }
        continue;
      }
      var persist = ((Task.Write) task).persist();
      if (persist.hardState() != null || !persist.entries().isEmpty()) {
        full = !written(() -> log.append(persist.hardState(), persist.entries()));
        if (full) {
          break;
        }
        appended = true;
      }
      tasks.poll();
      taken++;
      if (!persist.entries().isEmpty()) {
        lastIndex = persist.entries().getLast().index();
        lastTerm = persist.entries().getLast().term();
      }
      after.addAll(persist.after());
    }
    finish(appended, lastTerm, lastIndex);
    writes.addAndGet(-taken);
    mailbox.wakeup.wake();
    return !full || taken > 0;
  }

  private boolean written(Runnable write) {
    try {
      write.run();
    } catch (LogFullException e) {
      space.begin(e);
      return false;
    }
    space.end();
    return true;
  }

  private void truncatePrefix(long upTo) {
    long before = log.firstIndex();
    log.truncatePrefix(upTo);
    if (log.firstIndex() > before) {
      space.mayEnd();
      events.logTruncated(log.firstIndex(), log.sizeOnDisk());
    }
  }

  private void finish(boolean appended, long lastTerm, long lastIndex) {
    if (appended) {
      log.sync();
    }
    if (lastIndex > 0) {
      mailbox.put(new Control.Persisted(lastTerm, lastIndex));
    }
    for (var message : after) {
      if (message.to() == member) {
        mailbox.put(new Control.ToSelf(message));
      } else {
        transport.send(new PeerMessage.Consensus(message));
      }
    }
    after.clear();
    if (appended) {
      grown.run();
    }
  }
}
