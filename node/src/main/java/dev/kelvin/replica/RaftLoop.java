package dev.kelvin.replica;

import dev.kelvin.peer.PeerMessage;
import dev.kelvin.peer.PeerMessage.Consensus;
import dev.kelvin.peer.PeerMessage.Forward;
import dev.kelvin.peer.PeerMessage.ForwardRefused;
import dev.kelvin.peer.PeerMessage.Reason;
import dev.kelvin.peer.Transport;
import dev.kelvin.raft.Effects;
import dev.kelvin.raft.Effects.Persist;
import dev.kelvin.raft.Raft;
import dev.kelvin.raft.RaftStatus;
import dev.kelvin.raft.SnapshotMeta;
import dev.kelvin.replica.Replica.Failure;
import dev.kelvin.store.StateMachine;
import dev.kelvin.store.StateMachine.Snapshot;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.stream.LongStream;

/** Feeds the consensus core with everything that happens, and carries out what it wants. */
final class RaftLoop {
  /** Inputs taken from one lane before the core's effects are carried out. */
  private static final int MAX_BATCH = 512;

  /** One being written and sent while the other is committed and applied. */
  private static final int MAX_BATCHES_IN_FLIGHT = 2;

  /** After a long pause the core hears of this many ticks at once, or it would rush to campaign. */
  private static final int MAX_TICKS = 10;

  /** How often, in ticks, deadlines are looked at and held requests tried again. */
  private static final int PATROL_TICKS = 10;

  private final Raft raft;
  private final Mailbox mailbox;
  private final Proposer proposer;
  private final Reads reads;
  private final LogLoop logLoop;
  private final ApplyLoop applyLoop;
  private final BackgroundLoop background;
  private final Transport transport;
  private final StateMachine stateMachine;
  private final ReplicaEvents events;
  private final Admission admission;
  private final ReplicaMeter meter;
  private final int heartbeatTicks;
  private final LaneBatch answers = new LaneBatch();

  /** While a snapshot is installed: writes that must come after it. */
  private final ArrayDeque<Persist> heldWrites = new ArrayDeque<>();

  /** From other nodes; bounded by what each of them has credit for. */
  private final ArrayDeque<Forward> forwards = new ArrayDeque<>();

  private boolean forwardsDue;

  /** Last index of each batch that this leader appended and has not applied yet. */
  private final ArrayDeque<Long> inFlight = new ArrayDeque<>();

  private final SentSnapshots sentSnapshots = new SentSnapshots();

  private boolean installing;

  /** Files of the snapshot that the core is about to ask for. */
  private Control.SnapshotArrived arrived;

  private volatile long now;
  private long applied;
  private long appliedTerm;
  private long shownTerm;
  private long shownLeader;
  private volatile boolean stopped;
  private volatile RaftStatus status;
  private volatile long leaderHeardTick = -1;

  RaftLoop(
      Raft raft,
      Mailbox mailbox,
      Proposer proposer,
      Reads reads,
      LogLoop logLoop,
      ApplyLoop applyLoop,
      BackgroundLoop background,
      Transport transport,
      StateMachine stateMachine,
      ReplicaEvents events,
      Admission admission,
      ReplicaMeter meter,
      int heartbeatTicks) {
    this.admission = admission;
    this.meter = meter;
    this.heartbeatTicks = heartbeatTicks;
    this.raft = raft;
    this.mailbox = mailbox;
    this.proposer = proposer;
    this.reads = reads;
    this.logLoop = logLoop;
    this.applyLoop = applyLoop;
    this.background = background;
    this.transport = transport;
    this.stateMachine = stateMachine;
    this.events = events;
    this.applied = stateMachine.applied().index();
    this.appliedTerm = stateMachine.applied().term();
    this.status = raft.status();
  }

  RaftStatus status() {
    return status;
  }

  /** Whether the stop was carried out: every waiting request has been told. */
  boolean stopped() {
    return stopped;
  }

  /** Ticks since the start, as of the last batch; deadlines are given in them. */
  long now() {
    return now;
  }

  boolean hasWork() {
    return !mailbox.isEmptyButForProposals()
        || (!gated() && !(mailbox.proposals.isEmpty() && forwards.isEmpty()));
  }

  /** Whether proposals had better wait and gather: see {@link #takeProposals}. */
  private boolean gated() {
    // A write that waits for space may do so for long: others must be answered meanwhile.
    return !admission.writeWaits() && (logLoop.busy() || inFlight.size() >= MAX_BATCHES_IN_FLIGHT);
  }

