package dev.kelvin.replica;

import dev.kelvin.log.DurableLog;
import dev.kelvin.peer.PeerMessage;
import dev.kelvin.peer.Transport;
import dev.kelvin.raft.Effects.Persist;
import dev.kelvin.raft.Message;
import dev.kelvin.raft.SnapshotMeta;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jctools.queues.MpscUnboundedArrayQueue;

/**
 * Writes what the core wants durable: takes everything that waits, appends it, syncs once, and only
 * then lets out the messages that promise it.
 */
final class LogLoop {
  private sealed interface Task {
    record Write(Persist persist) implements Task {}

    record Reset(SnapshotMeta snapshot) implements Task {}

    record Truncate(long upTo) implements Task {}
  }

  private final long member;
  private final DurableLog log;
  private final Transport transport;
  private final Mailbox mailbox;
  private final MpscUnboundedArrayQueue<Task> tasks = new MpscUnboundedArrayQueue<>(256);
  private final AtomicInteger writes = new AtomicInteger();
  private final List<Message> after = new ArrayList<>();
  private final Runnable grown;
  private final ReplicaEvents events;
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
      ReplicaEvents events) {
    this.member = member;
    this.log = log;
    this.transport = transport;
    this.mailbox = mailbox;
    this.grown = grown;
    this.events = events;
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
    tasks.add(new Task.Truncate(upTo));
    wakeup.wake();
  }

  boolean hasWork() {
    return !tasks.isEmpty();
  }

  /** One batch; false when there was nothing to do. */
  boolean step() {
    var task = tasks.poll();
    if (task == null) {
      return false;
    }
    boolean appended = false;
    long lastIndex = 0;
    long lastTerm = 0;
    int taken = 0;
    for (; task != null; task = tasks.poll()) {
      if (task instanceof Task.Reset(var snapshot)) {
        finish(appended, lastTerm, lastIndex);
        appended = false;
        lastIndex = 0;
        log.reset(snapshot.index(), snapshot.term());
        mailbox.put(new Control.LogReset(snapshot));
        continue;
      }
      if (task instanceof Task.Truncate(long upTo)) {
        truncatePrefix(upTo);
        continue;
      }
      taken++;
      var persist = ((Task.Write) task).persist();
      if (persist.hardState() != null || !persist.entries().isEmpty()) {
        log.append(persist.hardState(), persist.entries());
        appended = true;
      }
      if (!persist.entries().isEmpty()) {
        lastIndex = persist.entries().getLast().index();
        lastTerm = persist.entries().getLast().term();
      }
      after.addAll(persist.after());
    }
    finish(appended, lastTerm, lastIndex);
    writes.addAndGet(-taken);
    mailbox.wakeup.wake();
    return true;
  }

  private void truncatePrefix(long upTo) {
    long before = log.firstIndex();
    log.truncatePrefix(upTo);
    if (log.firstIndex() > before) {
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
