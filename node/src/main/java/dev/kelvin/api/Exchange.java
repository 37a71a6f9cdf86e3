package dev.kelvin.api;

import dev.kelvin.store.Outcome;
import java.util.concurrent.Executor;

/**
 * One request under way at a door. It is answered exactly once, on its lane, by {@link #done} or
 * {@link #refuse}.
 */
public interface Exchange {
  /** Where the answer is to be given: serial, and not to be blocked. */
  Executor lane();

  /** Whether the client wants a refusal rather than an answer while nobody leads. */
  boolean requiresLeader();

  /**
   * For requests that may wait for long: runs an action on the lane if the client gives up before
   * the answer has left. A door that does not hear of it never does. At most one, named before the
   * handler returns.
   */
  default void whenAbandoned(Runnable action) {}

  /**
   * @param outcome anything but {@link Outcome.Failed}
   */
  void done(Outcome outcome);

  void refuse(ApiError error);
}
