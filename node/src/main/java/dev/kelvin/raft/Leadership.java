package dev.kelvin.raft;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * What a replica knows and does only while it leads: it lives from the election to the step-down.
 * Nothing is sent as it happens; {@link #flush} sends once per batch of inputs what has become due.
 */
final class Leadership {
  private record Proposal(long lastIndex, long bytes) {}

  private final RaftConfig config;
  private final RaftLog log;
  private final Outbox out;
  private final long term;

  /** The first entry of this term; counting replicas commits nothing before it. */
  private final long firstOwnIndex;

  private final ReadRounds reads = new ReadRounds();
  private final ArrayDeque<Proposal> uncommitted = new ArrayDeque<>();
  private Membership membership;
  private Progress[] peers = new Progress[0];
  private long[] matches = new long[0];
  private long uncommittedBytes;

  /** No change of membership may be proposed until this index is applied. */
  private long pendingMembership;

  private long transferTarget;
  private boolean timeoutNowSent;
  private int heartbeatElapsed;
  private int electionElapsed;
  private boolean heartbeatDue = true;
  private boolean settled;

  /** Takes over: appends the empty entry that commits what earlier terms left. */
  Leadership(RaftConfig config, RaftLog log, Outbox out, long term, Membership membership) {
    this.config = config;
    this.log = log;
    this.out = out;
    this.term = term;
    this.pendingMembership = log.lastIndex();
    this.firstOwnIndex = log.lastIndex() + 1;
    this.membership = Membership.EMPTY;
    setMembers(membership);
    for (Progress peer : peers) {
      peer.active = false;
    }
    append(EntryKind.NOOP, new byte[0]);
  }

  private int append(EntryKind kind, byte[] data) {
    var entry = new Entry(log.lastIndex() + 1, term, kind, data);
    log.append(entry);
    return entry.size();
  }

  /** Adopts a membership that was applied. */
  void membershipApplied(Membership applied) {
    setMembers(applied);
    if (transferTarget != 0 && !applied.voters().contains(transferTarget)) {
      endTransfer();
    }
    advanceCommit();
    finishReads();
  }

  private void setMembers(Membership members) {
    var all = new ArrayList<Progress>();
    for (long member : members.voters()) {
      all.add(progressOf(member, false));
    }
    for (long member : members.learners()) {
      all.add(progressOf(member, true));
    }
    membership = members;
    peers = all.toArray(new Progress[0]);
    matches = new long[peers.length];
  }

  private Progress progressOf(long member, boolean learner) {
    Progress progress = peer(member);
    if (progress == null) {
      var inflights = new Inflights(config.maxInflightMessages(), config.maxInflightBytes());
      progress = new Progress(member, log.lastIndex() + 1, inflights);
      // A new peer gets until the next quorum check to answer.
      progress.active = true;
    }
    progress.learner = learner;
    return progress;
  }

  private Progress peer(long member) {
    for (Progress progress : peers) {
      if (progress.member == member) {
        return progress;
      }
    }
    return null;
  }

  Raft.Accepted propose(List<byte[]> commands) {
    if (transferTarget != 0) {
      return Raft.Accepted.TRANSFERRING;
    }
    long bytes = 0;
    for (byte[] command : commands) {
      bytes += command.length + Entry.OVERHEAD;
    }
    if (uncommittedBytes > 0 && uncommittedBytes + bytes > config.maxUncommittedBytes()) {
      return Raft.Accepted.OVERLOADED;
    }
    for (byte[] command : commands) {
      append(EntryKind.COMMAND, command);
    }
    if (bytes > 0) {
      noteUncommitted(bytes);
    }
    return Raft.Accepted.YES;
  }

  Raft.Accepted proposeMembership(byte[] command) {
    if (transferTarget != 0) {
      return Raft.Accepted.TRANSFERRING;
    }
    if (!committedInTerm() || log.applied() < pendingMembership) {
      return Raft.Accepted.CHANGE_PENDING;
    }
    int bytes = append(EntryKind.MEMBERSHIP, command);
    pendingMembership = log.lastIndex();
    noteUncommitted(bytes);
    return Raft.Accepted.YES;
  }

  private void noteUncommitted(long bytes) {
    uncommitted.add(new Proposal(log.lastIndex(), bytes));
    uncommittedBytes += bytes;
  }

  /** Until then what earlier terms committed is not known here (dissertation, 6.4). */
  private boolean committedInTerm() {
    return log.commit() >= firstOwnIndex;
  }

  /**
   * Passes one tick.
   *
   * @return whether a quorum of voters was heard from; if not, leadership must end (dissertation,
   *     6.2)
   */
  boolean tick() {
    if (++heartbeatElapsed >= config.heartbeatTicks()) {
      heartbeatElapsed = 0;
      heartbeatDue = true;
    }
    if (++electionElapsed < config.electionTicks()) {
      return true;
    }
    electionElapsed = 0;
    settled = true;
    endTransfer();
    boolean quorum = Quorum.reached(membership.voters(), this::active);
    for (Progress peer : peers) {
      peer.wasActive = peer.active;
      peer.active = false;
    }
    return quorum;
  }

  private boolean active(long member) {
    return member == config.member() || peer(member).active;
  }

  /** The leader's own log is durable up to {@link RaftLog#persistedIndex}. */
  void persisted() {
    advanceCommit();
  }

  void handle(Message.AppendResponse response) {
    Progress peer = peer(response.from());
    if (peer == null) {
      return;
    }
    peer.active = true;
    if (!response.accepted()) {
      long hint = response.hintIndex();
      if (response.hintTerm() > 0) {
        hint = log.lastIndexOfTermAtMost(hint, response.hintTerm());
      }
      peer.rejected(response.index(), hint);
      return;
    }
    if (response.index() > log.lastIndex()) {
      throw new IllegalStateException(
          "member "
              + response.from()
              + " has entry "
              + response.index()
              + " of a leader whose log ends at "
              + log.lastIndex()
              + "; was a log damaged?");
    }
    if (peer.accepted(response.index(), log.firstIndex())) {
      advanceCommit();
    }
  }

  void handle(Message.HeartbeatResponse response) {
    Progress peer = peer(response.from());
    if (peer == null) {
      return;
    }
    peer.heartbeatAnswered(log.lastIndex());
    if (!peer.learner) {
      reads.acknowledge(response.from(), response.round());
      finishReads();
    }
  }

  /**
   * Takes a read of this or another member; it ends in a {@link Effects.ReadState} or a response.
   */
  void read(long member, long context) {
    if (committedInTerm() && soleVoter()) {
      answer(new ReadRounds.Read(member, context), log.commit());
    } else if (!reads.add(member, context)) {
      answer(new ReadRounds.Read(member, context), -1);
    }
  }

  private boolean soleVoter() {
    return membership.voters().size() == 1 && membership.voters().contains(config.member());
  }

  private void finishReads() {
    if (reads.confirmed(membership.voters(), config.member())) {
      long index = reads.index();
      for (ReadRounds.Read read : reads.finish()) {
        answer(read, index);
      }
    }
  }

  private void answer(ReadRounds.Read read, long index) {
    if (read.member() == config.member()) {
      out.read(read.context(), index);
    } else {
      out.send(
          new Message.ReadIndexResponse(
              config.member(), read.member(), term, read.context(), index));
    }
  }

  /** Leadership ends: no read may be confirmed any more. */
  void abandon() {
    for (ReadRounds.Read read : reads.abandon()) {
      answer(read, -1);
    }
  }

  boolean transfer(long to) {
    if (!membership.voters().contains(to) || to == config.member()) {
      return false;
    }
    if (to != transferTarget) {
      transferTarget = to;
      timeoutNowSent = false;
      // The hand-over gets one election timeout from now.
      electionElapsed = 0;
      peer(to).poke();
    }
    return true;
  }

  private void endTransfer() {
    transferTarget = 0;
    timeoutNowSent = false;
  }

  long transferTarget() {
    return transferTarget;
  }

  void peerUnreachable(long member) {
    Progress peer = peer(member);
    if (peer != null && peer.state() == RaftStatus.State.REPLICATE) {
      peer.becomeProbe();
    }
  }

  void snapshotSent(long to, long index, boolean success) {
    Progress peer = peer(to);
    if (peer != null) {
      peer.snapshotSent(index, success);
    }
  }

  /** Commits what a majority has, if it is of this term (Raft paper, 5.4.2). */
  private void advanceCommit() {
    int count = 0;
    for (Progress peer : peers) {
      if (!peer.learner) {
        matches[count++] = match(peer);
      }
    }
    long index = Quorum.committed(matches, count);
    if (index < firstOwnIndex || index <= log.commit()) {
      return;
    }
    log.commitTo(index);
    while (!uncommitted.isEmpty() && uncommitted.peek().lastIndex() <= index) {
      uncommittedBytes -= uncommitted.remove().bytes();
    }
  }

  private long match(Progress peer) {
    return peer.member == config.member() ? log.persistedIndex() : peer.match();
  }

  /**
   * Sends what is due: entries, news of the commit index, heartbeats, the start of a round of
   * reads, the end of a transfer.
   *
   * @param nextRound number for a round of reads
   * @return whether the number was used
   */
  boolean flush(long nextRound) {
    boolean roundStarted = false;
    if (committedInTerm() && reads.startable()) {
      reads.start(nextRound, log.commit());
      roundStarted = true;
      finishReads();
    }
    for (Progress peer : peers) {
      if (peer.member == config.member()) {
        continue;
      }
      if (heartbeatDue || (roundStarted && reads.round() != 0)) {
        long commit = Math.min(peer.match(), log.commit());
        out.send(new Message.Heartbeat(config.member(), peer.member, term, commit, reads.round()));
      }
      replicate(peer);
      if (peer.member == transferTarget && !timeoutNowSent && peer.match() == log.lastIndex()) {
        timeoutNowSent = true;
        out.send(new Message.TimeoutNow(config.member(), peer.member, term));
      }
    }
    heartbeatDue = false;
    return roundStarted;
  }

  private void replicate(Progress peer) {
    while (!peer.paused()) {
      long prev = peer.next() - 1;
      if (prev >= log.lastIndex() && !peer.emptyAppendDue(log.commit())) {
        return;
      }
      List<Entry> entries;
      long prevTerm;
      try {
        prevTerm = log.term(prev);
        entries =
            peer.inflights.full() ? List.of() : log.entries(peer.next(), config.maxMessageBytes());
      } catch (CompactedException gone) {
        // One that does not answer would not take a snapshot either.
        if (peer.active) {
          peer.becomeSnapshot();
          out.snapshot(peer.member);
        }
        return;
      }
      if (entries.isEmpty() && !peer.emptyAppendDue(log.commit())) {
        return;
      }
      out.send(
          new Message.AppendRequest(
              config.member(), peer.member, term, prev, prevTerm, log.commit(), entries));
      long bytes = 0;
      for (Entry entry : entries) {
        bytes += entry.size();
      }
      peer.sent(entries.size(), bytes, log.commit());
    }
  }

  /** As in {@link RaftStatus}. */
  boolean settled() {
    return settled;
  }

  /** As in {@link RaftStatus}. */
  boolean membersSettled() {
    return log.applied() >= Math.max(firstOwnIndex, pendingMembership);
  }

  List<RaftStatus.Peer> status() {
    var status = new ArrayList<RaftStatus.Peer>();
    for (Progress peer : peers) {
      if (peer.member != config.member()) {
        status.add(
            new RaftStatus.Peer(
                peer.member,
                peer.learner,
                peer.match(),
                peer.next(),
                peer.state(),
                peer.active || peer.wasActive));
      }
    }
    return status;
  }
}
