package dev.kelvin.checker.app;

import dev.kelvin.checker.KeySpace;
import dev.kelvin.checker.Operation.Answered;
import dev.kelvin.checker.Operation.Result;
import dev.kelvin.checker.Request;
import dev.kelvin.checker.client.Endpoint;
import java.util.ArrayDeque;
import java.util.Deque;

/** A server in memory that does everything right, but for a fault. */
final class ModelServer implements Endpoint {
  /** States kept, the newest last. */
  private static final int KEPT = 100;

  /** What becomes of a request; {@link #carryOut} would be right. */
  interface Fault {
    Result answer(ModelServer server, Request request, int number);
  }

  private final Fault fault;
  private final Deque<KeySpace> states = new ArrayDeque<>();
  private int asked;

  ModelServer(Fault fault) {
    this.fault = fault;
    states.add(KeySpace.EMPTY);
  }

  @Override
  public synchronized Result ask(Request request, long deadlineMillis) {
    return fault.answer(this, request, ++asked);
  }

  Result carryOut(Request request) {
    return carryOut(states.getLast(), request);
  }

  /** A read as it would have been answered some while ago. */
  Result carryOutLate(Request.Range request) {
    return carryOut(states.getFirst(), request);
  }

  private Result carryOut(KeySpace state, Request request) {
    var effect =
        state.carryOut(
            request,
            _ -> {
              throw new IllegalArgumentException("only the newest revision is read");
            });
    if (effect.after() != state) {
      states.add(effect.after());
      if (states.size() > KEPT) {
        states.remove();
      }
    }
    return new Answered(effect.after().revision(), effect.answer());
  }

  synchronized long keys() {
    return states.getLast().carryOut(new Request.Range("", "~", 0, 0, false), _ -> null).answer()
            instanceof dev.kelvin.checker.Answer.Range range
        ? range.count()
        : -1;
  }
}
