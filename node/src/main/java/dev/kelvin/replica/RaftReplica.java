package dev.kelvin.replica;

import dev.kelvin.log.DurableLog;
import dev.kelvin.peer.PeerMessage;
import dev.kelvin.peer.Transport;
import dev.kelvin.raft.Message.InstallSnapshot;
import dev.kelvin.raft.Raft;
import dev.kelvin.raft.RaftConfig;
import dev.kelvin.raft.RaftStatus;
import dev.kelvin.store.ClusterState;
import dev.kelvin.store.CommandCodec;
import dev.kelvin.store.CommandKind;
import dev.kelvin.store.MemberChangeCodec;
import dev.kelvin.store.Position;
import dev.kelvin.store.StateMachine;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/**
 * A replica put together: core, log, state machine and transport, and the loops between them.
 * Starts no thread and reads no clock: {@link ReplicaThreads} does in production, a scheduler in
 * simulation.
 */
public final class RaftReplica implements Replica, Transport.Receiver {
  private final Transport transport;
  private final ReplicaConfig config;
  private final CommandCodec codec;
  private final Mailbox mailbox;
  private final Requests requests;
  private final Reads reads;
  private final ReplicaMeter meter;
  private final RaftLoop raftLoop;
  private final LogLoop logLoop;
  private final ApplyLoop applyLoop;
  private final BackgroundLoop background;
  private final StateMachine stateMachine;
  private final DiskSpace space = new DiskSpace();
  private volatile Formats formats = new Formats(null, 1);
  private volatile boolean stopping;

  /** Lowest format of a cluster's members, kept for as long as the cluster is the same. */
  private record Formats(ClusterState cluster, int format) {}

  /**
   * @param log open; made to follow the state machine where a crash interrupted the installation of
   *     a snapshot
   * @throws IllegalStateException when log and state machine cannot belong together
   */
  public RaftReplica(
      ReplicaConfig config,
      RaftConfig raftConfig,
      DurableLog log,
      StateMachine stateMachine,
      Transport transport,
      CommandCodec codec,
      ReplicaEvents events,
      RandomGenerator random) {
    this.config = config;
    this.codec = codec;
    this.stateMachine = stateMachine;
    align(log, stateMachine.applied());
    var raft =
        new Raft(
            raftConfig,
            log,
            log.hardState(),
            stateMachine.cluster().membership(),
            stateMachine.applied().index(),
            random);
    mailbox = new Mailbox(config.maxRequests(), config.maxReads());
    requests = new Requests(config.maxRequests(), config.maxRequestBytes());
    meter = new ReplicaMeter(requests::count);
    reads = new Reads(config.maxReads(), random.nextLong(), meter);
    this.transport = transport;
    var admission = new Admission(space, codec);
    background =
        new BackgroundLoop(
            config,
            log,
            stateMachine,
            transport,
            mailbox,
            this::truncate,
            new SpaceWait(space, DiskSpace.Waiting.BACKGROUND, events));
    logLoop =
        new LogLoop(
            config.member(),
            log,
            transport,
            mailbox,
            background::logGrown,
            events,
            new SpaceWait(space, DiskSpace.Waiting.LOG, events));
    applyLoop =
        new ApplyLoop(
            stateMachine,
            mailbox,
            requests,
            config.incarnation(),
            events,
            new SpaceWait(space, DiskSpace.Waiting.STORE, events));
    var proposer = new Proposer(config.member(), raft, requests, transport, admission, meter);
    raftLoop =
        new RaftLoop(
            raft,
            mailbox,
            proposer,
            reads,
            logLoop,
            applyLoop,
            background,
            transport,
            stateMachine,
            events,
            admission,
            meter,
            raftConfig.heartbeatTicks());
  }

  /**
   * A snapshot is installed in the state machine first, then in the log. A crash in between leaves
   * a log that ends before the snapshot, or holds what another leader never committed.
   */
  private static void align(DurableLog log, Position applied) {
    mismatch(log, applied)
        .ifPresent(
            why -> {
              throw new IllegalStateException(why);
            });
    if (applied.index() > log.lastIndex() || log.term(applied.index()) != applied.term()) {
      log.reset(applied.index(), applied.term());
    }
  }

  /** Why a log cannot go on from what a store has applied, in words; empty if it can. */
  public static Optional<String> mismatch(DurableLog log, Position applied) {
    return applied.index() >= log.firstIndex() - 1
        ? Optional.empty()
        : Optional.of(
            "the store has applied entry %d, but the log begins at %d: they do not belong together. Put this member's store back, or remove the member and join again with an empty directory."
                .formatted(applied.index(), log.firstIndex()));
  }

