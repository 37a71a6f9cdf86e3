package dev.kelvin.replica;

import dev.kelvin.log.DurableLog;
import dev.kelvin.peer.Transport;
import dev.kelvin.raft.Message.InstallSnapshot;
import dev.kelvin.store.NoSpaceException;
import dev.kelvin.store.StateMachine;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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

  /** Members that a snapshot is on its way to. */
  private final Set<Long> onTheWay = ConcurrentHashMap.newKeySet();

  /**
   * By member, the index of its snapshot: the log is kept from there on while the snapshot is on
   * its way and, until {@link #release}, while the member catches up behind it. Both are bounded in
   * time.
   */
  private final Map<Long, Long> held = new ConcurrentHashMap<>();

  /** Log size at which it is to be cut. */
  private volatile long cutAt;

  private final SpaceWait space;

  /** Housekeeping removed something that was not flushed for the sake of space since. */
  private boolean tidied;

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
      LongConsumer truncate,
      SpaceWait space) {
    this.config = config;
    this.log = log;
    this.stateMachine = stateMachine;
    this.transport = transport;
    this.mailbox = mailbox;
    this.truncate = truncate;
    this.space = space;
    this.cutAt = config.maxLogBytes();
  }

  void sendSnapshot(long to, long term) {
    sends.add(new Send(to, term));
    wakeup.wake();
  }

  /** The log was written to; looks whether it is past its limit. */
  void logGrown() {
    if (log.sizeOnDisk() > cutAt && logGrown.compareAndSet(false, true)) {
      wakeup.wake();
    }
  }

  boolean hasWork() {
    return !space.on()
        && (!sends.isEmpty()
            || nextReceiver().isPresent()
            || logGrown.get()
            || log.spareWanted()
            || stateMachine.hasHousekeeping()
            || reclaims());
  }

  /** Any thread. */
  void spaceMayHaveCome() {
    space.mayEnd();
    wakeup.wake();
  }

  /** One piece of work; false when there was nothing to do, or no space to do it. */
  boolean step() {
    if (space.on()) {
      return false;
    }
    try {
      boolean worked = work();
      space.end();
      return worked;
    } catch (NoSpaceException e) {
      space.begin(e);
      return false;
    }
  }

  /** Each stays where it is until it is done: it may meet a full disk and is tried again then. */
  private boolean work() {
    for (var send = sends.poll(); send != null; send = sends.poll()) {
      wanted.put(send.to, send.term);
    }
    var to = nextReceiver();
    if (to.isPresent()) {
      send(to.get(), wanted.get(to.get()));
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
    if (stateMachine.housekeep()) {
      tidied = true;
      return true;
    }
    if (reclaims()) {
      // What was removed frees nothing before the removals themselves reach the disk.
      stateMachine.flush();
      tidied = false;
      return true;
    }
    return false;
  }

  private boolean reclaims() {
    return tidied && space.isShort();
  }

  /**
   * Only so many files are kept beside the live ones, and a member takes one snapshot at a time.
   */
  private Optional<Long> nextReceiver() {
    return onTheWay.size() >= Transport.SNAPSHOTS_AT_ONCE
        ? Optional.empty()
        : wanted.keySet().stream().filter(to -> !onTheWay.contains(to)).findFirst();
  }

  private void send(long to, long term) {
    var snapshot = stateMachine.checkpoint();
    wanted.remove(to);
    var meta = snapshot.meta();
    onTheWay.add(to);
    held.put(to, meta.index());
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

  /** The log is not kept for this member any longer, unless for its next snapshot; any thread. */
  void release(long member) {
    if (!onTheWay.contains(member)) {
      held.remove(member);
    }
    cutAt = config.maxLogBytes();
  }

  private void cutLog() {
    stateMachine.flush();
    long durable = stateMachine.durable().index();
    long bySize = log.baseWithin(config.maxLogBytes() / 2);
    long wanted = Math.min(durable, Math.max(durable - config.keptEntries(), bySize));
    long upTo = wanted;
    for (long index : held.values()) {
      upTo = Math.min(upTo, index);
    }
    if (upTo < wanted) {
      // A flush for every write from here on would be of no use.
      cutAt = log.sizeOnDisk() + config.maxLogBytes() / 8;
    }
    if (upTo >= log.firstIndex()) {
      truncate.accept(upTo);
    }
  }
}