  /** One batch; false when there was nothing to do. */
  boolean step() {
    if (stopped || !hasWork()) {
      return false;
    }
    ticks(mailbox.takeTicks());
    for (var c = mailbox.control.poll(); c != null; c = mailbox.control.poll()) {
      control(c);
    }
    for (int i = 0; i < MAX_BATCH; i++) {
      var message = mailbox.pollPeer();
      if (message == null) {
        break;
      }
      peer(message);
    }
    for (int i = 0; i < MAX_BATCH; i++) {
      var read = mailbox.reads.poll();
      if (read == null) {
        break;
      }
      reads.add(read);
    }
    if (!gated()) {
      takeProposals();
    }
    if (!stopped) {
      reads.ask(raft);
      long before = raft.lastIndex();
      proposer.dispatch(answers);
      takeForwards();
      if (raft.isLeader() && raft.lastIndex() > before) {
        inFlight.add(raft.lastIndex());
      }
      carryOut(raft.effects());
      noticeLeader();
    }
    answers.flush();
    return true;
  }

  /**
   * Proposals are taken while the log is idle and few batches of this leader's are on their way.
   * What comes during a write could be durable only after the next one anyway, and under load
   * larger batches are cheaper ones: together it makes one entry batch, one message a peer, one
   * wake-up.
   */
  private void takeProposals() {
    for (int i = 0; i < MAX_BATCH; i++) {
      var pending = mailbox.proposals.poll();
      if (pending == null) {
        break;
      }
      proposer.add(pending);
    }
    forwardsDue = true;
  }

  private void takeForwards() {
    if (forwardsDue) {
      forwardsDue = false;
      for (var forward = forwards.poll(); forward != null; forward = forwards.poll()) {
        forward(forward);
      }
    }
  }

  private void ticks(int ticks) {
    now += ticks;
    for (int i = 0; i < Math.min(ticks, MAX_TICKS); i++) {
      raft.tick();
    }
    if (ticks > 0) {
      status = raft.status();
      if (ticks > 2 * heartbeatTicks) {
        // Other members of a leader; nobody of anyone else.
        meter.lateHeartbeats.add(status.peers().size());
      }
      if (now / PATROL_TICKS != (now - ticks) / PATROL_TICKS) {
        proposer.retryHeld();
        proposer.expire(now, answers);
        reads.expire(now, raft.leader() != 0, answers);
      }
      for (var sent = sentSnapshots.poll(now); sent != null; sent = sentSnapshots.poll(now)) {
        if (sent.term() == raft.term()) {
          raft.snapshotSent(sent.to(), sent.snapshot().index(), sent.success());
        }
      }
      sentSnapshots.releaseWhoCaughtUp(status, now, background::release);
    }
  }

  private void control(Control control) {
    switch (control) {
      case Control.Persisted(long term, long index) -> raft.persisted(term, index);
      case Control.ToSelf(var message) -> raft.step(message);
      case Control.Applied(long index, long term) -> applied(index, term);
      case Control.MembershipApplied(long index, var membership) ->
          raft.membershipApplied(index, membership);
      case Control.ClusterChanged(var cluster) -> transport.members(cluster);
      case Control.Unreachable(long member) -> {
        raft.peerUnreachable(member);
        if (member == raft.leader()) {
          raft.leaderConnectionLost(member);
        }
      }
      case Control.SnapshotSent sent -> {
        // One of an earlier term says nothing of what the member waits for in this one.
        if (sent.term() == raft.term()) {
          sentSnapshots.add(sent, now);
        } else {
          background.release(sent.to());
        }
        events.snapshotSent(sent.to(), sent.snapshot(), sent.success());
      }
      case Control.SnapshotArrived snapshot -> snapshotArrived(snapshot);
      case Control.StoreInstalled(var snapshot, boolean success) ->
          storeInstalled(snapshot, success);
      case Control.LogReset(var snapshot) -> {
        raft.snapshotInstalled(snapshot);
        applied(snapshot.index(), snapshot.term());
      }
      case Control.Transfer(long to) -> raft.transferLeadership(to);
      case Control.Stop() -> {
        stopped = true;
        proposer.failAll(Failure.STOPPING, answers);
        reads.failAll(Failure.STOPPING, answers);
      }
    }
  }

  private void applied(long index, long term) {
    if (index <= applied) {
      return;
    }
    applied = index;
    raft.applied(index);
    reads.applied(index, answers);
    while (!inFlight.isEmpty() && inFlight.peek() <= index) {
      inFlight.poll();
    }
    if (term > appliedTerm) {
      appliedTerm = term;
      proposer.termApplied(term);
    }
  }

  private void snapshotArrived(Control.SnapshotArrived snapshot) {
    if (arrived != null || installing) {
      // One at a time. The leader sends another if this member still needs one.
      discard(snapshot);
      return;
    }
    arrived = snapshot;
    raft.step(snapshot.message());
    if (!raft.installPending()) {
      discard(snapshot);
      arrived = null;
    }
  }

