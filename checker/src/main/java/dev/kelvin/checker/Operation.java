package dev.kelvin.checker;

/**
 * One try of one client's request. Times only order; equal times count as overlapping.
 *
 * @param id unique in a history
 * @param client who asked, for people
 * @param called when it was sent
 * @param returned when its result was known; {@link Long#MAX_VALUE} while it is not
 */
public record Operation(
    int id, String client, long called, long returned, Request request, Result result) {

  /** What the client knows of its request in the end. */
  public sealed interface Result {}

  /**
   * Carried out.
   *
   * @param revision from the answer's header
   */
  public record Answered(long revision, Answer answer) implements Result {}

  /** The store refused, and nothing changed. */
  public record Rejected(Refusal error) implements Result {}

  /** Certainly not carried out, the node said. */
  public record NotDone(String why) implements Result {}

  /** Carried out once, at any time after the call, or never. */
  public record Unknown(String why) implements Result {}

  public boolean unknown() {
    return result instanceof Unknown;
  }

  /** Whether the answer must show everything acknowledged before the call. */
  public boolean linearizable() {
    return !(request instanceof Request.Range range && range.serializable());
  }

  @Override
  public String toString() {
    var outcome =
        switch (result) {
          case Answered(long revision, Answer answer) -> "revision " + revision + " " + answer;
          case Rejected(Refusal error) -> "refused: " + error;
          case NotDone(String why) -> "not done: " + why;
          case Unknown(String why) -> "unknown: " + why;
        };
    return "#%d %s [%d..%s] %s -> %s"
        .formatted(
            id,
            client,
            called,
            returned == Long.MAX_VALUE ? "" : Long.toString(returned),
            request,
            outcome);
  }
}
