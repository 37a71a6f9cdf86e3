package dev.kelvin.member;

import dev.kelvin.duty.LeaseAsk;
import dev.kelvin.store.Lease;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * The times of leases, which only the leader knows, asked of any node. Every call returns at once;
 * every callback runs once, on the lane that the caller named.
 */
public interface LeaseTimes {
  /** Receives what was asked. */
  interface Answer {
    void done(LeaseAsk.Times times);

    void refused(Refusal refusal);
  }

  /** Answers of one lane come in the order of its questions. */
  void ask(LeaseAsk ask, Executor lane, Answer answer);

  /** Puts leases in the order of their ends where this is known, on the leader; else by ID. */
  void inOrder(List<Lease> leases, Executor lane, Consumer<List<Lease>> answer);
}
