package dev.kelvin.raft;

/**
 * Ballots asked for, given and counted (Raft paper, 5.2 and 5.4.1; pre-votes: dissertation, 9.6).
 * Whether this member may stand, and what follows from a verdict, is for {@link Roles} to decide.
 */
final class Election {
  private final long member;
  private final RaftLog log;
  private final DurableTerm durable;
  private final Outbox out;
  private final Promises promises;
  private Votes votes = new Votes();

  Election(long member, RaftLog log, DurableTerm durable, Outbox out, Promises promises) {
    this.member = member;
    this.log = log;
    this.durable = durable;
    this.out = out;
    this.promises = promises;
  }

  /** Asks who would vote for this member in the next term. */
  void askPreVotes(Membership membership) {
    votes = new Votes();
    votes.record(member, true);
    for (long voter : membership.voters()) {
      if (voter != member) {
        out.send(request(voter, durable.term() + 1, true, false));
      }
    }
  }

  /** Votes for this member in its term and asks for the others' votes. */
  void askVotes(Membership membership, boolean transfer) {
    votes = new Votes();
    durable.set(durable.term(), member);
    // The requests wait for the write like the own ballot: after a crash this member must neither
    // campaign in the same term again nor own a shorter log than the one it asked votes for.
    out.sendAfter(new Message.VoteResponse(member, member, durable.term(), false, true));
    for (long voter : membership.voters()) {
      if (voter != member) {
        out.sendAfter(request(voter, durable.term(), false, transfer));
      }
    }
  }

  private Message.VoteRequest request(long voter, long term, boolean preVote, boolean transfer) {
    return new Message.VoteRequest(
        member,
        voter,
        term,
        log.lastIndex(),
        log.lastTerm(),
        preVote,
        transfer,
        log.commit(),
        log.termOrZero(log.commit()));
  }

  /** Counts a ballot of the election or pre-election under way. */
  void record(Message.VoteResponse response) {
    votes.record(response.from(), response.granted());
  }

  Quorum.Verdict verdict(Membership membership) {
    return votes.verdict(membership.voters());
  }

  /** Tells a candidate of an earlier term of this one. */
  void refuse(Message.VoteRequest stale) {
    promises.send(
        new Message.VoteResponse(member, stale.from(), durable.term(), stale.preVote(), false));
  }

  /**
   * Answers a candidate of this term, or one that asks for pre-votes.
   *
   * @param leader of this term, 0 if none is known
   * @return whether a vote, not a mere pre-vote, was given
   */
  boolean answer(Message.VoteRequest request, long leader) {
    if (request.commit() > log.commit() && log.matches(request.commit(), request.commitTerm())) {
      log.commitTo(request.commit());
    }
    boolean free =
        durable.vote() == request.from()
            || (durable.vote() == 0 && leader == 0)
            || (request.preVote() && request.term() > durable.term());
    boolean granted = free && log.upToDate(request.lastIndex(), request.lastTerm());
    boolean given = granted && !request.preVote();
    if (given) {
      durable.set(durable.term(), request.from());
    }
    long answered = granted ? request.term() : durable.term();
    promises.send(
        new Message.VoteResponse(member, request.from(), answered, request.preVote(), granted));
    return given;
  }
}
