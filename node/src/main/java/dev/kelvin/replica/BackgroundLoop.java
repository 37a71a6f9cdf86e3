package dev.kelvin.replica;

import dev.kelvin.log.DurableLog;
import dev.kelvin.peer.Transport;
import dev.kelvin.raft.Message.InstallSnapshot;
import dev.kelvin.store.StateMachine;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;
import org.jctools.queues.SpscUnboundedArrayQueue;

/**
 * What may take long and must hold up nobody: checkpoints for members that fell behind, flushes
 * that let the log be cut, and the state machine's own housekeeping.
 */
final class BackgroundLoop {
  private record Send(long to, long term) {}

  private final ReplicaConfig config;
  private final DurableLog log;
  private final StateMachine stateMachine;
  private final Transport transport;
  private final Mailbox mailbox;
  private final LongConsumer truncate;
  private final SpscUnboundedArrayQueue<Send> sends = new SpscUnboundedArrayQueue<>(16);
  private final AtomicBoolean logGrown = new AtomicBoolean();

  /** By member, the term of the snapshot it waits for; the background thread's own. */
  private final Map<Long, Long> wanted = new LinkedHashMap<>();

  /**
   * By member, the index of the snapshot on its way: the log must be kept from there on. The
   * transport gives up after a bounded time, so that neither log nor files are kept for ever.
   */
  private final Map<Long, Long> onTheWay = new ConcurrentHashMap<>();

  final Wakeup wakeup = new Wakeup();

  /**
   * @param truncate has the log's own thread cut it up to an index
   */
  BackgroundLoop(
      ReplicaConfig config,
      DurableLog log,
      StateMachine stateMachine,
      Transport transport,
      Mailbox mailbox,
      LongConsumer truncate) {
    this.config = config;
    this.log = log;
    this.stateMachine = stateMachine;
    this.transport = transport;
    this.mailbox = mailbox;
    this.truncate = truncate;
  }

  void sendSnapshot(long to, long term) {
    sends.add(new Send(to, term));
    wakeup.wake();
  }

  /** The log was written to; looks whether it is past its limit. */
  void logGrown() {
    if (log.sizeOnDisk() > config.maxLogBytes() && logGrown.compareAndSet(false, true)) {
      wakeup.wake();
    }
  }

  boolean hasWork() {
    return !sends.isEmpty()
        || nextReceiver().isPresent()
        || logGrown.get()
        || log.spareWanted()
        || stateMachine.hasHousekeeping();
  }

  /** One piece of work; false when there was nothing to do. */
  boolean step() {
    for (var send = sends.poll(); send != null; send = sends.poll()) {
      wanted.put(send.to, send.term);
    }
    var to = nextReceiver();
    if (to.isPresent()) {
      send(to.get(), wanted.remove(to.get()));
      return true;
    }
    if (logGrown.get()) {
      cutLog();
      logGrown.set(false);
      return true;
    }
    if (log.spareWanted()) {
      log.prepareSpare();
      return true;
    }
    return stateMachine.housekeep();
  }

  /**
   * Only so many files are kept beside the live ones, and a member takes one snapshot at a time.
   */
  private Optional<Long> nextReceiver() {
    return onTheWay.size() >= Transport.SNAPSHOTS_AT_ONCE
        ? Optional.empty()
        : wanted.keySet().stream().filter(to -> !onTheWay.containsKey(to)).findFirst();
  }

  private void send(long to, long term) {
    var snapshot = stateMachine.checkpoint();
    var meta = snapshot.meta();
    onTheWay.put(to, meta.index());
    transport.sendSnapshot(
        new InstallSnapshot(config.member(), to, term, meta),
        snapshot,
        success -> {
          try {
            stateMachine.discard(snapshot);
          } finally {
            onTheWay.remove(to);
            mailbox.put(new Control.SnapshotSent(to, term, meta, success));
            wakeup.wake();
          }
        });
  }

  private void cutLog() {
    stateMachine.flush();
    long upTo = stateMachine.durable().index() - config.keptEntries();
    for (long index : onTheWay.values()) {
      upTo = Math.min(upTo, index);
    }
    if (upTo >= log.firstIndex()) {
      truncate.accept(upTo);
    }
  }
}