  private void truncate(long upTo) {
    logLoop.truncate(upTo);
  }

  @Override
  public void propose(CommandKind kind, byte[] payload, Executor lane, Completion completion) {
    if (stopping) {
      lane.execute(() -> completion.failed(Failure.STOPPING));
      return;
    }
    boolean membership =
        kind == CommandKind.MEMBER && MemberChangeCodec.decode(payload).changesMembership();
    var pending =
        requests.register(
            request ->
                codec.encode(
                    format(), kind, config.member(), config.incarnation(), request, payload),
            payload.length,
            membership,
            lane,
            completion,
            raftLoop.now() + config.requestTimeoutTicks());
    if (pending == null) {
      lane.execute(() -> completion.failed(Failure.TOO_MANY_REQUESTS));
    } else if (!mailbox.proposals.offer(pending)) {
      requests.take(pending.request);
      lane.execute(() -> completion.failed(Failure.TOO_MANY_REQUESTS));
    } else {
      mailbox.wakeup.wake();
    }
  }

  /** The newest command format that every member can apply. */
  private int format() {
    var cluster = stateMachine.cluster();
    var known = formats;
    if (known.cluster != cluster) {
      // Before the members are known (the store has not caught up), any may be of the oldest.
      int lowest = cluster.members().isEmpty() ? 1 : codec.newestWritten();
      for (var member : cluster.members()) {
        lowest = Math.min(lowest, member.format());
      }
      known = new Formats(cluster, Math.max(1, lowest));
      formats = known;
    }
    return known.format;
  }

  @Override
  public void barrier(Executor lane, Barrier barrier) {
    if (stopping) {
      lane.execute(() -> barrier.failed(Failure.STOPPING));
      return;
    }
    var read = new Reads.Read(lane, barrier, raftLoop.now() + config.requestTimeoutTicks());
    if (!reads.admit()) {
      lane.execute(() -> barrier.failed(Failure.TOO_MANY_REQUESTS));
    } else if (!mailbox.reads.offer(read)) {
      reads.giveBack();
      lane.execute(() -> barrier.failed(Failure.TOO_MANY_REQUESTS));
    } else {
      mailbox.wakeup.wake();
    }
  }

  @Override
  public RaftStatus status() {
    return raftLoop.status();
  }

  @Override
  public long leaderSilenceTicks() {
    long heard = raftLoop.leaderHeardTick();
    return heard < 0 ? -1 : raftLoop.now() - heard;
  }

  @Override
  public void transferLeadership(long to) {
    mailbox.put(new Control.Transfer(to));
  }

  @Override
  public long term() {
    return raftLoop.status().term();
  }

  @Override
  public void receive(PeerMessage message) {
    if (!stopping) {
      mailbox.put(message);
    }
  }

  @Override
  public void receiveSnapshot(InstallSnapshot message, String path) {
    mailbox.put(new Control.SnapshotArrived(message, path));
  }

  @Override
  public void met(long member, String peerUrl) {
    transport.met(member, peerUrl);
  }

  @Override
  public void unreachable(long member) {
    mailbox.put(new Control.Unreachable(member));
  }

  /** What this replica counted since it was made. */
  public ReplicaMeter meter() {
    return meter;
  }

  /** Whether there is room on the disk, to be told by whoever measures it. */
  public DiskSpace space() {
    return space;
  }

  /** Lets what waits for disk space be tried again; to be called now and then. */
  public void trySpaceAgain() {
    if (space.anyWaits()) {
      logLoop.spaceMayHaveCome();
      applyLoop.spaceMayHaveCome();
      background.spaceMayHaveCome();
    }
  }

  /** 10 ms passed. */
  public void tick() {
    mailbox.tick();
  }

  /** Refuses everything new and lets every waiting request fail, at the raft loop's next batch. */
  public void stop() {
    stopping = true;
    mailbox.put(new Control.Stop());
  }

  /** One batch of the raft loop; false when it had nothing to do. */
  public boolean raftStep() {
    return raftLoop.step();
  }

  boolean stopped() {
    return raftLoop.stopped();
  }

  boolean raftHasWork() {
    return raftLoop.hasWork();
  }

  public boolean logStep() {
    return logLoop.step();
  }

  public boolean applyStep() {
    return applyLoop.step();
  }

  public boolean backgroundStep() {
    return background.step();
  }

  Mailbox mailbox() {
    return mailbox;
  }

  LogLoop logLoop() {
    return logLoop;
  }

  ApplyLoop applyLoop() {
    return applyLoop;
  }

  BackgroundLoop background() {
    return background;
  }
}
