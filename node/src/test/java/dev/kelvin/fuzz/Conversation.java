package dev.kelvin.fuzz;

/** What must come back while a session is sent: fed with what came, it says what is wrong. */
interface Conversation {
  /** What a client does, and a door, once all has been sent. */
  enum End {
    /** A probe at the end is answered as any, and the client leaves. */
    PROBE,
    /** The stream cannot be trusted any more: the door closes it, after a last answer. */
    BROKEN,
    /** Something is not whole: the client ends its direction, and the door closes the other. */
    PARTIAL,
    /** Whether it is whole, HTTP alone knows: as the one before, but the door may close sooner. */
    OPEN
  }

  End end();

  /** What is sent behind the frames; empty unless it ends in a probe. */
  byte[] probe();

  /**
   * Takes what came.
   *
   * @param bytes valid up to {@code length}
   */
  void feed(byte[] bytes, int length) throws Wrong;

  /** Whether all answers have come that must come. */
  boolean complete();

  /** Frames that are as they should be and were refused, for want of a leader or of room. */
  int refused();

  /** In a few words, for a report: how many answers came of how many. */
  String progress();
}
