package dev.kelvin.raft;

/**
 * What a member does with the messages of its term's leader: it takes entries (Raft paper, 5.3),
 * follows the commit index, and has snapshots installed (7), during which it takes nothing else.
 */
final class Followership {
  private final long member;
  private final RaftLog log;
  private final DurableTerm durable;
  private final Outbox out;
  private final Promises promises;

  private SnapshotMeta installing;
  private boolean installHandedOut;

  Followership(long member, RaftLog log, DurableTerm durable, Outbox out, Promises promises) {
    this.member = member;
    this.log = log;
    this.durable = durable;
    this.out = out;
    this.promises = promises;
  }

  void handle(Message.Heartbeat heartbeat) {
    log.commitTo(heartbeat.commit());
    out.send(
        new Message.HeartbeatResponse(member, heartbeat.from(), durable.term(), heartbeat.round()));
  }

  void handle(Message.AppendRequest request) {
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
      promises.send(
          new Message.AppendResponse(
              member,
              request.from(),
              durable.term(),
              false,
              request.prevIndex(),
              hint,
              log.termOrZero(hint)));
    }
  }

  void handle(Message.InstallSnapshot install) {
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

  /** Tells the leader that the log agrees with its own up to that index. */
  void accept(long leader, long index) {
    promises.send(new Message.AppendResponse(member, leader, durable.term(), true, index, 0, 0));
  }

  /** Tells a leader of an earlier term of this one. */
  void refuse(long stale) {
    promises.send(new Message.AppendResponse(member, stale, durable.term(), false, 0, 0, 0));
  }

  /** Whether a snapshot is to be installed or being installed. */
  boolean installPending() {
    return installing != null;
  }

  /** Hands out the snapshot to be installed, once; null if there is none or not yet. */
  SnapshotMeta takeInstall() {
    // Anything still to be written goes first, so that the snapshot then is the log's only news.
    if (installing == null || installHandedOut || !log.quiet()) {
      return null;
    }
    installHandedOut = true;
    return installing;
  }

  /** State machine and log are those of the snapshot. */
  void installed(SnapshotMeta snapshot) {
    if (!snapshot.equals(installing) || !installHandedOut) {
      throw new IllegalStateException("installed " + snapshot + ", expected " + installing);
    }
    installEnded();
    log.restore(snapshot);
  }

  /** Whatever came of it, no install is under way any more. */
  void installEnded() {
    installing = null;
    installHandedOut = false;
  }
}
