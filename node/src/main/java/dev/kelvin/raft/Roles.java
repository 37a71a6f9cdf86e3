package dev.kelvin.raft;

import dev.kelvin.raft.RaftStatus.Role;
import java.util.random.RandomGenerator;

/**
 * What this member is (follower, candidate or leader: Raft paper, figure 4), in which term, and
 * whom it knows to lead it. Every change of role and term happens here, because of time, of a
 * message, or of a membership that was applied.
 */
final class Roles {
  private final RaftConfig config;
  private final RaftLog log;
  private final DurableTerm durable;
  private final Outbox out;
  private final ElectionTimer timer;
  private final Election election;
  private final Followership followership;
  private final ForwardedReads forwarded;
  private Membership membership;

  private long leader;
  private Role role = Role.FOLLOWER;
  private Leadership leadership;

  /** Term whose leader handed over while a change was unapplied; the hand-over is made up for. */
  private long toldToStand;

  /**
   * A follower that knows no leader.
   *
   * @param forwarded reads that end when the leader changes
   * @param random draws timeouts
   */
  Roles(
      RaftConfig config,
      RaftLog log,
      DurableTerm durable,
      Outbox out,
      Promises promises,
      Followership followership,
      ForwardedReads forwarded,
      Membership membership,
      RandomGenerator random) {
    this.config = config;
    this.log = log;
    this.durable = durable;
    this.out = out;
    this.timer = new ElectionTimer(config.electionTicks(), random);
    this.election = new Election(config.member(), log, durable, out, promises);
    this.followership = followership;
    this.forwarded = forwarded;
    this.membership = membership;
  }

  Role role() {
    return role;
  }

  /** The member that leads the current term; 0 if none is known. */
  long leader() {
    return leader;
  }

  /** Null unless this member leads. */
  Leadership leadership() {
    return leadership;
  }

  Membership membership() {
    return membership;
  }

  void tick() {
    if (leadership != null) {
      if (!leadership.tick()) {
        becomeFollower(durable.term(), 0);
      }
      return;
    }
    timer.tick();
    boolean due = timer.expired() || (leader == 0 && alone());
    if (due) {
      campaign(false);
    }
  }

  /** Whether this member is the only voter: nobody to wait for. */
  private boolean alone() {
    return membership.voters().size() == 1 && role == Role.FOLLOWER;
  }

  private boolean promotable() {
    return !followership.installPending() && membership.voters().contains(config.member());
  }

  /** Brings the term up to the message's (Raft paper, 5.1); false if it is to be dropped. */
  boolean admit(Message message) {
    if (message.term() < durable.term()) {
      refuseStale(message);
      return false;
    }
    if (message.term() == durable.term()) {
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
      case Message.AppendRequest stale -> followership.refuse(stale.from());
      case Message.Heartbeat stale -> followership.refuse(stale.from());
      case Message.InstallSnapshot stale -> followership.refuse(stale.from());
      case Message.VoteRequest stale -> election.refuse(stale);
      default -> {}
    }
  }

  /** A message of this term's leader arrived. */
  void hear(long from) {
    if (leadership != null) {
      throw new IllegalStateException(
          "member " + from + " leads term " + durable.term() + ", which this member leads");
    }
    if (role != Role.FOLLOWER || leader != from) {
      if (leader != 0 && leader != from) {
        throw new IllegalStateException(
            "members " + leader + " and " + from + " both lead term " + durable.term());
      }
      becomeFollower(durable.term(), from);
    }
    timer.heard();
  }

  /** The connection to a member broke. */
  void connectionLost(long member) {
    if (member != 0 && member == leader && leadership == null) {
      timer.suspect();
    }
  }

  void handle(Message.VoteRequest request) {
    if (election.answer(request, leader)) {
      timer.restart();
    }
  }

  void handle(Message.VoteResponse response) {
    boolean expected =
        response.preVote()
            ? role == Role.PRE_CANDIDATE
                && (!response.granted() || response.term() == durable.term() + 1)
            : role == Role.CANDIDATE;
    if (expected) {
      election.record(response);
      decideElection();
    }
  }

  /** This member's own ballot of this term is durable, and the requests for others' are sent. */
  void ownBallot(Message.VoteResponse ballot) {
    if (role == Role.CANDIDATE) {
      timer.candidacy();
    }
    handle(ballot);
  }

  /** The leader asks this member to take over. */
  void toldToStand() {
    if (log.membershipUnapplied()) {
      toldToStand = durable.term();
    } else {
      campaign(true);
    }
  }

  /**
   * Stands for election, unless this member leads already or may not.
   *
   * @param transfer at the leader's wish
   */
  void campaign(boolean transfer) {
    if (leadership != null || !promotable() || log.membershipUnapplied()) {
      return;
    }
    if (transfer) {
      becomeCandidate(true);
    } else {
      becomePreCandidate();
    }
  }

  private void decideElection() {
    switch (election.verdict(membership)) {
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
          becomeFollower(durable.term(), 0);
        } else {
          // Others stood in this term, too. If none of them is elected, this one tries again soon.
          enter(durable.term(), 0);
          role = Role.FOLLOWER;
        }
      }
      case PENDING -> {}
    }
  }

  private void enter(long newTerm, long newLeader) {
    if (newTerm != durable.term()) {
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
  }

  private void becomeFollower(long newTerm, long newLeader) {
    enter(newTerm, newLeader);
    role = Role.FOLLOWER;
    timer.reset();
  }

  private void becomePreCandidate() {
    enter(durable.term(), 0);
    timer.preVote();
    role = Role.PRE_CANDIDATE;
    election.askPreVotes(membership);
    decideElection();
  }

  private void becomeCandidate(boolean transfer) {
    timer.reset();
    enter(durable.term() + 1, 0);
    role = Role.CANDIDATE;
    election.askVotes(membership, transfer);
  }

  private void becomeLeader() {
    enter(durable.term(), config.member());
    timer.heard();
    role = Role.LEADER;
    leadership = new Leadership(config, log, out, durable.term(), membership);
  }

  /** A change of membership was applied. */
  void membershipApplied(Membership applied) {
    adopt(applied);
    if (toldToStand == durable.term() && !log.membershipUnapplied()) {
      toldToStand = 0;
      campaign(true);
    }
  }

  /** Goes by another membership from now on. */
  void adopt(Membership adopted) {
    membership = adopted;
    boolean voter = adopted.voters().contains(config.member());
    if (leadership != null && voter) {
      leadership.membershipApplied(adopted);
    } else if (role != Role.FOLLOWER) {
      if (voter) {
        decideElection();
      } else {
        // Removed or demoted: somebody else must lead (dissertation, 4.2.2).
        becomeFollower(durable.term(), 0);
      }
    }
  }
}
