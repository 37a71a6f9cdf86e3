package dev.kelvin.api;

import dev.kelvin.member.Node;
import dev.kelvin.store.Outcome;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Holds back the answer to a compaction until its rows are gone on this node. However long that
 * takes, as in etcd; the client's deadline ends its wait.
 */
record Physically(Exchange exchange, Node node, long revision) implements Exchange {
  @Override
  public Executor lane() {
    return exchange.lane();
  }

  @Override
  public boolean requiresLeader() {
    return exchange.requiresLeader();
  }

  @Override
  public void done(Outcome outcome) {
    var reader = node.reader();
    if (reader == null) {
      refuse(ApiError.STOPPED);
      return;
    }
    reader.whenRemoved(revision, removed -> answer(removed, outcome));
  }

  private void answer(boolean removed, Outcome outcome) {
    try {
      lane()
          .execute(
              () -> {
                if (removed) {
                  exchange.done(outcome);
                } else {
                  refuse(ApiError.STOPPED);
                }
              });
    } catch (RejectedExecutionException e) {
      // The lane is gone, and with it whoever waited.
      return;
    }
  }

  @Override
  public void refuse(ApiError error) {
    exchange.refuse(error);
  }
}