  private void storeInstalled(SnapshotMeta snapshot, boolean success) {
    installing = false;
    if (success) {
      // Entries that the snapshot covers were applied elsewhere: their outcome is not known here.
      proposer.overtaken(snapshot.term(), answers);
      logLoop.reset(snapshot);
    } else {
      raft.snapshotFailed();
    }
    for (var write = heldWrites.poll(); write != null; write = heldWrites.poll()) {
      logLoop.write(write);
    }
  }

  private void peer(PeerMessage message) {
    switch (message) {
      case Consensus(var consensus) -> raft.step(consensus);
      case Forward forward -> forwards.add(forward);
      case ForwardRefused(long from, long to, long term, var reason, var refused) ->
          proposer.refused(term, reason, refused, answers);
    }
  }

  private void forward(Forward received) {
    var forward = withRoom(received);
    if (forward.commands().isEmpty()) {
      return;
    }
    Raft.Accepted accepted;
    if (forward.term() != raft.term()) {
      accepted = Raft.Accepted.NOT_LEADER;
    } else if (forward.membership()) {
      accepted = raft.proposeMembership(forward.commands().getFirst());
    } else {
      accepted = raft.propose(forward.commands());
    }
    if (accepted != Raft.Accepted.YES) {
      var reason =
          switch (accepted) {
            case OVERLOADED -> Reason.OVERLOADED;
            case CHANGE_PENDING -> Reason.CHANGE_PENDING;
            default -> Reason.NOT_LEADER;
          };
      refuse(forward, reason, forward.requests());
    }
  }

  private void refuse(Forward forward, Reason reason, long[] requests) {
    transport.send(
        new ForwardRefused(forward.to(), forward.from(), forward.term(), reason, requests));
  }

  /** Refuses, as leader, what there is no space for; returns the rest. */
  private Forward withRoom(Forward forward) {
    if (!admission.spaceIsShort() || forward.term() != raft.term() || !raft.isLeader()) {
      return forward;
    }
    var kept = new ArrayList<byte[]>(forward.commands().size());
    var keptRequests = LongStream.builder();
    var refused = LongStream.builder();
    for (int i = 0; i < forward.requests().length; i++) {
      var command = forward.commands().get(i);
      if (admission.refuses(command)) {
        refused.add(forward.requests()[i]);
      } else {
        kept.add(command);
        keptRequests.add(forward.requests()[i]);
      }
    }
    if (kept.size() == forward.commands().size()) {
      return forward;
    }
    refuse(forward, Reason.NO_SPACE, refused.build().toArray());
    return new Forward(
        forward.from(),
        forward.to(),
        forward.term(),
        forward.membership(),
        keptRequests.build().toArray(),
        kept);
  }

  private void carryOut(Effects effects) {
    for (var message : effects.messages()) {
      transport.send(new Consensus(message));
    }
    if (effects.install() != null) {
      install(effects.install());
    }
    if (effects.persist() != null) {
      if (installing) {
        heldWrites.add(effects.persist());
      } else {
        logLoop.write(effects.persist());
      }
    }
    if (!effects.committed().isEmpty()) {
      applyLoop.apply(effects.committed());
    }
    for (var read : effects.reads()) {
      reads.decided(read, applied, answers);
    }
    for (long to : effects.snapshotsTo()) {
      background.sendSnapshot(to, raft.term());
    }
  }

  private void install(SnapshotMeta meta) {
    if (arrived == null || !arrived.message().snapshot().equals(meta)) {
      throw new IllegalStateException("asked to install a snapshot that is not here: " + meta);
    }
    installing = true;
    applyLoop.install(meta, arrived.path());
    arrived = null;
  }

  private void discard(Control.SnapshotArrived snapshot) {
    stateMachine.discard(new Snapshot(snapshot.message().snapshot(), snapshot.path()));
  }

  private void noticeLeader() {
    if (!raft.isLeader()) {
      inFlight.clear();
    }
    if (raft.leader() != shownLeader || raft.term() != shownTerm) {
      boolean changed = raft.leader() != shownLeader;
      shownLeader = raft.leader();
      shownTerm = raft.term();
      status = raft.status();
      proposer.retryHeld();
      if (changed && shownLeader != 0) {
        meter.leaderChanges.increment();
      }
      if (changed || shownLeader != 0) {
        events.leader(shownTerm, shownLeader);
      }
    }
    if (shownLeader != 0) {
      leaderHeardTick = now;
    }
  }

  /** Tick at which a leader was last known; -1 when none ever was. */
  long leaderHeardTick() {
    return leaderHeardTick;
  }
}
