package dev.kelvin.raft;

import dev.kelvin.raft.RaftStatus.Role;
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
  private final ElectionTimer timer;
  private final DurableTerm durable;
  private final Outbox out = new Outbox();
  private final ForwardedReads forwarded = new ForwardedReads();
  private Membership membership;

  private long leader;
  private Role role = Role.FOLLOWER;
  private Leadership leadership;
  private Votes votes;

  private long ticks;
  private long nextReadRound = 1;

  private SnapshotMeta installing;
  private boolean installHandedOut;

  /** Term whose leader handed over while a change was unapplied; the hand-over is made up for. */
  private long toldToStand;

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
    this.membership = membership;
    this.timer = new ElectionTimer(config.electionTicks(), random);
    this.durable = new DurableTerm(hardState);
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
    if (leadership != null) {
      if (!leadership.tick()) {
        becomeFollower(term(), 0);
      }
      return;
    }
    timer.tick();
    boolean due = timer.expired() || (leader == 0 && alone());
    if (due && promotable() && !log.membershipUnapplied()) {
      campaign();
    }
  }

  /** Whether this member is the only voter: nobody to wait for. */
  private boolean alone() {
    return membership.voters().size() == 1 && role == Role.FOLLOWER;
  }

  private boolean promotable() {
    return installing == null && membership.voters().contains(config.member());
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
        if (role == Role.CANDIDATE) {
          timer.candidacy();
        }
        handle(ballot);
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
        if (admit(message)) {
          dispatch(message);
        }
      }
    }
  }

  /** Brings the term up to the message's (Raft paper, 5.1); false if it is to be dropped. */
  private boolean admit(Message message) {
    if (message.term() < term()) {
      refuseStale(message);
      return false;
    }
    if (message.term() == term()) {
      return true;
    }
    switch (message) {
      case Message.VoteRequest request -> {
        if (!request.transfer() && leased()) {
          return false;
        }
        if (!request.preVote()) {
          becomeFollower(request.term(), 0);
        }
      }
      case Message.VoteResponse response -> {
        if (!response.preVote() || !response.granted()) {
          becomeFollower(response.term(), 0);
        }
      }
      case Message.AppendRequest request -> becomeFollower(request.term(), request.from());
      case Message.Heartbeat heartbeat -> becomeFollower(heartbeat.term(), heartbeat.from());
      case Message.InstallSnapshot install -> becomeFollower(install.term(), install.from());
      default -> becomeFollower(message.term(), 0);
    }
    return true;
  }

  /**
   * Whether a leader was heard of so recently that nobody is to be elected (dissertation, 4.2.3).
   */
  private boolean leased() {
    return leadership != null || (leader != 0 && timer.leased());
  }

  /** Tells the sender of an outdated message of the new term where that helps it. */
  private void refuseStale(Message message) {
    switch (message) {
      // With pre-vote a stale leader would otherwise never learn of the term (etcd issue 8501).
      case Message.AppendRequest stale -> promise(staleAnswer(stale));
      case Message.Heartbeat stale -> promise(staleAnswer(stale));
      case Message.InstallSnapshot stale -> promise(staleAnswer(stale));
      case Message.VoteRequest stale ->
          promise(
              new Message.VoteResponse(
                  config.member(), stale.from(), term(), stale.preVote(), false));
      default -> {}
    }
  }

  private Message staleAnswer(Message message) {
    return new Message.AppendResponse(config.member(), message.from(), term(), false, 0, 0, 0);
  }

  private void dispatch(Message message) {
    switch (message) {
      case Message.VoteRequest request -> handle(request);
      case Message.VoteResponse response -> handle(response);
      case Message.AppendRequest request -> {
        hear(request.from());
        handle(request);
      }
      case Message.Heartbeat heartbeat -> {
        hear(heartbeat.from());
        log.commitTo(heartbeat.commit());
        out.send(
            new Message.HeartbeatResponse(
                config.member(), heartbeat.from(), term(), heartbeat.round()));
      }
      case Message.InstallSnapshot install -> {
        hear(install.from());
        handle(install);
      }
      case Message.AppendResponse response -> {
        if (leadership != null) {
          leadership.handle(response);
        }
      }
      case Message.HeartbeatResponse response -> {
        if (leadership != null) {
          leadership.handle(response);
        }
      }
      case Message.TimeoutNow now -> {
        if (log.membershipUnapplied()) {
          toldToStand = term();
        } else {
          campaign(true);
        }
      }
      case Message.ReadIndexRequest request -> handle(request);
      case Message.ReadIndexResponse response -> {}
    }
  }

  /** A message of this term's leader arrived. */
  private void hear(long from) {
    if (leadership != null) {
      throw new IllegalStateException(
          "member " + from + " leads term " + term() + ", which this member leads");
    }
    if (role != Role.FOLLOWER || leader != from) {
      if (leader != 0 && leader != from) {
        throw new IllegalStateException(
            "members " + leader + " and " + from + " both lead term " + term());
      }
      becomeFollower(term(), from);
    }
    timer.heard();
  }

  private void handle(Message.VoteRequest request) {
    if (request.commit() > log.commit() && log.matches(request.commit(), request.commitTerm())) {
      log.commitTo(request.commit());
    }
    boolean free =
        durable.vote() == request.from()
            || (durable.vote() == 0 && leader == 0)
            || (request.preVote() && request.term() > term());
    boolean granted = free && log.upToDate(request.lastIndex(), request.lastTerm());
    if (granted && !request.preVote()) {
      timer.restart();
      durable.set(term(), request.from());
    }
    long answered = granted ? request.term() : term();
    promise(
        new Message.VoteResponse(
            config.member(), request.from(), answered, request.preVote(), granted));
  }

  private void handle(Message.VoteResponse response) {
    boolean expected =
        response.preVote()
            ? role == Role.PRE_CANDIDATE && (!response.granted() || response.term() == term() + 1)
            : role == Role.CANDIDATE;
    if (expected) {
      votes.record(response.from(), response.granted());
      decideElection();
    }
  }

  private void decideElection() {
    switch (votes.verdict(membership.voters())) {
      case WON -> {
        if (role == Role.PRE_CANDIDATE) {
          becomeCandidate(false);
        } else {
          becomeLeader();
        }
      }
      case LOST -> {
        if (role == Role.PRE_CANDIDATE) {
          // Others have more of the log; it is for them to stand.
          becomeFollower(term(), 0);
        } else {
          // Others stood in this term, too. If none of them is elected, this one tries again soon.
          reset(term(), 0);
          role = Role.FOLLOWER;
        }
      }
      case PENDING -> {}
    }
  }

  private void handle(Message.AppendRequest request) {
    if (installing != null) {
      return;
    }
    if (request.prevIndex() < log.commit()) {
      accept(request.from(), log.commit());
    } else if (log.matches(request.prevIndex(), request.prevTerm())) {
      log.appendAfterMatch(request.entries());
      long last = request.prevIndex() + request.entries().size();
      log.commitTo(Math.min(request.commit(), last));
      accept(request.from(), last);
    } else {
      long hint = log.lastIndexOfTermAtMost(request.prevIndex(), request.prevTerm());
      promise(
          new Message.AppendResponse(
              config.member(),
              request.from(),
              term(),
              false,
              request.prevIndex(),
              hint,
              log.termOrZero(hint)));
    }
  }

  private void handle(Message.InstallSnapshot install) {
    SnapshotMeta snapshot = install.snapshot();
    if (installing != null) {
      return;
    }
    if (snapshot.index() > log.commit()) {
      if (!log.matches(snapshot.index(), snapshot.term())) {
        installing = snapshot;
        return;
      }
      log.commitTo(snapshot.index());
    }
    accept(install.from(), log.commit());
  }

  private void accept(long to, long index) {
    promise(new Message.AppendResponse(config.member(), to, term(), true, index, 0, 0));
  }

  private void handle(Message.ReadIndexRequest request) {
    if (leadership != null) {
      leadership.read(request.from(), request.context());
    } else {
      out.send(
          new Message.ReadIndexResponse(
              config.member(), request.from(), term(), request.context(), -1));
    }
  }

  /** Sends a message that must not arrive before what it says is durable. */
  private void promise(Message message) {
    boolean kept = durable.durable();
    if (message instanceof Message.AppendResponse response && response.accepted()) {
      kept &= response.index() <= log.persistedIndex();
    }
    if (kept) {
      out.send(message);
    } else {
      out.sendAfter(message);
    }
  }

  private void reset(long newTerm, long newLeader) {
    if (newTerm != term()) {
      durable.set(newTerm, 0);
    }
    if (leadership != null) {
      leadership.abandon();
      leadership = null;
    }
    if (newLeader != leader) {
      forwarded.failAll(out);
      leader = newLeader;
    }
    votes = null;
  }

  private void becomeFollower(long newTerm, long newLeader) {
    reset(newTerm, newLeader);
    role = Role.FOLLOWER;
    timer.reset();
  }

  private void becomePreCandidate() {
    reset(term(), 0);
    timer.preVote();
    role = Role.PRE_CANDIDATE;
    votes = new Votes();
    votes.record(config.member(), true);
    requestVotes(term() + 1, true, false);
    decideElection();
  }

  private void becomeCandidate(boolean transfer) {
    timer.reset();
    reset(term() + 1, 0);
    role = Role.CANDIDATE;
    durable.set(term(), config.member());
    votes = new Votes();
    // The requests wait for the write like the own ballot: after a crash this member must neither
    // campaign in the same term again nor own a shorter log than the one it asked votes for.
    out.sendAfter(new Message.VoteResponse(config.member(), config.member(), term(), false, true));
    requestVotes(term(), false, transfer);
  }

  private void requestVotes(long asked, boolean preVote, boolean transfer) {
    for (long voter : membership.voters()) {
      if (voter == config.member()) {
        continue;
      }
      var request =
          new Message.VoteRequest(
              config.member(),
              voter,
              asked,
              log.lastIndex(),
              log.lastTerm(),
              preVote,
              transfer,
              log.commit(),
              log.termOrZero(log.commit()));
      if (preVote) {
        out.send(request);
      } else {
        out.sendAfter(request);
      }
    }
  }

  private void becomeLeader() {
    reset(term(), config.member());
    timer.heard();
    role = Role.LEADER;
    leadership = new Leadership(config, log, out, term(), membership);
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
    return leadership == null ? Accepted.NOT_LEADER : leadership.propose(commands);
  }

  /**
   * Appends a change of membership. It takes effect when {@link #membershipApplied} reports it; the
   * core does not look into it. A change may add, remove, promote or demote one member.
   */
  public Accepted proposeMembership(byte[] command) {
    return leadership == null ? Accepted.NOT_LEADER : leadership.proposeMembership(command);
  }

  /**
   * Asks for an index at which a local read is linearizable. Ends in exactly one {@link
   * Effects.ReadState}.
   *
   * @param context never used before by this member, not even before a restart that others may not
   *     have noticed
   */
  public void readIndex(long context) {
    if (leadership != null) {
      leadership.read(config.member(), context);
    } else if (leader != 0) {
      if (forwarded.add(context, ticks + config.electionTicks())) {
        out.send(new Message.ReadIndexRequest(config.member(), leader, term(), context));
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
    return leadership != null && leadership.transfer(to);
  }

  /** Stands for election now, unless this member leads already or may not. */
  public void campaign() {
    campaign(false);
  }

  private void campaign(boolean transfer) {
    if (leadership != null || !promotable() || log.membershipUnapplied()) {
      return;
    }
    if (transfer) {
      becomeCandidate(true);
    } else {
      becomePreCandidate();
    }
  }

  /**
   * Hint that the connection to a member broke. If it is the leader, votes for others are no longer
   * refused for its sake, and a pre-vote is tried soon, unless it is heard again before.
   */
  public void leaderConnectionLost(long member) {
    if (member != 0 && member == leader && leadership == null) {
      timer.suspect();
    }
  }

  /** Hint that messages to a member were lost: its log is probed again. */
  public void peerUnreachable(long member) {
    if (leadership != null) {
      leadership.peerUnreachable(member);
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
      if (leadership != null) {
        leadership.persisted();
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
    adopt(membership);
    if (toldToStand == term() && !log.membershipUnapplied()) {
      toldToStand = 0;
      campaign(true);
    }
  }

  private void adopt(Membership adopted) {
    membership = adopted;
    boolean voter = adopted.voters().contains(config.member());
    if (leadership != null && voter) {
      leadership.membershipApplied(adopted);
    } else if (role != Role.FOLLOWER) {
      if (voter) {
        decideElection();
      } else {
        // Removed or demoted: somebody else must lead (dissertation, 4.2.2).
        becomeFollower(term(), 0);
      }
    }
  }

  /**
   * What became of a snapshot that {@link Effects#snapshotsTo} asked for.
   *
   * @param index of the snapshot that was sent
   * @param success whether it arrived whole
   */
  public void snapshotSent(long to, long index, boolean success) {
    if (leadership != null) {
      leadership.snapshotSent(to, index, success);
    }
  }

  /** The snapshot of {@link Effects#install} has replaced state machine and log. */
  public void snapshotInstalled(SnapshotMeta snapshot) {
    if (!snapshot.equals(installing) || !installHandedOut) {
      throw new IllegalStateException("installed " + snapshot + ", expected " + installing);
    }
    installing = null;
    installHandedOut = false;
    log.restore(snapshot);
    adopt(snapshot.membership());
    if (leader != 0 && leadership == null) {
      accept(leader, snapshot.index());
    }
  }

  /** The snapshot of {@link Effects#install} could not be installed; everything is as before. */
  public void snapshotFailed() {
    installing = null;
    installHandedOut = false;
  }

  /** Whether a snapshot is to be installed or being installed; others are ignored meanwhile. */
  public boolean installPending() {
    return installing != null;
  }

  /** Takes what is to be done because of all inputs since the last call. */
  public Effects effects() {
    if (leadership != null && leadership.flush(nextReadRound)) {
      nextReadRound++;
    }
    // Anything still to be written goes first, so that the snapshot then is the log's only news.
    boolean install = installing != null && !installHandedOut && log.quiet();
    installHandedOut |= install;
    Effects.Persist persist = takePersist();
    List<Entry> committed =
        installing == null ? log.takeCommitted(config.maxApplyingBytes()) : List.of();
    return new Effects(
        out.takeMessages(),
        persist,
        committed,
        out.takeReads(),
        out.takeSnapshots(),
        install ? installing : null);
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
    // The commit index may reach into the very entries that are written with it: a member that has
    // a
    // change of membership must know, after a restart, that the one before it was committed.
    HardState hardState = write ? durable.take(log.commit()) : null;
    return new Effects.Persist(hardState, log.takeUnwritten(durable.mark()), out.takeAfter());
  }

  public RaftStatus status() {
    return new RaftStatus(
        config.member(),
        role,
        term(),
        leader,
        log.commit(),
        log.applied(),
        log.firstIndex(),
        log.lastIndex(),
        membership,
        leadership == null ? 0 : leadership.transferTarget(),
        leadership == null ? List.of() : leadership.status());
  }

  public long term() {
    return durable.term();
  }

  /** The member that leads the current term; 0 if none is known. */
  public long leader() {
    return leader;
  }

  /** Index of the newest entry, persisted or not. */
  public long lastIndex() {
    return log.lastIndex();
  }

  public boolean isLeader() {
    return leadership != null;
  }
}
