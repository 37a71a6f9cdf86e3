package dev.kelvin.raft;

import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Consensus core of one replica: Raft (Ongaro and Ousterhout, "In Search of an Understandable
 * Consensus Algorithm"; Ongaro's dissertation) in the shape of etcd-io/raft. It has no thread,
 * clock, lock or file. Inputs are method calls, from one thread; after a batch of them {@link
 * #effects} tells what must be done outside. Violated invariants throw {@link
 * IllegalStateException}: the replica must then stop.
 *
 * <p>Obligations of the driver:
 *
 * <ul>
 *   <li>What a {@link Effects.Persist} holds is written in order; once it is durable {@link
 *       #persisted} is called with the last entry written (not at all if none was), then the
 *       messages in {@code after} are sent. One sync may cover several.
 *   <li>A message in {@code after} addressed to this member itself is stepped back into the core
 *       with {@link #step}: it is a candidate's own ballot, which counts only once it is durable.
 *   <li>Entries handed out are reported {@link #applied} in order, a change of membership by {@link
 *       #membershipApplied} instead (or before), also when it changed nothing.
 *   <li>An {@link Effects#install} is answered by {@link #snapshotInstalled} or {@link
 *       #snapshotFailed}. It may come with later effects than those of the step that brought the
 *       {@link Message.InstallSnapshot}, or never; it names the snapshot meant.
 * </ul>
 */
public final class Raft {
  private final RaftConfig config;
  private final RaftLog log;
  private final DurableTerm durable;
  private final Outbox out = new Outbox();
  private final Followership followership;
  private final ForwardedReads forwarded = new ForwardedReads();
  private final Roles roles;
  private long ticks;
  private long nextReadRound = 1;

  /**
   * Restores a replica, as a follower.
   *
   * @param log the persisted log
   * @param hardState the persisted hard state, {@link HardState#EMPTY} for a new replica
   * @param membership membership as of {@code applied}
   * @param applied index that the state machine has applied
   * @param random draws timeouts
   */
  public Raft(
      RaftConfig config,
      EntrySource log,
      HardState hardState,
      Membership membership,
      long applied,
      RandomGenerator random) {
    this.config = config;
    this.log = new RaftLog(log, hardState.commit(), applied);
    this.durable = new DurableTerm(hardState);
    var promises = new Promises(this.log, durable, out);
    this.followership = new Followership(config.member(), this.log, durable, out, promises);
    this.roles =
        new Roles(
            config, this.log, durable, out, promises, followership, forwarded, membership, random);
    long lastTerm = this.log.lastTerm();
    if (lastTerm > hardState.term() && log.lastIndex() < log.firstIndex()) {
      // A crash right after an install, before its term was written: no vote was given in it.
      durable.set(lastTerm, 0);
    } else if (lastTerm > hardState.term()) {
      throw new IllegalStateException(
          "the log's last term is " + lastTerm + ", the hard state's only " + hardState.term());
    }
  }

  /** 10 ms passed. */
  public void tick() {
    ticks++;
    forwarded.expire(ticks, out);
    roles.tick();
  }

  /**
   * Takes a message from another member, or one's own out of {@link Effects.Persist#after}. Stale,
   * misdirected and duplicate messages are harmless.
   */
  public void step(Message message) {
    if (message.to() != config.member()) {
      return;
    }
    if (message.from() == config.member()) {
      if (message instanceof Message.VoteResponse ballot && ballot.term() == term()) {
        // The vote cannot change again in this term, so the latest hard state is durable.
        durable.allDurable();
        roles.ownBallot(ballot);
      }
      return;
    }
    switch (message) {
      // Reads carry no authority: a round of heartbeats decides, so their terms do not matter.
      case Message.ReadIndexRequest request -> handle(request);
      case Message.ReadIndexResponse response -> {
        if (forwarded.remove(response.context())) {
          out.read(response.context(), response.index());
        }
      }
      default -> {
        if (roles.admit(message)) {
          dispatch(message);
        }
      }
    }
  }

  private void dispatch(Message message) {
    switch (message) {
      case Message.VoteRequest request -> roles.handle(request);
      case Message.VoteResponse response -> roles.handle(response);
      case Message.AppendRequest request -> {
        roles.hear(request.from());
        followership.handle(request);
      }
      case Message.Heartbeat heartbeat -> {
        roles.hear(heartbeat.from());
        followership.handle(heartbeat);
      }
      case Message.InstallSnapshot install -> {
        roles.hear(install.from());
        followership.handle(install);
      }
      case Message.AppendResponse response -> {
        if (isLeader()) {
          leadership().handle(response);
        }
      }
      case Message.HeartbeatResponse response -> {
        if (isLeader()) {
          leadership().handle(response);
        }
      }
      case Message.TimeoutNow now -> roles.toldToStand();
      case Message.ReadIndexRequest request -> handle(request);
      case Message.ReadIndexResponse response -> {}
    }
  }

  private void handle(Message.ReadIndexRequest request) {
    if (isLeader()) {
      leadership().read(request.from(), request.context());
    } else {
      out.send(
          new Message.ReadIndexResponse(
              config.member(), request.from(), term(), request.context(), -1));
    }
  }

  /** Outcome of {@link #propose}. */
  public enum Accepted {
    YES,
    NOT_LEADER,
    /** Leadership is being handed over; hold the proposals for the next leader. */
    TRANSFERRING,
    /** Too much is uncommitted. */
    OVERLOADED,
    /** Membership change only: one is in flight, or none of the own term has committed yet. */
    CHANGE_PENDING
  }

  /** Appends all of them, in order, or none. */
  public Accepted propose(List<byte[]> commands) {
    return isLeader() ? leadership().propose(commands) : Accepted.NOT_LEADER;
  }

  /**
   * Appends a change of membership. It takes effect when {@link #membershipApplied} reports it; the
   * core does not look into it. A change may add, remove, promote or demote one member.
   */
  public Accepted proposeMembership(byte[] command) {
    return isLeader() ? leadership().proposeMembership(command) : Accepted.NOT_LEADER;
  }

  /**
   * Asks for an index at which a local read is linearizable. Ends in exactly one {@link
   * Effects.ReadState}.
   *
   * @param context never used before by this member, not even before a restart that others may not
   *     have noticed
   */
  public void readIndex(long context) {
    if (isLeader()) {
      leadership().read(config.member(), context);
    } else if (leader() != 0) {
      if (forwarded.add(context, ticks + config.electionTicks())) {
        out.send(new Message.ReadIndexRequest(config.member(), leader(), term(), context));
      } else {
        out.read(context, -1);
      }
    } else {
      out.read(context, -1);
    }
  }

  /**
   * Begins to hand leadership to a voter (dissertation, 3.10); given up after an election timeout.
   *
   * @return whether a transfer to that member is now under way
   */
  public boolean transferLeadership(long to) {
    return isLeader() && leadership().transfer(to);
  }

  /** Stands for election now, unless this member leads already or may not. */
  public void campaign() {
    roles.campaign(false);
  }

  /**
   * Hint that the connection to a member broke. If it is the leader, votes for others are no longer
   * refused for its sake, and a pre-vote is tried soon, unless it is heard again before.
   */
  public void leaderConnectionLost(long member) {
    roles.connectionLost(member);
  }

  /** Hint that messages to a member were lost: its log is probed again. */
  public void peerUnreachable(long member) {
    if (isLeader()) {
      leadership().peerUnreachable(member);
    }
  }

  /**
   * A write is durable, and all before it.
   *
   * @param term of the last entry written
   * @param index of the last entry written
   */
  public void persisted(long term, long index) {
    long mark = log.persisted(term, index);
    if (mark >= 0) {
      durable.durableUpTo(mark);
      if (isLeader()) {
        leadership().persisted();
      }
    }
  }

  /** All entries up to that index are applied. */
  public void applied(long index) {
    log.appliedTo(index);
  }

  /**
   * The MEMBERSHIP entry at that index, and all before it, are applied.
   *
   * @param membership in effect from now on
   */
  public void membershipApplied(long index, Membership membership) {
    log.appliedTo(index);
    roles.membershipApplied(membership);
  }

  /**
   * What became of a snapshot that {@link Effects#snapshotsTo} asked for.
   *
   * @param index of the snapshot that was sent
   * @param success whether it arrived whole
   */
  public void snapshotSent(long to, long index, boolean success) {
    if (isLeader()) {
      leadership().snapshotSent(to, index, success);
    }
  }

  /** The snapshot of {@link Effects#install} has replaced state machine and log. */
  public void snapshotInstalled(SnapshotMeta snapshot) {
    followership.installed(snapshot);
    roles.adopt(snapshot.membership());
    if (leader() != 0 && !isLeader()) {
      followership.accept(leader(), snapshot.index());
    }
  }

  /** The snapshot of {@link Effects#install} could not be installed; everything is as before. */
  public void snapshotFailed() {
    followership.installEnded();
  }

  /** Whether a snapshot is to be installed or being installed; others are ignored meanwhile. */
  public boolean installPending() {
    return followership.installPending();
  }

  /** Takes what is to be done because of all inputs since the last call. */
  public Effects effects() {
    if (isLeader() && leadership().flush(nextReadRound)) {
      nextReadRound++;
    }
    SnapshotMeta install = followership.takeInstall();
    Effects.Persist persist = takePersist();
    List<Entry> committed =
        followership.installPending() ? List.of() : log.takeCommitted(config.maxApplyingBytes());
    return new Effects(
        out.takeMessages(), persist, committed, out.takeReads(), out.takeSnapshots(), install);
  }

  private Effects.Persist takePersist() {
    if (log.held()) {
      return null;
    }
    if (log.quiet() && durable.durable()) {
      out.releaseAfter();
    }
    boolean write = durable.changed() || log.hasUnwritten();
    if (!write && !out.hasAfter()) {
      return null;
    }
    HardState hardState = write ? durable.take(log.commit()) : null;
    return new Effects.Persist(hardState, log.takeUnwritten(durable.mark()), out.takeAfter());
  }

  public RaftStatus status() {
    return new RaftStatus(
        config.member(),
        roles.role(),
        term(),
        leader(),
        log.commit(),
        log.applied(),
        log.firstIndex(),
        log.lastIndex(),
        roles.membership(),
        isLeader() ? leadership().transferTarget() : 0,
        isLeader() ? leadership().status() : List.of(),
        isLeader() && leadership().settled(),
        isLeader() && leadership().membersSettled());
  }

  public long term() {
    return durable.term();
  }

  /** The member that leads the current term; 0 if none is known. */
  public long leader() {
    return roles.leader();
  }

  /** Index of the newest entry, persisted or not. */
  public long lastIndex() {
    return log.lastIndex();
  }

  public boolean isLeader() {
    return leadership() != null;
  }

  private Leadership leadership() {
    return roles.leadership();
  }
}
