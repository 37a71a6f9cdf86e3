package dev.kelvin.api;

import com.google.protobuf.MessageLite;
import dev.kelvin.store.Outcome;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** A request of the server's own, one step on the way of a client's. */
record Step<M extends MessageLite>(
    Executor lane, Class<M> answer, Consumer<M> next, Consumer<ApiError> refused)
    implements Exchange {
  @Override
  public boolean requiresLeader() {
    return false;
  }

  @Override
  public void done(Outcome outcome) {
    if (outcome instanceof Outcome.Done done) {
      next.accept(answer.cast(done.response()));
    } else {
      throw new IllegalStateException("not an answer of this step: " + outcome);
    }
  }

  @Override
  public void refuse(ApiError error) {
    refused.accept(error);
  }
}
