package dev.kelvin.replica;

import dev.kelvin.raft.Entry;
import dev.kelvin.raft.SnapshotMeta;
import dev.kelvin.store.ClusterState;
import dev.kelvin.store.NoSpaceException;
import dev.kelvin.store.Outcome;
import dev.kelvin.store.StateMachine;
import dev.kelvin.store.StateMachine.Snapshot;
import java.util.ArrayList;
import java.util.List;
import org.jctools.queues.SpscUnboundedArrayQueue;

/** Feeds committed entries to the state machine, as many at once as wait, and answers for them. */
final class ApplyLoop implements StateMachine.Listener {
  /** Bounds one write to the state machine, and so how long a reader may have to wait for it. */
  private static final int MAX_BATCH_ENTRIES = 1024;

  private static final int MAX_BATCH_BYTES = 4 << 20;

  private sealed interface Task {
    record Apply(List<Entry> entries) implements Task {}

    record Install(SnapshotMeta meta, String path) implements Task {}
  }

  private final StateMachine stateMachine;
  private final Mailbox mailbox;
  private final Requests requests;
  private final long incarnation;
  private final ReplicaEvents events;
  private final SpscUnboundedArrayQueue<Task> tasks = new SpscUnboundedArrayQueue<>(256);
  private final ArrayList<Entry> batch = new ArrayList<>();
  private final LaneBatch answers = new LaneBatch();
  private List<Entry> left = List.of();
  private int leftFrom;
  private ClusterState cluster;
  private final SpaceWait space;
  final Wakeup wakeup = new Wakeup();

  ApplyLoop(
      StateMachine stateMachine,
      Mailbox mailbox,
      Requests requests,
      long incarnation,
      ReplicaEvents events,
      SpaceWait space) {
    this.stateMachine = stateMachine;
    this.mailbox = mailbox;
    this.requests = requests;
    this.incarnation = incarnation;
    this.events = events;
    this.space = space;
    this.cluster = stateMachine.cluster();
  }

  void apply(List<Entry> entries) {
    tasks.add(new Task.Apply(entries));
    wakeup.wake();
  }

  void install(SnapshotMeta meta, String path) {
    tasks.add(new Task.Install(meta, path));
    wakeup.wake();
  }

  boolean hasWork() {
    return !space.on() && (!batch.isEmpty() || leftFrom < left.size() || !tasks.isEmpty());
  }

  /** Any thread. */
  void spaceMayHaveCome() {
    space.mayEnd();
    wakeup.wake();
  }

  /** One batch; false when there was nothing to do. */
  boolean step() {
    if (space.on()) {
      return false;
    }
    if (!batch.isEmpty()) {
      // It met a full disk: the same again, nothing added and nothing skipped.
      return applyBatch();
    }
    int bytes = 0;
    while (batch.size() < MAX_BATCH_ENTRIES && bytes < MAX_BATCH_BYTES) {
      if (leftFrom < left.size()) {
        var entry = left.get(leftFrom++);
        batch.add(entry);
        bytes += entry.size();
      } else if (tasks.peek() instanceof Task.Apply(var entries)) {
        tasks.poll();
        left = entries;
        leftFrom = 0;
      } else {
        break;
      }
    }
    if (!batch.isEmpty()) {
      return applyBatch();
    }
    // Not polled before it is known for an install: what has arrived meanwhile comes next time.
    if (tasks.peek() instanceof Task.Install(var meta, var path)) {
      tasks.poll();
      installSnapshot(meta, path);
      return true;
    }
    return false;
  }

  /** False when there is no space for it: then nothing of it is applied. */
  private boolean applyBatch() {
    try {
      stateMachine.apply(batch, this);
    } catch (NoSpaceException e) {
      space.begin(e);
      return false;
    }
    space.end();
    answers.flush();
    noticeCluster();
    var last = batch.getLast();
    mailbox.put(new Control.Applied(last.index(), last.term()));
    batch.clear();
    return true;
  }

  private void installSnapshot(SnapshotMeta meta, String path) {
    boolean success = true;
    var snapshot = new Snapshot(meta, path);
    try {
      stateMachine.install(snapshot);
    } catch (StateMachine.BadSnapshotException e) {
      success = false;
      events.snapshotNotInstalled(meta, e);
      stateMachine.discard(snapshot);
    }
    mailbox.put(new Control.StoreInstalled(meta, success));
    if (success) {
      events.snapshotInstalled(meta);
      noticeCluster();
    }
  }

  /** Tells of new members and new addresses, however they came about. */
  private void noticeCluster() {
    var now = stateMachine.cluster();
    if (!now.equals(cluster)) {
      cluster = now;
      mailbox.put(new Control.ClusterChanged(now));
      events.cluster(now);
    }
  }

  @Override
  public boolean waits(long commandIncarnation, long request) {
    return commandIncarnation == incarnation && requests.contains(request);
  }

  @Override
  public void outcome(long request, Outcome outcome) {
    var pending = requests.take(request);
    if (pending != null) {
      pending.done(outcome, answers);
    }
  }

  @Override
  public void membership(long index, ClusterState now) {
    mailbox.put(new Control.MembershipApplied(index, now.membership()));
  }
}
