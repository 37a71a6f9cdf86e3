package dev.kelvin.replica;

import dev.kelvin.peer.PeerMessage.Forward;
import dev.kelvin.peer.PeerMessage.Reason;
import dev.kelvin.peer.Transport;
import dev.kelvin.raft.Raft;
import dev.kelvin.raft.Raft.Accepted;
import dev.kelvin.replica.Replica.Failure;
import dev.kelvin.replica.Requests.Pending;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Hands this node's proposals to whoever leads, and again only when that is certainly in no log:
 * the leader refused them, or an entry of a later term was applied without them. (A leader takes
 * what is forwarded to it only in the term it is meant for; and the log of a later leader, once an
 * entry of its own is committed, gains no entry of an earlier term any more.) The raft loop's
 * alone.
 */
final class Proposer {
  private static final int MAX_FORWARD_BYTES = 1 << 20;

  private final long member;
  private final Raft raft;
  private final Requests requests;
  private final Transport transport;
  private final Admission admission;
  private final ReplicaMeter meter;
  private ArrayDeque<Pending> fresh = new ArrayDeque<>();

  /** Waits for a leader that takes proposals. Bounded by the credit of {@link Requests}. */
  private final ArrayDeque<Pending> held = new ArrayDeque<>();

  Proposer(
      long member,
      Raft raft,
      Requests requests,
      Transport transport,
      Admission admission,
      ReplicaMeter meter) {
    this.meter = meter;
    this.member = member;
    this.raft = raft;
    this.requests = requests;
    this.transport = transport;
    this.admission = admission;
  }

  void add(Pending pending) {
    fresh.add(pending);
  }

  /** Lets what is held be tried once more at the next dispatch. */
  void retryHeld() {
    while (!held.isEmpty()) {
      fresh.addFirst(held.pollLast());
    }
  }

  void dispatch(LaneBatch answers) {
    if (fresh.isEmpty()) {
      return;
    }
    long leader = raft.leader();
    if (leader == 0) {
      held.addAll(fresh);
      fresh.clear();
      return;
    }
    var batch = new ArrayList<Pending>(fresh.size());
    int bytes = 0;
    while (!fresh.isEmpty()) {
      var pending = fresh.poll();
      if (!requests.contains(pending.request)) {
        continue;
      }
      if (leader == member && admission.refuses(pending.command)) {
        fail(pending, Failure.NO_SPACE, answers);
        continue;
      }
      if (pending.membership || bytes + pending.command.length > MAX_FORWARD_BYTES) {
        hand(leader, batch, false, answers);
        batch = new ArrayList<>();
        bytes = 0;
      }
      if (pending.membership) {
        hand(leader, List.of(pending), true, answers);
      } else {
        batch.add(pending);
        bytes += pending.command.length;
      }
    }
    hand(leader, batch, false, answers);
  }

  private void hand(long leader, List<Pending> batch, boolean membership, LaneBatch answers) {
    if (batch.isEmpty()) {
      return;
    }
    var commands = new ArrayList<byte[]>(batch.size());
    for (var pending : batch) {
      commands.add(pending.command);
    }
    if (leader != member) {
      var numbers = new long[batch.size()];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = batch.get(i).request;
        batch.get(i).sentTerm = raft.term();
      }
      transport.send(new Forward(member, leader, raft.term(), membership, numbers, commands));
      return;
    }
    var accepted =
        membership ? raft.proposeMembership(commands.getFirst()) : raft.propose(commands);
    for (var pending : batch) {
      if (accepted == Accepted.YES) {
        pending.sentTerm = raft.term();
      } else if (accepted == Accepted.OVERLOADED) {
        fail(pending, Failure.TOO_MANY_REQUESTS, answers);
      } else {
        held.add(pending);
      }
    }
  }

  /**
   * What was handed to the leader of that term is in no log. A request that was handed to another
   * since then is not meant: two are on their way then, and this is the answer for the first.
   */
  void refused(long term, Reason reason, long[] refused, LaneBatch answers) {
    for (long request : refused) {
      var pending = requests.get(request);
      if (pending != null && pending.sentTerm == term) {
        pending.sentTerm = 0;
        switch (reason) {
          case OVERLOADED -> fail(pending, Failure.TOO_MANY_REQUESTS, answers);
          case NO_SPACE -> fail(pending, Failure.NO_SPACE, answers);
          case NOT_LEADER, CHANGE_PENDING -> held.add(pending);
        }
      }
    }
  }

  /**
   * An entry of this term was applied: what was handed to earlier leaders and is unanswered is
   * lost.
   */
  void termApplied(long term) {
    requests.forEach(
        pending -> {
          if (pending.sentTerm != 0 && pending.sentTerm < term) {
            pending.sentTerm = 0;
            fresh.add(pending);
          }
        });
  }

  /**
   * A snapshot of that term replaced the state: whether it contains what was handed out, none
   * knows.
   */
  void overtaken(long term, LaneBatch answers) {
    requests.forEach(
        pending -> {
          if (pending.sentTerm != 0 && pending.sentTerm <= term) {
            fail(pending, Failure.TIMEOUT, answers);
          }
        });
  }

  void expire(long now, LaneBatch answers) {
    requests.forEach(
        pending -> {
          if (pending.deadline <= now) {
            fail(pending, pending.sentTerm == 0 ? Failure.NO_LEADER : Failure.TIMEOUT, answers);
          }
        });
    held.removeIf(pending -> !requests.contains(pending.request));
  }

  void failAll(Failure failure, LaneBatch answers) {
    requests.forEach(
        pending -> fail(pending, pending.sentTerm == 0 ? failure : Failure.TIMEOUT, answers));
    held.clear();
    fresh.clear();
  }

  private void fail(Pending pending, Failure failure, LaneBatch answers) {
    var taken = requests.take(pending.request);
    if (taken != null) {
      if (failure == Failure.TIMEOUT || failure == Failure.NO_LEADER) {
        meter.proposalsFailed.increment();
      }
      taken.fail(failure, answers);
    }
  }
}
